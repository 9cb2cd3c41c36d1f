"""A stream that has to become connected first."""

from __future__ import annotations

import errno
import select
import socket

from twisted.internet.defer import CancelledError

from tests.sockets import in_thread
from tests.stream_case import STALE, StreamCase, the_next, three_parts
from tests.tasks import run
from xvpproxy.gateway.dialling import Dialling
from xvpproxy.gateway.dispatch import ReactorDispatch
from xvpproxy.wire.conversation import Ended


class Connecting(StreamCase):
    async def connecting(self, port: int) -> int:
        ours = socket.socket()
        ours.setblocking(False)
        self.assertEqual(ours.connect_ex(("127.0.0.1", port)), errno.EINPROGRESS)
        self.stream = self.dialling_on(ours)
        return await run(self.stream.connected())

    def dialling_on(self, ours: socket.socket) -> Dialling:
        stream = Dialling(ours, dispatch=self.dispatch, timers=self.timers, connecting=True, place="a place")
        self.addCleanup(stream.close)
        return stream

    async def test_a_connection_that_is_made_can_be_talked_on(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.assertEqual(await self.connecting(server.getsockname()[1]), 0)
            self.peer, _address = server.accept()
        self.addCleanup(self.peer.close)
        self.peer.sendall(b"a line\r\nxyz")
        self.assertEqual(await self.converse(three_parts()), [b"a line\r\n", b"xyz"])
        self.assertEqual(self.detach().place, "a place")

    async def test_what_the_server_said_at_once_is_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            speaking = in_thread(self._accept_and_say, server, b"abc")
            self.assertEqual(await self.connecting(server.getsockname()[1]), 0)
            await speaking
            self.assertEqual(await self.converse(the_next(3)), b"abc")
            with self.assertRaises(Ended):
                await self.converse(the_next(1))

    async def test_a_connection_that_is_refused_later_says_why(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        self.assertEqual(await self.connecting(port), errno.ECONNREFUSED)

    async def test_events_without_a_reason_are_no_connection(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
            stream = self.dialling_on(self._waiting_for(server))
            result = run(stream.connected())
            for events in STALE:
                stream.on(events)
            self.assertFalse(result.called)
            result.cancel()
            with self.assertRaises(CancelledError):
                await result

    def _waiting_for(self, server: socket.socket) -> socket.socket:
        """A socket that connects for as long as nobody accepts."""
        while True:
            ours = socket.socket()
            self.addCleanup(ours.close)
            ours.setblocking(False)
            ours.connect_ex(server.getsockname())
            if not select.select([], [ours], [], 0.1)[1]:
                return ours

    def _accept_and_say(self, server: socket.socket, words: bytes) -> None:
        peer, _address = server.accept()
        peer.sendall(words)
        peer.close()


class PortableConnecting(Connecting):
    dispatched_by = ReactorDispatch
