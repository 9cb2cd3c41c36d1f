"""Consoles played from literal bytes: plain RFB, XenServer hosts, and servers that misbehave."""

import socket
from collections.abc import Awaitable, Callable
from functools import partial

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory

from tests.endpoint import LOOPBACK, Endpoint, dial, pause

BANNER = b"RFB 003.008\n"
#: What a XenServer says when it lets somebody in: 78 bytes.
XENSERVER_200 = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"

Script = Callable[["Caller"], Awaitable[None]]


class Caller(Endpoint):
    """The console's end of one connection.

    Attributes:
        request: the head of a CONNECT, where the script reads one.
        heard: how many bytes came.
    """

    def __init__(self) -> None:
        super().__init__()
        self.request = b""
        self.heard = 0

    def dataReceived(self, data: bytes) -> None:
        self.heard += len(data)
        super().dataReceived(data)

    def readConnectionLost(self) -> None:
        super().readConnectionLost()
        self.close()  # what is written goes out first


class Console(Factory):
    """A listening port that plays `script` to everyone who connects.

    Attributes:
        port: where it listens, on loopback.
        callers: everyone who ever connected, in order.
    """

    noisy = False

    def __init__(self, script: Script, *, tls: object = None, port: int = 0) -> None:
        self._script = script
        self.callers: list[Caller] = []
        listen = reactor.listenTCP if tls is None else partial(reactor.listenSSL, contextFactory=tls)
        self._port = listen(port, self, interface=LOOPBACK, backlog=1024)
        self.port: int = self._port.getHost().port

    def buildProtocol(self, _address: object) -> Caller:
        caller = Caller()
        caller.factory = self
        self.callers.append(caller)
        reactor.callLater(0, self._play, caller)
        return caller

    def _play(self, caller: Caller) -> None:
        Deferred.fromCoroutine(self._script(caller)).addErrback(lambda failure: failure.trap(AssertionError))

    @property
    def connected(self) -> int:
        """How many callers have not ended."""
        return sum(not caller.ended for caller in self.callers)

    async def close(self) -> None:
        for caller in self.callers:
            if not caller.gone:
                caller.transport.abortConnection()
        await self._port.stopListening()


# Scripts


async def rfb(caller: Caller) -> None:
    """A plain console: its version, then everything back."""
    caller.write(BANNER)
    caller.pass_on_to(caller)


def says(data: bytes, *, then: str = "echo") -> Script:
    """A console that says `data` as soon as somebody connects; `then` is echo, end, reset or silence."""

    async def script(caller: Caller) -> None:
        caller.write(data)
        _go_on(caller, then)

    return script


def xenserver(*pieces: bytes, then: str = "echo", gap: float = 0.0) -> Script:
    """A host that reads the CONNECT and answers with `pieces`, `gap` seconds apart, one segment each."""

    async def script(caller: Caller) -> None:
        caller.request = await caller.read_through(b"\r\n\r\n")
        for piece in pieces:
            if caller.gone:
                return
            caller.write(piece)
            await pause(gap)
        _go_on(caller, then)

    return script


def in_front_of(port: int) -> Script:
    """A host that lets everybody in and opens the screen at `port` for them."""

    async def script(caller: Caller) -> None:
        caller.request = await caller.read_through(b"\r\n\r\n")
        caller.write(XENSERVER_200)
        screen = await dial(port)
        screen.pass_on_to(caller)
        caller.pass_on_to(screen)
        await screen.until(lambda: screen.ended)
        screen.close()

    return script


async def silent(_caller: Caller) -> None:
    """Accepts and never says a word."""


def _go_on(caller: Caller, then: str) -> None:
    match then:
        case "echo":
            caller.pass_on_to(caller)
        case "end":
            caller.close()
        case "reset":
            caller.break_off()


# Addresses where nobody answers


def refusing() -> tuple[socket.socket, int]:
    """A port that refuses connections as long as the socket is kept: bound, not listening."""
    bound = socket.socket()
    bound.bind((LOOPBACK, 0))
    return bound, bound.getsockname()[1]


class BlackHole:
    """A port whose SYNs are dropped: it listens, and its queue is full."""

    def __init__(self) -> None:
        self._server = socket.socket()
        self._server.bind((LOOPBACK, 0))
        self._server.listen(0)
        self.port: int = self._server.getsockname()[1]
        self._queued: list[socket.socket] = []
        for _ in range(16):
            waiting = socket.socket()
            self._queued.append(waiting)
            waiting.settimeout(0.3)
            try:
                waiting.connect((LOOPBACK, self.port))
            except TimeoutError:
                return
        raise AssertionError("this kernel's accept queue never fills")

    def close(self) -> None:
        for each in [*self._queued, self._server]:
            each.close()
