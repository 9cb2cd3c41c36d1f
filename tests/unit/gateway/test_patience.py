"""Timers that look at progress instead of being touched by it."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.gateway.patience import Patience


class Watching(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.over: list[str] = []
        self.patience = Patience(self.clock, self.over.append)
        self.progress: float | None = 0.0

    def arm(self, name: str = "stall") -> None:
        self.patience.arm(name, 10, lambda: self.progress)

    def test_ends_after_so_long_without_progress(self) -> None:
        self.arm()
        self.clock.advance(9)
        self.assertEqual(self.over, [])
        self.clock.advance(1)
        self.assertEqual(self.over, ["stall"])

    def test_counts_from_the_last_progress(self) -> None:
        self.arm()
        self.clock.advance(9)
        self.progress = 9.0
        self.clock.advance(9)
        self.assertEqual(self.over, [])
        self.clock.advance(1)
        self.assertEqual(self.over, ["stall"])

    def test_stops_watching_what_needs_it_no_more(self) -> None:
        self.arm()
        self.progress = None
        self.clock.advance(10)
        self.assertEqual((self.over, self.clock.getDelayedCalls()), ([], []))

    def test_arming_twice_is_one_timer(self) -> None:
        self.arm()
        self.arm()
        self.arm("close")
        self.assertEqual(len(self.clock.getDelayedCalls()), 2)

    def test_leaves_no_timer_behind(self) -> None:
        self.arm()
        self.arm("idle")
        self.patience.end()
        self.assertEqual(self.clock.getDelayedCalls(), [])
