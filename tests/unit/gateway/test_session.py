"""The life of one viewer: every ending, one outcome, nothing left behind."""

from __future__ import annotations

import contextlib
import errno
import sys
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase

from tests.session_case import LET_IN, REQUEST, SessionCase
from tests.sockets import in_thread, read_exactly, read_to_end, tcp_pair
from xvpproxy.gateway import opening, session
from xvpproxy.gateway.copying import CopyingSide
from xvpproxy.gateway.dispatch import ReactorDispatch
from xvpproxy.gateway.session import Session, SessionState
from xvpproxy.gateway.splicing import SplicingSide
from xvpproxy.gateway.stream import READ_AHEAD_BYTES
from xvpproxy.model import Outcome, Token


class Served(SessionCase):
    async def test_gets_200_then_the_console_then_its_early_bytes_through(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST + b"RFB 003.008\n")
        self.assertEqual(await in_thread(read_exactly, viewer, len(LET_IN)), LET_IN)
        self.assertEqual(await in_thread(read_exactly, self.doors.console, 12), b"RFB 003.008\n")
        self.doors.console.close()
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        viewer.close()
        closed = await self.settle()
        self.assertEqual((closed["outcome"], closed["from_viewer"], closed["from_console"]), ("console_left", 12, 12))
        self.assertEqual(list(closed["phase_seconds"]), ["preamble", "checking", "connecting", "relaying"])
        self.assertEqual(self.doors.checked, [Token("SECRET-1")])

    async def test_all_that_came_early_reaches_the_console_with_the_200(self) -> None:
        """Also what was left with the kernel, of which nothing tells once more."""
        dialled: Deferred[None] = Deferred()
        self.doors.connecting = lambda: dialled
        viewer = self.accept()
        viewer.sendall(REQUEST)
        for size in (READ_AHEAD_BYTES - 1000, 1000, 10):
            viewer.sendall(b"x" * size)
            await deferLater(reactor, 0.05)
        dialled.callback(None)
        await deferLater(reactor, 0.05)
        await in_thread(read_exactly, self.doors.console, READ_AHEAD_BYTES + 10)
        viewer.close()
        self.doors.console.close()
        await self.settle()

    async def test_is_logged_once_at_its_open_and_once_at_its_close(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, len(LET_IN))
        viewer.close()
        await in_thread(read_to_end, self.doors.console)
        self.doors.console.close()
        await self.settle()
        said = [event["log_format"].split()[0] for event in self.events if event.get("session_id") == self.session.id]
        self.assertEqual(said, ["open", "closed"])

    async def test_ends_with_the_outcome_it_is_stopped_with(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, len(LET_IN))
        self.session.stop(Outcome.CLOSED_BY_OPERATOR)
        self.session.stop(Outcome.SHUTDOWN)
        self.assertEqual((await self.settle())["outcome"], "closed_by_operator")
        self.assertEqual(await in_thread(read_to_end, viewer), b"")

    async def test_says_how_far_it_is(self) -> None:
        steps: list[Deferred[None]] = [Deferred(), Deferred()]
        states: list[SessionState] = []

        async def next_step() -> None:
            states.append(self.session.state)
            await steps[len(states) - 2]

        self.doors.checking = self.doors.connecting = next_step
        viewer = self.accept()
        states.append(self.session.state)
        viewer.sendall(REQUEST)
        for step in steps:
            await deferLater(reactor, 0.05)
            step.callback(None)
        await in_thread(read_exactly, viewer, len(LET_IN))
        states.append(self.session.state)
        viewer.close()
        await in_thread(read_to_end, self.doors.console)
        self.doors.console.close()
        closed = await self.settle()
        phases = ["preamble", "checking", "connecting", "relaying"]
        self.assertEqual([state.value for state in states], phases)
        self.assertGreaterEqual(closed["phase_seconds"]["checking"], 0.04)
        self.assertGreaterEqual(closed["phase_seconds"]["connecting"], 0.04)
        self.assertGreaterEqual(closed["seconds"] + 0.001, sum(closed["phase_seconds"].values()))

    async def test_has_a_word_of_its_own(self) -> None:
        words = set()
        for _ in range(3):
            self.accept().close()
            words.add(self.session.id)
            await self.settle()
            self.events.clear()
        self.assertEqual(len(words), 3)
        for word in words:
            self.assertRegex(word, "^[0-9a-f]{8}$")

    async def test_nothing_of_its_way_to_the_console_is_kept(self) -> None:
        viewer = self.accept()
        self.assertIsNotNone(self.session._opening)
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, len(LET_IN))
        self.assertIsNone(self.session._opening)
        self.session.stop(Outcome.SHUTDOWN)
        await self.settle()

    async def test_one_that_cannot_be_watched_leaves_nothing_behind(self) -> None:
        def no_memory(*_args: object, **_how: object) -> None:
            raise OSError(errno.ENOMEM, "no memory")

        self.patch(self.gateway.dispatch, "add", no_memory)
        ours, viewer = tcp_pair()
        self.addCleanup(viewer.close)
        with self.assertRaises(OSError):
            Session(ours, "127.0.0.1", self.gateway)
        self.assertEqual((self.gateway.sessions.descriptors, self.gateway.sessions.crowded("127.0.0.1")), (0, False))
        self.assertEqual(self.gateway.sessions._pending, {})
        self.assertEqual(await in_thread(read_to_end, viewer), b"")

    async def test_one_that_cannot_be_led_on_leaves_its_descriptor_to_the_next(self) -> None:
        def no_memory(work: Coroutine[Any, Any, None]) -> None:
            work.close()
            raise MemoryError

        patched = self.patch(opening, "Task", no_memory)
        ours, left = tcp_pair()
        self.addCleanup(left.close)
        self.assertRaises(MemoryError, Session, ours, "127.0.0.1", self.gateway)
        patched.restore()
        viewer = self.accept()
        viewer.sendall(REQUEST)
        self.assertEqual(await in_thread(read_exactly, viewer, len(LET_IN)), LET_IN)
        self.session.stop(Outcome.SHUTDOWN)
        await self.settle()

    async def test_one_whose_relay_cannot_start_is_our_fault_and_leaves_nothing_behind(self) -> None:
        for part in ("__init__", "meet", "begin"):
            for which in (1, 2):
                await self.relay_cannot_start(part, which)
        viewer = self.accept()  # on descriptors that have been used
        viewer.sendall(REQUEST)
        self.assertEqual(await in_thread(read_exactly, viewer, len(LET_IN)), LET_IN)
        self.session.stop(Outcome.SHUTDOWN)
        self.events.clear()

    async def relay_cannot_start(self, part: str, which: int) -> None:
        """Let the first or the second side fail there, behind what it does."""
        calls = count(1)

        def fails(usual: Callable[..., None]) -> Callable[..., None]:
            def fail(side: object, *args: object) -> None:
                usual(side, *args)
                if next(calls) == which:
                    raise MemoryError

            return fail

        patched = [self.patch(kind, part, fails(getattr(kind, part))) for kind in (SplicingSide, CopyingSide)]
        viewer = self.accept()
        viewer.sendall(REQUEST)
        self.assertEqual((await self.settle())["outcome"], "failed")
        self.assertEqual(await in_thread(read_to_end, self.doors.console), b"")
        with contextlib.suppress(ConnectionResetError):
            await in_thread(read_to_end, viewer)
        await deferLater(reactor, 0.02)
        self.assertEqual([each for each in self.events if "outcome" in each][1:], [])
        self.assertEqual(len(self.flushLoggedErrors(MemoryError)), 1)
        self.assertEqual([queue for queue in self.gateway.timers._queues.values() if queue], [])
        self.events.clear()
        for each in patched:
            each.restore()


class Portable(Served):
    """The same with the reactor's own readers and writers."""

    dispatched_by = ReactorDispatch


class Idle(SessionCase):
    async def test_ends_once_two_looks_so_far_apart_find_nothing_moved(self) -> None:
        viewer = self.accept()
        self.session.look(0.0, 10.0)
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, len(LET_IN))
        self.session.look(100.0, 10.0)
        self.session.look(109.9, 10.0)
        for peer, other, now in ((viewer, self.doors.console, 110.0), (self.doors.console, viewer, 120.0)):
            peer.sendall(b"x")
            self.assertEqual(await in_thread(read_exactly, other, 1), b"x")
            self.session.look(now, 10.0)
            self.session.look(now + 9.9, 10.0)
            self.assertIs(self.session.state, SessionState.RELAYING)
        self.session.look(130.0, 10.0)
        self.assertEqual((await self.settle())["outcome"], "idle")
        self.session.look(200.0, 10.0)

    async def test_before_its_relay_it_is_never_idle(self) -> None:
        """The limits of time on the way there are others."""
        viewer = self.accept()
        for now in (0.0, 100.0):
            self.session.look(now, 10.0)
        self.assertIs(self.session.state, SessionState.PREAMBLE)
        viewer.close()
        await self.settle()


class WhatSessionsShare(SynchronousTestCase):
    """Anybody can send a new token, and its fingerprint must not stay."""

    def test_is_freed_with_the_last_of_them(self) -> None:
        kept = session._shared(f"{self.id()}, a new one")
        self.assertLess(sys.getrefcount(kept), 100)

    def test_is_not_interned_where_that_is_for_ever(self) -> None:
        for references, for_ever in ((3, False), (1 << 32, True), ((1 << 30) - 1, True)):
            self.patch(sys, "getrefcount", lambda _text, references=references: references)
            self.assertEqual(session._interned_for_ever(), for_ever)
