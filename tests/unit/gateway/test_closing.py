"""The time of a relay one of whose sides has ended."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.gateway.closing import Closing
from xvpproxy.gateway.timers import Timers

SECONDS = 8.0


class Relay:
    """What of a relay is asked."""

    def __init__(self) -> None:
        self.over = False
        self.progress = 5
        self.expirations = 0

    def expired(self) -> None:
        self.expirations += 1
        self.over = True


class Closings(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.relay = Relay()
        Closing(self.relay, SECONDS, Timers(self.clock))

    def test_without_progress_it_is_told_once_its_time_is_over(self) -> None:
        self.clock.pump([0.5] * 15)
        self.assertEqual(self.relay.expirations, 0)
        self.clock.advance(0.5)
        self.assertEqual(self.relay.expirations, 1)
        self.clock.pump([0.5] * 100)
        self.assertEqual((self.relay.expirations, self.clock.getDelayedCalls()), (1, []))

    def test_a_byte_now_and_then_keeps_it_going(self) -> None:
        for _ in range(20):
            self.clock.pump([0.5] * 15)
            self.relay.progress += 1
            self.clock.advance(0.5)
        self.assertEqual(self.relay.expirations, 0)

    def test_after_its_last_byte_it_has_its_time_and_at_most_a_quarter_more(self) -> None:
        for after in (0.125, 1.875, 2.125, 5.0, 7.875):
            self.setUp()
            self.clock.pump([0.125] * int(after * 8))
            self.relay.progress += 1
            waited = 0.0
            while not self.relay.over and waited < 2 * SECONDS:
                self.clock.advance(0.125)
                waited += 0.125
            self.assertGreaterEqual(waited, SECONDS, after)
            self.assertLessEqual(waited, SECONDS * 1.25, after)

    def test_a_relay_that_is_over_is_told_nothing_and_leaves_no_timer(self) -> None:
        self.clock.advance(1)
        self.relay.over = True
        self.clock.pump([1] * 20)
        self.assertEqual((self.relay.expirations, self.clock.getDelayedCalls()), (0, []))
