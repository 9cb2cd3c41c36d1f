"""All sessions are looked at now and then, as long as there is a limit."""

from __future__ import annotations

from types import SimpleNamespace

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.gateway.idleness import IdleSweep


class Session:
    """Notes when it is looked at, and with which limit."""

    def __init__(self) -> None:
        self.looks: list[tuple[float, float]] = []

    def look(self, now: float, idle_timeout: float) -> None:
        self.looks.append((now, idle_timeout))


class Sweeps(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.sessions = [Session(), Session()]
        registry = SimpleNamespace(connections=dict.fromkeys(self.sessions, 1))
        self.gateway = SimpleNamespace(reactor=self.clock, sessions=registry, idle_timeout=0.0)
        self.sweep = IdleSweep(self.gateway)
        self.addCleanup(self.sweep.close)

    def pauses(self, seconds: float) -> list[float]:
        """The pauses between the looks of so much time; each session is looked at each time."""
        for session in self.sessions:
            session.looks.clear()
        began = self.clock.seconds()
        self.clock.pump([0.25] * int(seconds * 4))
        looks = [now for now, _ in self.sessions[0].looks]
        self.assertEqual(self.sessions[0].looks, self.sessions[1].looks)
        return [end - begin for begin, end in zip([began, *looks], looks, strict=False)]

    def test_without_a_limit_there_are_none(self) -> None:
        self.sweep.start()
        self.assertEqual((self.pauses(1000), self.clock.getDelayedCalls()), ([], []))

    def test_they_come_often_enough_for_the_limit(self) -> None:
        for limit, most in ((16.0, 1.0), (160.0, 10.0), (86_400.0, 15.0)):
            self.gateway.idle_timeout = limit
            self.sweep.start()
            pauses = self.pauses(60)
            self.assertGreaterEqual(len(pauses), 60 / most - 1)
            self.assertLessEqual(max(pauses), most + 0.25)
            self.assertEqual({limit for _, limit in self.sessions[0].looks}, {limit})

    def test_a_limit_that_has_changed_counts_at_once(self) -> None:
        self.gateway.idle_timeout = 86_400.0
        self.sweep.start()
        self.clock.advance(1)
        self.gateway.idle_timeout = 16.0
        self.sweep.start()
        self.assertEqual(self.pauses(3), [1.0, 1.0, 1.0])
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.gateway.idle_timeout = 0.0
        self.sweep.start()
        self.assertEqual((self.pauses(100), self.clock.getDelayedCalls()), ([], []))

    def test_a_session_that_ends_while_it_is_looked_at_disturbs_nobody(self) -> None:
        connections = self.gateway.sessions.connections
        self.sessions[0].look = lambda *_: connections.pop(self.sessions[0], None)
        self.gateway.idle_timeout = 16.0
        self.sweep.start()
        self.clock.pump([1.0] * 3)
        self.assertEqual(len(self.sessions[1].looks), 3)

    def test_closing_leaves_no_timer(self) -> None:
        self.gateway.idle_timeout = 16.0
        self.sweep.start()
        self.sweep.close()
        self.sweep.close()
        self.assertEqual(self.clock.getDelayedCalls(), [])
