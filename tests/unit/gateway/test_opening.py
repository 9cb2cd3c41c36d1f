"""The way to the console: what a viewer is told that does not get there, and who is let go on the way."""

from __future__ import annotations

import socket

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from tests.session_case import LET_IN, PREAMBLE_SECONDS, REQUEST, SessionCase
from tests.sockets import in_thread, read_exactly, read_to_end, tcp_pair, write_and_end
from xvpproxy import errors
from xvpproxy.gateway.dispatch import ReactorDispatch
from xvpproxy.gateway.session import Session
from xvpproxy.model import Outcome


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

    async def test_an_error_that_comes_later_is_the_same(self) -> None:
        async def fail() -> None:
            failing: Deferred[None] = Deferred()
            reactor.callLater(0.02, failing.errback, errors.StoreUnavailable())
            await failing

        self.doors.checking = fail
        self.assertIn(b" 503 Token Store Unavailable\r\n", await self.refusal())
        await self.settle()

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
            await in_thread(read_exactly, viewer, len(LET_IN))
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


class InPieces(SessionCase):
    """However a request comes, it is the same."""

    async def let_in(self, *pieces: bytes) -> None:
        viewer = self.accept()
        for piece in pieces:
            viewer.sendall(piece)
            await deferLater(reactor, 0.002)
        self.assertEqual(await in_thread(read_exactly, viewer, len(LET_IN)), LET_IN)
        self.session.stop(Outcome.SHUTDOWN)
        await self.settle()
        self.events.clear()

    async def test_in_two(self) -> None:
        for cut in (1, 7, 8, len(REQUEST) // 2, len(REQUEST) - 3, len(REQUEST) - 1):
            await self.let_in(REQUEST[:cut], REQUEST[cut:])

    async def test_one_byte_at_a_time(self) -> None:
        self.gateway.preamble_timeout = 20.0
        await self.let_in(*[bytes([byte]) for byte in REQUEST])

    async def test_what_has_come_before_it_is_accepted_is_served_all_the_same(self) -> None:
        endings = {REQUEST: "viewer_left", REQUEST[:9]: "viewer_left", b"": "viewer_left", b"x": "refused"}
        for said, outcome in endings.items():
            ours, viewer = tcp_pair()
            self.addCleanup(viewer.close)
            write_and_end(viewer, said)
            self.session = Session(ours, "127.0.0.1", self.gateway)
            reading = in_thread(read_to_end, viewer)
            if said == REQUEST:
                self.assertEqual(await in_thread(read_to_end, self.doors.console), b"")
                self.doors.console.close()
            await reading
            viewer.close()
            self.assertEqual((await self.settle())["outcome"], outcome)
            self.events.clear()

    async def test_a_half_is_not_let_in(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST[:-1])
        reply = await in_thread(read_to_end, viewer)
        self.assertTrue(reply.startswith(b"HTTP/1.1 408 "), reply)
        viewer.close()
        await self.settle()
        self.assertEqual(self.doors.checked, [])

    async def test_a_half_and_the_end_is_a_viewer_that_left(self) -> None:
        viewer = self.accept()
        write_and_end(viewer, REQUEST[:-1])
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        self.assertEqual((await self.settle())["outcome"], "viewer_left")
        self.assertEqual(self.doors.checked, [])

    async def test_the_whole_and_the_end_is_a_viewer_that_left(self) -> None:
        """One that ends its direction behind the request may be gone; a console that is there already hears of it."""
        viewer = self.accept()
        write_and_end(viewer, REQUEST)
        reading = in_thread(read_to_end, viewer)
        while not self.doors.dialled:
            await deferLater(reactor, 0.01)
        self.assertEqual(await in_thread(read_to_end, self.doors.console), b"")
        self.doors.console.close()
        self.assertEqual(await reading, LET_IN)
        self.assertEqual((await self.settle())["outcome"], "viewer_left")

    async def test_the_whole_and_the_end_before_the_token_is_known_dials_nothing(self) -> None:
        async def look_up() -> None:
            await Deferred()

        self.doors.checking = look_up
        viewer = self.accept()
        write_and_end(viewer, REQUEST)
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        self.assertEqual((await self.settle())["outcome"], "viewer_left")
        self.assertEqual(self.doors.dialled, [])


class PortableInPieces(InPieces):
    """The same with the reactor's own readers and writers."""

    dispatched_by = ReactorDispatch


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
