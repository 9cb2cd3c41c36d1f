"""The life of one viewer: every ending, one outcome, nothing left behind."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs
from twisted.trial.unittest import TestCase

from tests.sockets import in_thread, read_exactly, read_to_end, tcp_pair
from xvpproxy import errors
from xvpproxy.gateway.copying import CopyingRelay
from xvpproxy.gateway.relay import Leg, Relay, RelayTimeouts
from xvpproxy.gateway.session import Session, SessionState
from xvpproxy.gateway.shared import Gateway
from xvpproxy.gateway.watch import open_watch
from xvpproxy.model import ConnectInfo, Outcome, Token
from xvpproxy.sessions import Limits, Sessions

REQUEST = b"CONNECT /console?token=SECRET-1 HTTP/1.0\r\n\r\n"
PREAMBLE_SECONDS = 0.3


class Doors:
    """Consoleauth and upstream in one: each answers with what the test put there."""

    def __init__(self) -> None:
        self.checked: list[Token] = []
        self.dialled: list[ConnectInfo] = []
        self.checking: Callable[[], Coroutine[Any, Any, None]] | Exception | None = None
        self.connecting: Callable[[], Coroutine[Any, Any, None]] | Exception | None = None
        self.console_type = "xvpvnc"
        self.console: socket.socket

    async def check(self, token: Token) -> ConnectInfo:
        self.checked.append(token)
        await self._go(self.checking)
        return ConnectInfo(token, "the-instance", self.console_type, "192.0.2.1", 5900)

    async def connect(self, info: ConnectInfo) -> Leg:
        self.dialled.append(info)
        await self._go(self.connecting)
        ours, self.console = tcp_pair()
        return Leg(ours, b"RFB 003.008\n")

    async def _go(self, what: Callable[[], Coroutine[Any, Any, None]] | Exception | None) -> None:
        if isinstance(what, Exception):
            raise what
        if what is not None:
            await what()


class SessionCase(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.watch = open_watch(reactor)
        self.addCleanup(self.watch.close)
        self.doors = Doors()
        self.gateway = Gateway(
            reactor=reactor,
            watch=self.watch,
            sessions=Sessions(Limits(sessions=4, per_token=2, pending_per_address=3, descriptors=100)),
            consoleauth=self.doors,
            upstream=self.doors,
            start_relay=self.relay,
            relay_timeouts=RelayTimeouts(),
            preamble_timeout=PREAMBLE_SECONDS,
        )
        capture = capturedLogs()
        self.events = capture.__enter__()
        self.addCleanup(capture.__exit__, None, None, None)

    def relay(self, viewer: Leg, console: Leg, timeouts: RelayTimeouts) -> Relay:
        return CopyingRelay(viewer, console, timeouts, reactor=reactor, watch=self.watch)

    def accept(self) -> socket.socket:
        ours, viewer = tcp_pair()
        self.addCleanup(viewer.close)
        self.session = Session(ours, "127.0.0.1", self.gateway)
        return viewer

    async def settle(self) -> dict[str, Any]:
        """The one close event, once nothing of the session is left."""
        for _ in range(400):
            if not self.gateway.sessions.connections:
                break
            await deferLater(reactor, 0.01)
        self.assertEqual(self.gateway.sessions.descriptors, 0)
        self.assertEqual(self.gateway.sessions.holding, {})
        self.assertIs(self.session.state, SessionState.CLOSED)
        closed = [event for event in self.events if "outcome" in event]
        self.assertEqual(len(closed), 1, closed)
        self.assertNotIn("SECRET-1", repr(self.events))
        return closed[0]


class Served(SessionCase):
    async def test_gets_200_then_the_console_then_its_early_bytes_through(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST + b"RFB 003.008\n")
        expected = b"HTTP/1.1 200 OK\r\n\r\nRFB 003.008\n"
        self.assertEqual(await in_thread(read_exactly, viewer, len(expected)), expected)
        self.assertEqual(await in_thread(read_exactly, self.doors.console, 12), b"RFB 003.008\n")
        self.doors.console.close()
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        viewer.close()
        closed = await self.settle()
        self.assertEqual((closed["outcome"], closed["from_viewer"], closed["from_console"]), ("console_left", 12, 12))
        self.assertEqual(list(closed["phase_seconds"]), ["preamble", "checking", "connecting", "relaying"])
        self.assertEqual(self.doors.checked, [Token("SECRET-1")])

    async def test_is_logged_once_at_its_open_and_once_at_its_close(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, 31)
        viewer.close()
        await in_thread(read_to_end, self.doors.console)
        self.doors.console.close()
        await self.settle()
        said = [event["log_format"].split()[0] for event in self.events if event.get("session_id") == self.session.id]
        self.assertEqual(said, ["open", "closed"])

    async def test_ends_with_the_outcome_it_is_stopped_with(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, 31)
        self.session.stop(Outcome.CLOSED_BY_OPERATOR)
        self.session.stop(Outcome.SHUTDOWN)
        self.assertEqual((await self.settle())["outcome"], "closed_by_operator")
        self.assertEqual(await in_thread(read_to_end, viewer), b"")


class Refused(SessionCase):
    async def refusal(self, request: bytes = REQUEST) -> bytes:
        viewer = self.accept()
        viewer.sendall(request)
        reply = await in_thread(read_to_end, viewer)
        viewer.close()
        return reply

    async def test_every_error_reaches_the_viewer_as_its_status(self) -> None:
        for error in (
            errors.NotAuthorized(),
            errors.StoreUnavailable("the store's secret detail"),
            errors.InstanceNotFound(),
            errors.ConsoleUnavailable(),
            errors.UpstreamUnreachable(),
            errors.HandshakeFailed(),
            errors.UpstreamTimeout(),
        ):
            self.doors.connecting = error
            reply = await self.refusal()
            self.assertTrue(reply.startswith(f"HTTP/1.1 {error.status} {error.reason}\r\n".encode()), reply)
            self.assertNotIn(b"secret detail", reply)
            closed = await self.settle()
            self.assertEqual((closed["outcome"], closed["status"]), (error.outcome.value, error.status))
            self.events.clear()

    async def test_a_bad_token_is_refused_before_anything_is_dialled(self) -> None:
        self.doors.checking = errors.NotAuthorized()
        self.assertIn(b" 401 Not Authorized\r\n", await self.refusal())
        await self.settle()
        self.assertEqual(self.doors.dialled, [])

    async def test_a_token_for_another_kind_of_console_is_refused(self) -> None:
        self.doors.console_type = "spice-html5"
        reply = await self.refusal()
        self.assertIn(b" 400 Invalid Request\r\n", reply)
        self.assertIn(b"another kind of console", reply)
        self.assertEqual((await self.settle())["cause"], "console_type")

    async def test_a_fault_of_ours_is_500_with_its_traceback_in_the_log(self) -> None:
        self.doors.connecting = ZeroDivisionError("a slip")
        self.assertIn(b" 500 Internal Error\r\n", await self.refusal())
        self.assertEqual((await self.settle())["outcome"], "failed")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    async def test_more_sessions_than_the_token_may_have_are_429(self) -> None:
        viewers = [self.accept() for _ in range(2)]
        sessions = list(self.gateway.sessions.connections)
        for viewer in viewers:
            viewer.sendall(REQUEST)
            await in_thread(read_exactly, viewer, 31)
        reply = await self.refusal()
        self.assertIn(b" 429 Too Many Requests\r\n", reply)
        self.assertIn(b"\r\nRetry-After: ", reply)
        for session in sessions:
            session.stop(Outcome.SHUTDOWN)
        while self.gateway.sessions.connections:
            await deferLater(reactor, 0.01)

    async def test_more_pending_connections_than_an_address_may_have_are_429(self) -> None:
        waiting = [self.accept() for _ in range(3)]
        self.assertIn(b" 429 Too Many Requests\r\n", await self.refusal())
        for viewer in waiting:
            viewer.close()
        while self.gateway.sessions.connections:
            await deferLater(reactor, 0.01)
        self.assertEqual(len([event for event in self.events if event.get("status") == 429]), 1)

    async def test_a_draining_gateway_says_so(self) -> None:
        self.gateway.draining = True
        self.assertIn(b" 503 Shutting Down\r\n", await self.refusal())
        await self.settle()


class Silent(SessionCase):
    """Health checks and slow ones."""

    async def test_a_connection_without_a_byte_is_closed_without_one(self) -> None:
        viewer = self.accept()
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        closed = await self.settle()
        self.assertEqual((closed["outcome"], closed["log_level"].name), ("timed_out", "debug"))

    async def test_a_health_check_is_no_line_at_info(self) -> None:
        self.accept().close()
        closed = await self.settle()
        self.assertEqual((closed["outcome"], closed["log_level"].name), ("viewer_left", "debug"))

    async def test_a_request_that_is_not_complete_in_time_is_408(self) -> None:
        """The deadline does not move however steadily bytes come."""
        viewer = self.accept()
        began = reactor.seconds()
        for byte in REQUEST[:12]:
            viewer.sendall(bytes([byte]))
            await deferLater(reactor, PREAMBLE_SECONDS / 10)
        reply = await in_thread(read_to_end, viewer)
        self.assertTrue(reply.startswith(b"HTTP/1.1 408 Request Timeout\r\n"))
        self.assertLess(reactor.seconds() - began, PREAMBLE_SECONDS * 10)
        viewer.close()
        self.assertEqual((await self.settle())["outcome"], "timed_out")


class Leaving(SessionCase):
    """The viewer goes while the gateway is busy for it."""

    async def test_during_the_look_up_nothing_is_dialled(self) -> None:
        pending: Deferred[None] = Deferred()

        async def look_up() -> None:
            await pending

        self.doors.checking = look_up
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await deferLater(reactor, 0.05)
        viewer.close()
        self.assertEqual((await self.settle())["outcome"], "viewer_left")
        self.assertEqual(self.doors.dialled, [])

    async def test_in_the_turn_in_which_the_look_up_answers_nothing_is_dialled(self) -> None:
        async def look_up() -> None:
            self.session.stop(Outcome.VIEWER_LEFT)

        self.doors.checking = look_up
        viewer = self.accept()
        viewer.sendall(REQUEST)
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        self.assertEqual((await self.settle())["outcome"], "viewer_left")
        self.assertEqual(self.doors.dialled, [])

    async def test_during_the_dial_it_is_given_up(self) -> None:
        cancelled: list[bool] = []

        async def dial() -> None:
            await Deferred(lambda _: cancelled.append(True))

        self.doors.connecting = dial
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await deferLater(reactor, 0.05)
        viewer.shutdown(socket.SHUT_WR)
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        self.assertEqual((await self.settle())["outcome"], "viewer_left")
        self.assertEqual(cancelled, [True])

    async def test_in_the_turn_in_which_the_console_answers_the_console_is_closed(self) -> None:
        async def dial() -> None:
            self.session.stop(Outcome.VIEWER_LEFT)

        self.doors.connecting = dial
        viewer = self.accept()
        viewer.sendall(REQUEST)
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        self.assertEqual((await self.settle())["outcome"], "viewer_left")
        self.assertEqual(await in_thread(read_to_end, self.doors.console), b"")
