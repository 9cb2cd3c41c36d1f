"""The last words on a connection.

Closing a socket whose peer's bytes are unread resets the connection, and a
reset can overtake the reply that the peer should read.  So the reply goes out,
our side ends, and what the peer still says is dropped until it ends as well.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReadWriteDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from .channel import Channel
from .reactor import SocketReactor

#: What a peer may still say before it is cut off: it has been refused, not invited.
DROPPED_BYTES = 1 << 20


@implementer(IReadWriteDescriptor)
class Farewell:
    """Sends what waits, ends our side, drops what comes, closes.

    Args:
        patience: seconds after which the socket is closed in any case.
        done: called once it is closed.
    """

    def __init__(self, channel: Channel, *, reactor: SocketReactor, patience: float, done: Callable[[], None]) -> None:
        self._channel = channel
        self._reactor = reactor
        self._done = done
        self._left = DROPPED_BYTES
        self._timer = reactor.callLater(patience, self.close)
        channel.end_tls()
        reactor.addReader(self)
        reactor.addWriter(self)

    def close(self) -> None:
        """Close the socket now."""
        if self._channel.socket.fileno() < 0:
            return
        if self._timer.active():
            self._timer.cancel()
        self._reactor.removeReader(self)
        self._reactor.removeWriter(self)
        self._channel.socket.close()
        self._done()

    def fileno(self) -> int:
        return self._channel.socket.fileno()

    def doWrite(self) -> None:  # noqa: N802
        try:
            if not self._channel.flush():
                return
            self._reactor.removeWriter(self)
            self._channel.shut()
        except OSError:
            self.close()

    def doRead(self) -> None:  # noqa: N802
        try:
            data = self._channel.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._left -= len(data)
        if not data or self._left <= 0:
            self.close()

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        self.close()

    def logPrefix(self) -> str:  # noqa: N802
        return "farewell"
