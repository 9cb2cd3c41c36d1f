"""A coroutine that is stepped straight from the poll, and the limits of its time."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tests.tasks import begin, run
from xvpproxy.gateway.task import Interrupted, Source, Task, within
from xvpproxy.gateway.timers import Timers


class TaskCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.source = Source()
        self.said: list[str] = []

    def within(self, seconds: float, work: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
        return within(self.timers, seconds, work)

    async def hear(self, times: int = 1, word: str = "heard") -> str:
        """Wait for the source so many times."""
        for _ in range(times):
            await self.source.arrived()
        return word

    async def stubborn(self, cleaning: Deferred[None]) -> None:
        """Wait for something that, cancelled, takes until `cleaning` fires."""

        async def work() -> None:
            try:
                await Deferred()
            except CancelledError:
                self.said.append("cancelled")
                await cleaning

        await Deferred.fromCoroutine(work())


class Running(TaskCase):
    def test_begins_with_its_first_step_and_ends_without_a_wait(self) -> None:
        async def work() -> None:
            self.said.append("done")

        task = Task(work())
        self.assertEqual((self.said, task.ended), ([], False))
        task.step()
        self.assertEqual((self.said, task.ended), (["done"], True))

    def test_goes_on_with_each_event_of_its_source_and_none_after_its_end(self) -> None:
        result = run(self.hear(times=2))
        self.source.wake()
        self.assertNoResult(result)
        self.source.wake()
        self.assertEqual(self.successResultOf(result), "heard")
        self.source.wake()

    def test_an_event_that_nobody_waits_for_is_not_kept(self) -> None:
        """Whoever waits looks first at what there is."""
        self.source.wake()
        self.assertNoResult(run(self.hear()))

    def test_takes_results_and_failures_of_deferreds_at_once_and_later(self) -> None:
        later: Deferred[str] = Deferred()
        broken: Deferred[str] = Deferred()

        async def work() -> list[str]:
            heard = [await succeed("now"), await later]
            for bad in (fail(ZeroDivisionError("now")), broken):
                try:
                    await bad
                except ZeroDivisionError as error:
                    heard.append(str(error))
            return heard

        result = run(work())
        later.callback("later")
        self.assertNoResult(result)
        broken.errback(ZeroDivisionError("failed later"))
        self.assertEqual(self.successResultOf(result), ["now", "later", "now", "failed later"])

    def test_sources_and_deferreds_mix(self) -> None:
        later: Deferred[str] = Deferred()

        async def work() -> list[str]:
            return [await self.hear(), await later, await self.hear()]

        result = run(work())
        self.source.wake()
        self.source.wake()
        later.callback("fired")
        self.assertNoResult(result)
        self.source.wake()
        self.assertEqual(self.successResultOf(result), ["heard", "fired", "heard"])

    def test_what_it_does_not_catch_goes_to_whoever_stepped_it(self) -> None:
        async def work() -> None:
            await self.hear()
            raise ZeroDivisionError

        task = Task(work())
        task.step()
        self.assertRaises(ZeroDivisionError, self.source.wake)
        self.assertTrue(task.ended)
        task.interrupt(Interrupted())


class Interrupting(TaskCase):
    def test_while_it_waits_for_a_source(self) -> None:
        result = run(self.hear())
        result.cancel()
        self.failureResultOf(result, Interrupted)
        self.source.wake()

    def test_while_it_waits_for_a_deferred_which_is_cancelled(self) -> None:
        waited: Deferred[None] = Deferred(lambda _: self.said.append("cancelled"))

        async def work() -> None:
            await waited

        result = run(work())
        result.cancel()
        self.assertEqual(self.said, ["cancelled"])
        self.failureResultOf(result, Interrupted)

    def test_while_it_waits_for_a_deferred_that_ends_in_its_own_time(self) -> None:
        """What is cancelled may have to clean up first; what it comes to does not count any more."""
        for cleaned_up in (None, ZeroDivisionError()):
            cleaning: Deferred[None] = Deferred()
            task, result = begin(self.stubborn(cleaning))
            task.interrupt(Interrupted())
            self.assertNoResult(result)
            self.assertEqual(self.said.pop(), "cancelled")
            cleaning.errback(cleaned_up) if cleaned_up else cleaning.callback(None)
            self.failureResultOf(result, Interrupted)

    def test_while_it_runs_it_is_told_where_it_waits_next(self) -> None:
        in_time = lambda: self.within(1, self.hear())  # noqa: E731
        for waiting in (self.hear, Deferred, in_time, lambda: self.stubborn(succeed(None))):
            tasks: list[Task] = []

            async def work(waiting: Any = waiting, tasks: list[Task] = tasks) -> None:
                await self.hear()
                tasks[0].interrupt(Interrupted())
                self.said.append("ran on")
                try:
                    await waiting()
                except Interrupted:
                    self.said.append("interrupted")

            tasks.append(Task(work()))
            tasks[0].step()
            self.source.wake()
            self.assertTrue(tasks[0].ended)
            self.assertEqual((self.said[0], self.said[-1]), ("ran on", "interrupted"))
            self.said.clear()
        self.assertEqual((self.flushLoggedErrors(), self.flushWarnings()), ([], []))

    def test_who_catches_it_may_wait_again(self) -> None:
        async def work() -> str:
            try:
                await self.hear()
            except Interrupted:
                return await self.hear(word="afterwards")
            return "missed"

        task, result = begin(work())
        task.interrupt(Interrupted())
        self.assertNoResult(result)
        self.source.wake()
        self.assertEqual(self.successResultOf(result), "afterwards")


class Limits(TaskCase):
    def test_what_is_done_in_time_leaves_no_timer(self) -> None:
        result = run(self.within(1, self.hear()))
        self.source.wake()
        self.assertEqual(self.successResultOf(result), "heard")
        self.clock.advance(5)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_what_takes_longer_ends_with_its_time(self) -> None:
        for work in (self.hear(), self.stubborn(succeed(None))):
            result = run(self.within(1, work))
            self.clock.advance(0.9)
            self.assertNoResult(result)
            self.clock.advance(0.2)
            self.failureResultOf(result, TimeoutError)

    def test_its_time_does_not_begin_anew_with_what_happens(self) -> None:
        result = run(self.within(1, self.hear(times=100)))
        for _ in range(11):
            self.source.wake()
            self.clock.advance(0.1)
        self.failureResultOf(result, TimeoutError)

    def test_an_interruption_is_not_taken_for_the_end_of_its_time(self) -> None:
        result = run(self.within(1, self.hear()))
        result.cancel()
        self.failureResultOf(result, Interrupted)

    def test_an_error_of_the_work_stays_what_it_is(self) -> None:
        """Also one that a socket raises, which has the same name."""
        own = TimeoutError("of the work")

        async def work() -> None:
            await self.hear()
            raise own

        result = run(self.within(1, work()))
        self.source.wake()
        self.assertIs(self.failureResultOf(result, TimeoutError).value, own)
        self.clock.advance(5)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def twice(self, inner: float) -> str:
        """Try one thing within its limit, and then another one without."""
        try:
            return await self.within(inner, self.hear())
        except TimeoutError:
            return await self.hear(word="the second")

    def test_the_inner_limit_leaves_the_outer_one_running(self) -> None:
        result = run(self.within(3, self.twice(1)))
        self.clock.advance(2)
        self.assertNoResult(result)
        self.clock.advance(1)
        self.failureResultOf(result, TimeoutError)
        result = run(self.within(3, self.twice(1)))
        self.clock.advance(2)
        self.source.wake()
        self.assertEqual(self.successResultOf(result), "the second")

    def test_limits_of_the_same_length_end_both(self) -> None:
        result = run(self.within(1, self.twice(1)))
        self.clock.advance(1)
        self.failureResultOf(result, TimeoutError)
        self.source.wake()

    def test_limits_that_are_over_before_the_work_gives_way_end_both(self) -> None:
        """Whichever was over first: the inner one must not take the outer one's interruption for its own."""
        for inner in (1, 2, 3):
            cleaning: Deferred[None] = Deferred()

            async def work(inner: float = inner, cleaning: Deferred[None] = cleaning) -> None:
                try:
                    await self.within(inner, self.stubborn(cleaning))
                except TimeoutError:
                    await self.hear()

            result = run(self.within(2, work()))
            self.clock.pump([1] * 3)
            cleaning.called or cleaning.callback(None)
            self.failureResultOf(result, TimeoutError)

    def test_who_interrupts_what_is_over_already_is_heard(self) -> None:
        cleaning: Deferred[None] = Deferred()

        async def work() -> None:
            try:
                await self.within(1, self.stubborn(cleaning))
            except TimeoutError:
                await self.hear()

        task, result = begin(work())
        self.clock.advance(1)
        task.interrupt(Interrupted())
        self.failureResultOf(result, Interrupted)
