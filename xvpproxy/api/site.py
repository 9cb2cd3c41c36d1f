"""The API's door: HTTP, in the clear and inside TLS on one port, told apart by the first byte.

There are `MAX_CONNECTIONS` at once; `exchange.py` bounds what each may send.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocol, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure

from .app import ConsoleApi
from .exchange import REQUEST_SECONDS, Channel, bad_request
from .options import MAX_CONNECTIONS

log = Logger()

_TLS_HANDSHAKE = b"\x16"
_TLS_ONLY = "This API is served inside TLS only: call it with https."


class Door(ServerFactory):
    """Accepts callers.

    Attributes:
        tls: makes the context for callers that speak TLS, or None; a reload may replace it.
        tls_required: whether those that do not are refused.
    """

    noisy = False

    def __init__(self, api: ConsoleApi, *, reactor: IReactorTime, tls: Any, tls_required: bool) -> None:
        self.api = api
        self.tls = tls
        self.tls_required = tls_required
        self.reactor = reactor
        self.connections: set[_Connection] = set()

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:  # noqa: ARG002, N802
        if len(self.connections) >= MAX_CONNECTIONS:
            log.warn("a caller is turned away: {count} connections are open", count=MAX_CONNECTIONS)
            return None
        return _Connection(self)

    def close(self) -> None:
        """End every connection now."""
        for connection in list(self.connections):
            connection.abort()


class _Connection(Protocol):
    """One connection: its first byte says what it speaks."""

    transport: Any

    def __init__(self, door: Door) -> None:
        self._door = door
        self._inner: IProtocol | None = None
        self._deadline: IDelayedCall | None = None

    def connectionMade(self) -> None:  # noqa: N802
        self._door.connections.add(self)
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpKeepAlive(True)
        self._deadline = self._door.reactor.callLater(REQUEST_SECONDS, self.abort)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._inner is None:
            self._speak(data[:1])
        if self._inner is not None:
            self._inner.dataReceived(data)

    def _speak(self, first: bytes) -> None:
        self._in_time()
        door, channel = self._door, Channel(self._door.api, self._door.reactor)
        if first == _TLS_HANDSHAKE and door.tls is not None:
            self._inner = TLSMemoryBIOFactory(door.tls, False, _Only(channel), door.reactor).buildProtocol(None)
        elif not door.tls_required:
            self._inner = channel
        else:
            self.transport.write(bad_request(_TLS_ONLY))
            self.transport.loseConnection()
        if self._inner is not None:
            self._inner.makeConnection(self.transport)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        self._door.connections.discard(self)
        self._in_time()
        if self._inner is not None:
            self._inner.connectionLost(reason)

    def abort(self) -> None:
        """End it now."""
        self._in_time()
        self.transport.abortConnection()

    def _in_time(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()


class _Only(ServerFactory):
    """What is inside TLS."""

    noisy = False

    def __init__(self, channel: Protocol) -> None:
        self._channel = channel

    def buildProtocol(self, addr: IAddress | None) -> Protocol:  # noqa: ARG002, N802
        return self._channel
