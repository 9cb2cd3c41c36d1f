from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.api import rate
from xvpproxy.api.messages import Fault


class RateLimitTest(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()

    def limit(self, per_second=2.0, burst=4):
        return rate.RateLimit(self.clock, per_second=per_second, burst=burst)

    def admitted(self, limit, key, tries):
        count = 0
        for _ in range(tries):
            try:
                limit.check(key)
            except Fault as fault:
                self.assertEqual(fault.status, 429)
                continue
            limit.spend(key)
            count += 1
        return count

    def test_a_burst_and_then_so_many_a_second(self):
        limit = self.limit()
        self.assertEqual(self.admitted(limit, "a", 10), 4)
        self.clock.advance(1)
        self.assertEqual(self.admitted(limit, "a", 10), 2)
        self.clock.advance(100)
        self.assertEqual(self.admitted(limit, "a", 10), 4)

    def test_one_caller_does_not_hold_up_another(self):
        limit = self.limit()
        self.assertEqual([self.admitted(limit, key, 10) for key in "ab"], [4, 4])

    def test_says_when_to_try_again(self):
        limit = self.limit(per_second=0.25, burst=1)
        limit.spend("a")
        with self.assertRaises(Fault) as caught:
            limit.check("a")
        self.assertEqual(caught.exception.headers, {"Retry-After": "4"})
        self.clock.advance(4)
        limit.check("a")

    def test_zero_is_no_limit(self):
        self.assertEqual(self.admitted(self.limit(per_second=0, burst=1), "a", 1000), 1000)

    def test_remembers_a_bounded_number_of_callers(self):
        self.patch(rate, "_REMEMBERED", 10)
        limit = self.limit()
        for number in range(100):
            limit.spend(str(number))
        self.assertEqual(len(limit._left), 10)
        self.assertEqual((limit.left("99"), limit.left("0")), (3, 4))
