"""Whether a worker still comes round."""

from __future__ import annotations

import os
import signal

from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.pulse import _MISSED_LOOKS, LOOK_SECONDS, WHERE_ARE_YOU, Pulse


class PulseTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.pulse, self.clock = Pulse(), Clock()
        self.killed: list[tuple[int, int]] = []
        self.patch(os, "kill", lambda pid, number: self.killed.append((pid, number)))

    def check(self, times: int = 1) -> list[str]:
        """What is said of it."""
        with capturedLogs() as events:
            for _ in range(times):
                self.pulse.check(3, 4711)
        return [event["log_format"].format(**event) for event in events]

    def test_who_beats_is_left_alone(self) -> None:
        self.pulse.beat(self.clock)
        for _ in range(3 * _MISSED_LOOKS):
            self.assertEqual(self.check(), [])
            self.clock.pump([1.0] * int(LOOK_SECONDS))
        self.assertEqual(self.killed, [])

    def test_who_beats_no_more_is_asked_where_it_is_and_killed_a_look_later(self) -> None:
        self.pulse.beat(self.clock)
        self.assertEqual(self.check(_MISSED_LOOKS), [])
        self.assertEqual(self.check(), ["worker 3 (pid 4711) has hung for 60 s: it is killed"])
        self.assertEqual(self.killed, [(4711, WHERE_ARE_YOU)])
        self.assertEqual(self.check(), [])
        self.assertEqual(self.killed[1:], [(4711, signal.SIGKILL)])

    def test_who_beats_again_has_all_looks_before_it_again(self) -> None:
        self.pulse.beat(self.clock)
        for _ in range(3):
            self.assertEqual(self.check(_MISSED_LOOKS), [])
            self.clock.advance(1.0)
        self.assertEqual(self.killed, [])

    def test_the_next_worker_has_all_looks_before_it(self) -> None:
        self.pulse.beat(self.clock)
        self.check(_MISSED_LOOKS + 2)
        self.killed.clear()
        self.pulse.beat(Clock())
        self.assertEqual(self.check(_MISSED_LOOKS), [])
        self.assertEqual(self.killed, [])

    def test_the_parent_sees_a_workers(self) -> None:
        self.pulse.beat(self.clock)
        self.check(_MISSED_LOOKS)
        child = os.fork()
        if not child:
            self.pulse.beat(self.clock)
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual((self.check(), self.killed), ([], []))
