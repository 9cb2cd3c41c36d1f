"""One end of a TCP connection in the hands of a test, on the test's own reactor."""

import socket
import struct
from collections.abc import Callable

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from zope.interface import implementer

LOOPBACK = "127.0.0.1"
#: Bound of every wait: nothing here takes a tenth of it on a machine that is not busy.
PATIENCE = 20.0


@implementer(IHalfCloseableProtocol)
class Endpoint(Protocol):
    """Reads, writes, ends and resets as a test says.

    Attributes:
        received: what came and nobody has read yet.
        ended: whether the peer has ended its direction, or the connection is gone.
        reset: whether the connection broke instead of ending.
    """

    def __init__(self) -> None:
        self.received = bytearray()
        self.ended = self.reset = self.gone = False
        self._waiting: list[tuple[Callable[[], bool], Deferred]] = []
        self._sink: Endpoint | None = None

    # What a test does

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def finish(self) -> None:
        """Send a FIN after what was written; go on reading."""
        self.transport.loseWriteConnection()

    def close(self) -> None:
        self.transport.loseConnection()

    def break_off(self) -> None:
        """Send a RST now."""
        self.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abortConnection()

    def pass_on_to(self, sink: "Endpoint") -> None:
        """From now on hand everything to another endpoint, with what nobody has read yet and the end."""
        self._sink = sink
        self.dataReceived(b"")

    async def read(self, count: int) -> bytes:
        await self.until(lambda: len(self.received) >= count)
        return self._take(count)

    async def read_through(self, mark: bytes) -> bytes:
        await self.until(lambda: mark in self.received)
        return self._take(self.received.index(mark) + len(mark))

    async def read_all(self) -> bytes:
        """Everything until the peer ends."""
        await self.until(lambda: self.ended)
        return self._take(len(self.received))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; it is looked at whenever something happens on this connection."""
        if condition():
            return
        if self.gone:
            raise AssertionError(f"the connection is gone: {self!r}")
        happened: Deferred = Deferred()
        self._waiting.append((condition, happened))
        try:
            await happened.addTimeout(PATIENCE, reactor)
        except TwistedTimeoutError:
            raise AssertionError(f"waited for {PATIENCE:g} s: {self!r}") from None

    def _take(self, count: int) -> bytes:
        taken = bytes(self.received[:count])
        if len(taken) < count:
            raise AssertionError(f"ended after {taken!r}, {count} bytes were expected")
        del self.received[:count]
        return taken

    def __repr__(self) -> str:
        return f"<Endpoint received={bytes(self.received[:200])!r} ended={self.ended} reset={self.reset}>"

    # What Twisted does

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)  # a piece is a segment

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        if self._sink is not None:
            self._sink.write(self._take(len(self.received)))
        self._happened()

    def readConnectionLost(self) -> None:
        self.ended = True
        if self._sink is not None and not self._sink.gone:
            self._sink.finish()
        self._happened()

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: Failure) -> None:
        self.reset = not self.ended and not reason.check(ConnectionDone)
        self.ended = self.gone = True
        self._happened()

    def _happened(self) -> None:
        for entry in list(self._waiting):
            condition, happened = entry
            if condition():
                self._waiting.remove(entry)
                happened.callback(None)
            elif self.gone:
                self._waiting.remove(entry)
                happened.errback(AssertionError(f"the connection is gone: {self!r}"))


async def dial(port: int, *, tls: bool = False, source: str = LOOPBACK) -> Endpoint:
    """Connect to a port on loopback; with `tls` whatever certificate it shows is good."""
    endpoint = TCP4ClientEndpoint(reactor, LOOPBACK, port, timeout=PATIENCE, bindAddress=(source, 0))
    if tls:
        endpoint = wrapClientTLS(CertificateOptions(verify=False), endpoint)
    return await connectProtocol(endpoint, Endpoint())


async def eventually(condition: Callable[[], bool], what: str, *, within: float = PATIENCE) -> None:
    """Wait until `condition` holds, looking every 10 ms."""
    deadline = reactor.seconds() + within
    while not condition():
        if reactor.seconds() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        await pause(0.01)


async def pause(seconds: float) -> None:
    """Let the reactor run."""
    await deferLater(reactor, seconds)
