"""Many timers of few lengths."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.gateway.timers import Timers


class Owner:
    def __init__(self, expired: Callable[[], None]) -> None:
        self.expired = expired


class Running(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.over: list[str] = []

    def owner(self, name: str) -> Owner:
        return Owner(lambda: self.over.append(f"{name} at {self.clock.seconds():g}"))

    def test_each_runs_out_in_its_own_time(self) -> None:
        one, two = self.owner("one"), self.owner("two")
        self.timers.start(10, one)
        self.clock.advance(3)
        self.timers.start(10, two)
        self.timers.start(5, two)
        self.clock.pump([1] * 12)
        self.assertEqual(self.over, ["two at 8", "one at 10", "two at 13"])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_that_is_stopped_does_not_run_out(self) -> None:
        one, two = self.owner("one"), self.owner("two")
        for owner in (one, two):
            self.timers.start(10, owner)
        self.timers.stop(10, one)
        self.timers.stop(10, one)
        self.timers.stop(99, two)
        self.clock.pump([1] * 12)
        self.assertEqual(self.over, ["two at 10"])

    def test_starting_again_counts_from_then(self) -> None:
        one, two = self.owner("one"), self.owner("two")
        self.timers.start(10, one)
        self.timers.start(10, two)
        self.clock.advance(6)
        self.timers.start(10, one)
        self.clock.pump([1] * 12)
        self.assertEqual(self.over, ["two at 10", "one at 16"])

    def test_ten_thousand_are_one_call_of_the_reactor(self) -> None:
        owners = [self.owner(str(number)) for number in range(10_000)]
        for owner in owners:
            self.timers.start(10, owner)
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        for owner in owners:
            self.timers.stop(10, owner)
        self.clock.advance(10)
        self.assertEqual((self.over, self.clock.getDelayedCalls()), ([], []))

    def test_one_that_runs_out_may_start_and_stop_others_and_itself(self) -> None:
        other = self.owner("other")
        again = Owner(lambda: (self.timers.stop(10, other), self.timers.start(10, again), self.over.append("again")))
        self.timers.start(10, again)
        self.timers.start(10, other)
        self.clock.pump([1] * 25)
        self.assertEqual(self.over, ["again", "again"])
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)

    def test_a_fault_in_one_leaves_the_others(self) -> None:
        self.timers.start(10, Owner(lambda: 1 // 0))
        self.timers.start(10, self.owner("whole"))
        self.clock.advance(10)
        self.assertEqual(self.over, ["whole at 10"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_closing_stops_all_also_from_within(self) -> None:
        self.timers.start(5, Owner(self.timers.close))
        self.timers.start(5, self.owner("late"))
        self.timers.start(7, self.owner("later"))
        self.clock.pump([1] * 10)
        self.assertEqual((self.over, self.clock.getDelayedCalls()), ([], []))
