"""The last words reach a peer; it gets no more of our time than that takes."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from tests.sockets import fill, in_thread, read_to_end, reset
from tests.stream_case import STALE, StreamCase
from xvpproxy.gateway.dispatch import ReactorDispatch
from xvpproxy.gateway.farewell import Farewell


class Farewells(StreamCase):
    def finish(self, patience: float = 10.0) -> Farewell:
        """The stream's farewell; `closed` fires at its end, and fails if it is told twice."""
        self.closed: Deferred[None] = Deferred()
        return self.stream.finish(patience=patience, done=lambda: self.closed.callback(None))

    async def test_a_reply_reaches_a_peer_whose_bytes_nobody_read(self) -> None:
        """Closing at once would reset the connection under the reply."""
        self.peer.sendall(b"x" * 500_000)
        self.stream.send(b"the reply")
        self.finish()
        self.assertEqual(await in_thread(read_to_end, self.peer), b"the reply")
        self.peer.close()
        await self.closed

    async def test_a_long_reply_to_a_slow_peer_goes_out_whole(self) -> None:
        said = bytes(range(256)) * 20_000
        self.stream.send(said)
        self.finish()
        await self.turns()
        self.assertEqual(await in_thread(read_to_end, self.peer), said)
        self.peer.close()
        await self.closed

    async def test_a_peer_that_never_ends_is_closed_when_patience_is_over(self) -> None:
        self.finish(patience=0.1)
        await self.closed
        self.assertEqual(await in_thread(read_to_end, self.peer), b"")

    async def test_a_peer_that_talks_on_and_on_is_closed(self) -> None:
        self.finish()
        await in_thread(fill, self.peer)
        await self.closed

    async def test_a_peer_that_resets_the_connection_is_closed(self) -> None:
        self.stream.send(b"the reply")
        self.finish()
        reset(self.peer)
        await self.closed

    async def test_closing_it_twice_is_told_once(self) -> None:
        farewell = self.finish()
        farewell.close()
        farewell.close()
        await self.closed
        await self.turns()

    async def test_events_without_a_reason_end_nothing(self) -> None:
        self.stream.send(b"the reply")
        farewell = self.finish()
        for events in STALE:
            farewell.on(events)
        await self.turns()
        self.assertFalse(self.closed.called)
        self.assertEqual(await in_thread(read_to_end, self.peer), b"the reply")
        self.peer.close()
        await self.closed


class PortableFarewells(Farewells):
    """The same with the reactor's own readers and writers."""

    dispatched_by = ReactorDispatch
