"""Asking several sources at once, with a clock that tests move."""

import gc
import weakref
from functools import partial

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.consoleauth.asking import SUSPECT_SECONDS, Question, Suspects, conclude, everyone, first_found
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.errors import StoreUnavailable


class Sources:
    """Questions whose answers the test gives."""

    def __init__(self) -> None:
        self.asked: dict[str, Deferred[object]] = {}
        self.cancelled: list[str] = []

    async def ask(self, name: str) -> object:
        self.asked[name] = Deferred(lambda _: self.cancelled.append(name))
        return await self.asked[name]


class FirstFound(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.sources = Clock(), Sources()

    def start(self, **patience: float | None) -> Deferred[list]:
        questions = [Question(partial(self.sources.ask, name), patience=value) for name, value in patience.items()]
        asking = Deferred.fromCoroutine(first_found(questions, self.clock))
        self.addCleanup(self.end, asking)
        return asking

    def end(self, asking: Deferred[list]) -> None:
        """Nothing is left for the garbage collector to end, in whichever thread it runs."""
        asking.addErrback(lambda failure: failure.trap(CancelledError))
        asking.cancel()

    def asked(self) -> list[str]:
        return list(self.sources.asked)

    def test_asks_the_next_one_after_a_miss(self) -> None:
        result = self.start(a=None, b=None)
        self.clock.advance(1000)
        self.assertEqual(self.asked(), ["a"])
        self.sources.asked["a"].callback(Absent.UNKNOWN)
        self.assertEqual(self.asked(), ["a", "b"])
        self.sources.asked["b"].callback("found")
        self.assertEqual(self.successResultOf(result), [Absent.UNKNOWN, "found"])

    def test_asks_the_next_one_when_patience_is_over(self) -> None:
        result = self.start(a=0.5, b=None, c=None)
        self.clock.advance(0.4)
        self.assertEqual(self.asked(), ["a"])
        self.clock.advance(0.2)
        self.assertEqual(self.asked(), ["a", "b"])
        self.sources.asked["a"].callback("late but good")
        self.assertEqual(self.successResultOf(result), ["late but good"])
        self.assertEqual(self.sources.cancelled, ["b"])

    def test_without_patience_all_are_asked_at_once(self) -> None:
        self.start(a=0, b=0, c=0)
        self.assertEqual(self.asked(), ["a", "b", "c"])

    def test_a_failure_is_an_answer_and_the_others_go_on(self) -> None:
        result = self.start(a=0, b=0)
        self.sources.asked["a"].errback(StoreUnavailable("down"))
        self.sources.asked["b"].callback(Absent.UNKNOWN)
        failure, absent = self.successResultOf(result)
        self.assertIsInstance(failure, Failure)
        self.assertIs(absent, Absent.UNKNOWN)

    def test_leaves_no_timer_behind(self) -> None:
        result = self.start(a=5, b=5)
        self.sources.asked["a"].callback("found")
        self.successResultOf(result)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_question_that_is_dropped_leaves_nothing_for_the_garbage_collector(self) -> None:
        result = self.start(a=0, b=None)
        gc.disable()
        self.addCleanup(gc.enable)
        dropped = weakref.ref(self.sources.asked["a"])
        self.sources.asked.pop("b").callback("found")
        self.assertEqual(self.successResultOf(result), ["found"])
        self.sources.asked.clear()
        self.assertIsNone(dropped())

    def test_cancelling_cancels_every_question(self) -> None:
        result = self.start(a=0, b=7)
        result.cancel()
        self.failureResultOf(result, CancelledError)
        self.assertEqual(self.sources.cancelled, ["a", "b"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nobody_to_ask_is_no_answer(self) -> None:
        self.assertEqual(self.successResultOf(self.start()), [])


class Everyone(SynchronousTestCase):
    def setUp(self) -> None:
        self.sources = Sources()
        asks = [partial(self.sources.ask, name) for name in "ab"]
        self.result = Deferred.fromCoroutine(everyone(asks))

    def test_has_all_answers_in_order(self) -> None:
        self.sources.asked["b"].callback(2)
        self.assertNoResult(self.result)
        self.sources.asked["a"].errback(StoreUnavailable("down"))
        failure, two = self.successResultOf(self.result)
        self.assertEqual(two, 2)
        failure.trap(StoreUnavailable)

    def test_is_cancelled_as_a_whole(self) -> None:
        self.result.cancel()
        self.failureResultOf(self.result, CancelledError)
        self.assertEqual(self.sources.cancelled, ["a", "b"])


class Lately(SynchronousTestCase):
    def test_who_has_failed_is_suspect_for_a_while(self) -> None:
        clock = Clock()
        suspects = Suspects(clock)
        self.assertNotIn("a", suspects)
        suspects.add("a")
        clock.advance(SUSPECT_SECONDS - 0.1)
        self.assertIn("a", suspects)
        self.assertNotIn("b", suspects)
        clock.advance(0.1)
        self.assertNotIn("a", suspects)


class Conclusions(SynchronousTestCase):
    down = Failure(StoreUnavailable("down"))
    corrupt = Failure(StoreUnavailable("bad", cause="store_corrupt"))
    bug = Failure(ZeroDivisionError())

    def test_a_find_counts_whatever_else_was_said(self) -> None:
        self.assertEqual(conclude([self.down, Absent.UNKNOWN, self.corrupt, "found"]), "found")

    def test_an_outage_is_never_a_miss(self) -> None:
        error = self.assertRaises(StoreUnavailable, conclude, [Absent.UNKNOWN, self.down, Absent.EXPIRED])
        self.assertEqual(error.cause, "store_unavailable")

    def test_an_unreadable_value_says_more_than_a_silence(self) -> None:
        error = self.assertRaises(StoreUnavailable, conclude, [self.down, self.corrupt])
        self.assertEqual(error.cause, "store_corrupt")

    def test_our_own_mistakes_are_not_hidden(self) -> None:
        self.assertRaises(ZeroDivisionError, conclude, [self.corrupt, self.bug])

    def test_the_most_telling_absence_is_given(self) -> None:
        self.assertIs(conclude([Absent.UNKNOWN, Absent.EXPIRED, Absent.NO_INSTANCE]), Absent.EXPIRED)
        self.assertIs(conclude([Absent.UNKNOWN, Absent.NO_INSTANCE]), Absent.NO_INSTANCE)
        self.assertIs(conclude([]), Absent.UNKNOWN)
        self.assertFalse(Absent.UNKNOWN)
