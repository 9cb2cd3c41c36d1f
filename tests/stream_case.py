"""A `Stream` on a real connection, the peer's end of it, and the reactor's turns in between."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from tests.sockets import tcp_pair
from tests.tasks import run
from xvpproxy.gateway.dispatch import END, ERR, HUP, IN, OUT, Dispatch, open_dispatch
from xvpproxy.gateway.relay import Leg
from xvpproxy.gateway.stream import Stream
from xvpproxy.gateway.timers import Timers
from xvpproxy.wire.conversation import Conversation, Exactly, Send, TooLong

#: Events that an earlier socket with the same descriptor may have left behind.
STALE = (IN, OUT, ERR, HUP, END, IN | HUP, ERR | HUP, IN | OUT | ERR | HUP | END)


class Line:
    """A step that can fail: a line of at most 64 bytes."""

    def answer(self, buffer: bytearray) -> int:
        found = buffer.find(b"\r\n", 0, 64)
        if found < 0 and len(buffer) >= 64:
            raise TooLong
        return -1 if found < 0 else found + 2


def three_parts() -> Conversation[list[bytes]]:
    """A conversation that waits, speaks and waits."""
    line = yield Line()
    yield Send(b"go on")
    return [line, (yield Exactly(3))]


def the_next(count: int) -> Conversation[bytes]:
    """Wait for so many bytes."""
    return (yield Exactly(count))


class StreamCase(TestCase):
    """
    Attributes:
        dispatched_by: what the stream has its events from.
        left: gets a word whenever the peer has gone.
    """

    timeout = 20
    dispatched_by: Callable[[Any], Dispatch] = staticmethod(open_dispatch)

    def setUp(self) -> None:
        self.dispatch, self.timers = self.dispatched_by(reactor), Timers(reactor)
        self.addCleanup(self.dispatch.close)
        self.addCleanup(self.timers.close)
        self.left: list[str] = []
        ours, self.peer = tcp_pair()
        self.addCleanup(self.peer.close)
        self.stream = self.stream_on(ours)

    def stream_on(self, ours: socket.socket) -> Stream:
        stream = Stream(
            ours,
            dispatch=self.dispatch,
            timers=self.timers,
            gone=lambda: self.left.append("gone"),
        )
        self.addCleanup(stream.close)
        return stream

    def converse(self, talk: Conversation[Any]) -> Deferred[Any]:
        return run(self.stream.converse(talk))

    def detach(self) -> Leg:
        """What the relay gets of the stream."""
        leg = self.stream.detach()
        self.addCleanup(leg.socket.close)
        self.addCleanup(self.dispatch.remove, leg.socket.fileno())
        return leg

    async def turns(self, seconds: float = 0.05) -> None:
        await deferLater(reactor, seconds)

    async def until_gone(self) -> None:
        """Wait until the peer's leaving has been told, then some turns more: it is told once."""
        while not self.left:
            await self.turns(0.01)
        await self.turns()
