"""A connected socket that can hold a conversation.

The stream reads ahead, within a bound, as long as it lives: so it notices when
the peer leaves while we are busy elsewhere (`gone`).  `converse` drives a pure
conversation over it; `detach` hands socket, TLS state and the bytes that nobody
asked for to the relay.
"""

from __future__ import annotations

from collections.abc import Callable
from socket import socket
from ssl import SSLContext
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.interfaces import IReadWriteDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from xvpproxy.wire.conversation import Conversation, Ended, Exactly, Rest, Send, Step, Through, TooLong

from .channel import Channel, TLSFailed
from .farewell import Farewell
from .reactor import SocketReactor
from .relay import Leg
from .watch import Watch

R = TypeVar("R")

#: Reading ahead stops here: what a viewer sends before it is let in stays with the kernel beyond that.
READ_AHEAD_BYTES = 65536


@implementer(IReadWriteDescriptor)
class Stream:
    """A socket in the hands of the gateway, before the relay.

    Args:
        connected: a non-blocking socket; the stream owns it until `detach`.
        gone: called once when the peer has ended or the connection broke.
    """

    def __init__(self, connected: socket, *, reactor: SocketReactor, watch: Watch, gone: Callable[[], None]) -> None:
        self._channel = Channel(connected)
        self._fd = connected.fileno()
        self._reactor = reactor
        self._watch = watch
        self._gone = gone
        self._buffer = bytearray()
        self._wanted = 0
        self._ended = False
        self._closed = False
        self._shaking = False
        self._paused = False
        self._arrival: Deferred[None] | None = None
        reactor.addReader(self)

    # What its owner does

    async def converse(self, talk: Conversation[R]) -> R:
        """Drive `talk` to its result, or to the error it raises."""
        try:
            step = next(talk)
            while True:
                try:
                    answer = await self._perform(step)
                except (Ended, TooLong) as error:
                    step = talk.throw(error)
                else:
                    step = talk.send(answer)
        except StopIteration as result:
            return result.value  # type: ignore[no-any-return]
        finally:
            talk.close()

    async def peek(self) -> bytes:
        """The first byte that waits, left where it is; empty if the peer ended without one."""
        while not self._buffer and not self._ended:
            await self._arrived()
        return bytes(self._buffer[:1])

    async def start_tls(self, context: SSLContext, *, server_side: bool, name: str | None = None) -> bytes | None:
        """Do a TLS handshake over what the stream has and what comes.

        On the client's side `name` is the server's, for SNI and the certificate.

        Returns:
            The peer's certificate as DER, or None if it showed none.

        Raises:
            TLSFailed: with the reason; an alert has been sent where TLS has one.
        """
        self._channel.start_tls(context, server_side=server_side, name=name, early=bytes(self._buffer))
        self._buffer.clear()
        self._shaking = True
        try:
            while not self._channel.handshake():
                self._offer()
                await self._arrived()
        except OSError as error:
            self._break()
            raise TLSFailed("the connection broke within the TLS handshake") from error
        finally:
            self._shaking = False
            if not self._closed:
                self._offer()
        # Asked for before anything is read: a peer that has left meanwhile makes OpenSSL forget it.
        certificate = self._channel.certificate()
        self._read()
        return certificate

    def send(self, data: bytes) -> None:
        """Say `data`; what the socket does not take now goes out as it can."""
        try:
            self._channel.send(data)
        except OSError:
            self._break()
            return
        self._offer()

    def detach(self) -> Leg:
        """Hand over the socket; the stream is done."""
        self._release()
        channel = self._channel
        return Leg(channel.socket, bytes(self._buffer), channel.tls, channel.take_unsent())

    def close(self) -> None:
        """Close the socket now."""
        if not self._closed:
            self._release()
            self._channel.socket.close()

    def finish(self, *, patience: float, done: Callable[[], None]) -> Farewell:
        """Send what waits, end our side, and drop what the peer still says; see `Farewell`."""
        self._release()
        return Farewell(self._channel, reactor=self._reactor, patience=patience, done=done)

    # How it works

    async def _perform(self, step: Step) -> bytes:
        match step:
            case Send(data):
                self.send(data)
                return b""
            case Exactly(count):
                while len(self._buffer) < count:
                    await self._more()
                return self._take(count)
            case Through(mark, limit):
                seen = 0
                while (found := self._buffer.find(mark, max(0, seen - len(mark) + 1), limit)) < 0:
                    seen = len(self._buffer)
                    if seen >= limit:
                        raise TooLong
                    await self._more()
                return self._take(found + len(mark))
            case Rest(limit, patience):
                await self._rest(limit, patience)
                return self._take(limit)

    async def _rest(self, limit: int, patience: float) -> None:
        deadline = self._reactor.seconds() + patience
        while len(self._buffer) < limit and not self._ended:
            arrival = self._arrived()
            arrival.addTimeout(max(0.0, deadline - self._reactor.seconds()), self._reactor)
            try:
                await arrival
            except TwistedTimeoutError:
                return

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._resume()
        return taken

    async def _more(self) -> None:
        if self._ended:
            raise Ended
        await self._arrived()

    def _arrived(self) -> Deferred[None]:
        """Fires when bytes or the end arrived."""
        self._arrival = Deferred(self._forget)
        self._resume()
        return self._arrival

    def _forget(self, _deferred: Deferred[None]) -> None:
        self._arrival = None

    def _wake(self) -> None:
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            arrival.callback(None)

    def _resume(self) -> None:
        if self._paused and not self._ended and not self._closed and len(self._buffer) < READ_AHEAD_BYTES:
            self._paused = False
            self._watch.remove(self._fd)
            self._reactor.addReader(self)

    def _offer(self) -> None:
        """Get what waits out, now or when the socket is writable."""
        try:
            if self._channel.flush():
                self._reactor.removeWriter(self)
            elif not self._closed:
                self._reactor.addWriter(self)
        except OSError:
            self._break()

    def _read(self) -> None:
        """Read ahead what is there, within the bound; inside TLS that may be more than the socket has."""
        while not self._ended and not self._closed:
            if len(self._buffer) >= READ_AHEAD_BYTES:
                self._paused = True
                self._reactor.removeReader(self)
                self._watch.add(self._fd, self._end, fin=True)
                return
            try:
                data = self._channel.receive()
            except OSError:
                self._break()
                return
            if data is None:
                return
            if not data:
                self._end()
                return
            self._buffer += data
            self._wake()
            if self._channel.tls is None:
                return

    def _end(self) -> None:
        """The peer says no more."""
        if self._ended or self._closed:
            return
        self._ended = True
        self._reactor.removeReader(self)
        self._watch.remove(self._fd)
        self._wake()
        self._gone()

    def _break(self) -> None:
        """The connection is no more."""
        if not self._closed:
            self._reactor.removeWriter(self)
            self._end()

    def _release(self) -> None:
        self._closed = True
        self._watch.remove(self._fd)
        self._reactor.removeReader(self)
        self._reactor.removeWriter(self)

    # What the reactor does

    def fileno(self) -> int:
        return self._channel.socket.fileno()

    def doRead(self) -> None:  # noqa: N802
        if self._shaking:
            self._wake()
        else:
            self._read()

    def doWrite(self) -> None:  # noqa: N802
        self._offer()

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        self._break()

    def logPrefix(self) -> str:  # noqa: N802
        return "stream"
