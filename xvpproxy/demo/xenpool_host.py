"""The port of one simulated XenServer host: its API and its consoles, with TLS or without, and its bad days."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final
from xmlrpc.client import loads

from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IAddress, ITransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.ssl import PrivateCertificate
from twisted.python.failure import Failure

from . import xenpool_api as api
from .xenpool import Host, Machine, Pool
from .xenpool_certificate import self_signed
from .xenpool_console import ACCEPTED, MAX_HEAD_BYTES, Rejected, Request, console_of, rejection

#: xapi's own limit.
_MAX_BODY_BYTES: Final = 300 * 1024
_LOOPBACK: Final = "127.0.0.1"


def add_host(pool: Pool, name: str, address: str, reactor: Any, *, made: dt.datetime | None) -> HostDoor:
    """A new member that listens at a free port of `address`: with TLS (a certificate `made` then) or without."""
    host = Host(name, address)
    pem = None
    if made is not None:
        key, certificate = self_signed(name, address, made)
        host.certificate, pem = certificate.decode(), key + certificate
    door = HostDoor(pool, host, reactor, key_and_certificate=pem)
    door.listen()
    pool.add_host(host)
    return door


class HostDoor(Factory):
    """Listens for one host.

    Attributes:
        hanging: accept connections and requests, and never answer.
        cut_calls: take API calls and cut the connection instead of an answer.
        no_screen: answer CONNECT with 404 for a machine that has no screen, rather than with a 200 and the end.
        accepted: how many connections there were.
        calls: the method of every API call that came, for those who want to know.
        heads: the head of every CONNECT.
    """

    noisy = False

    def __init__(self, pool: Pool, host: Host, reactor: Any, *, key_and_certificate: bytes | None = None) -> None:
        self.pool = pool
        self.host = host
        self.reactor = reactor
        self.hanging = False
        self.cut_calls = False
        self.no_screen = False
        self.accepted = 0
        self.calls: list[str] = []
        self.heads: list[bytes] = []
        self.connections: set[_HostConnection] = set()
        self._pem = key_and_certificate
        self._listening: Any = None

    def listen(self) -> None:
        """Come up, at the port it had before if there was one."""
        if self._listening is not None:
            return
        where = {"interface": self.host.address}
        if self._pem is None:
            self._listening = self.reactor.listenTCP(self.host.port, self, **where)
        else:
            options = PrivateCertificate.loadPEM(self._pem).options()
            self._listening = self.reactor.listenSSL(self.host.port, self, options, **where)
        self.host.port = self._listening.getHost().port

    async def go_down(self) -> None:
        """Power off: whoever is connected is cut."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.stopListening()
        for connection in list(self.connections):
            connection.transport.abortConnection()  # type: ignore[attr-defined]

    def buildProtocol(self, addr: IAddress | None) -> _HostConnection:  # noqa: ARG002, N802
        self.accepted += 1
        return _HostConnection(self)


class _HostConnection(Protocol):
    """A client of a host: API calls one after another, or one console."""

    transport: ITransport

    def __init__(self, door: HostDoor) -> None:
        self._door = door
        self._buffer = b""
        self._request: Request | None = None
        self._machine: Machine | None = None
        self._screen: _Screen | None = None
        self._busy = False
        self._gone = False

    def connectionMade(self) -> None:  # noqa: N802
        self._door.connections.add(self)
        self.transport.setTcpNoDelay(True)  # type: ignore[attr-defined]

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802
        self._gone = True
        self._door.connections.discard(self)
        if self._machine is not None:
            self._machine.streams.discard(self)
        if self._screen is not None:
            self._screen.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._screen is not None:
            self._screen.transport.write(data)
            return
        self._buffer += data
        try:
            while not self._busy and not self._door.hanging and self._step():
                pass
        except Rejected as rejected:
            self._busy = True
            self.transport.write(rejected.reply)
            self.transport.loseConnection()

    def _step(self) -> bool:
        """Take a head or a body from what came; whether there was one."""
        if self._request is None:
            head, blank, rest = self._buffer.partition(b"\r\n\r\n")
            if len(head) + len(blank) > MAX_HEAD_BYTES:
                raise Rejected(rejection(431, "1.1"))
            if not blank:
                return False
            self._buffer = rest
            self._begin(head + blank)
            return True
        if len(self._buffer) < self._request.length:
            return False
        body, self._buffer = self._buffer[: self._request.length], self._buffer[self._request.length :]
        version, self._request = self._request.version, None
        self._call(body, version)
        return True

    def _begin(self, head: bytes) -> None:
        request = Request.parse(head)
        if request.method == "CONNECT":
            self._door.heads.append(head)
            self._busy = True
            self._open_console(request)
        elif request.method == "POST" and request.length <= _MAX_BODY_BYTES:
            self._request = request
        else:
            raise Rejected(rejection(403, request.version))

    # The API

    def _call(self, body: bytes, version: str) -> None:
        self._door.calls.append(loads(body.decode())[1] or "")
        if self._door.cut_calls:
            self.transport.abortConnection()  # type: ignore[attr-defined]
            return
        answer, delay = api.call(self._door.pool, self._door.host, body)
        head = (
            f"HTTP/{version} 200 OK\r\ncontent-length: {len(answer)}\r\nconnection: keep-alive\r\n"
            "cache-control: no-cache, no-store\r\ncontent-type: text/xml\r\nAccess-Control-Allow-Origin: *\r\n"
            "Access-Control-Allow-Headers: X-Requested-With\r\n\r\n"
        ).encode()
        if delay:
            self._door.reactor.callLater(delay, self.transport.write, head + answer)
        else:
            self.transport.write(head + answer)

    # A console

    def _open_console(self, request: Request) -> None:
        machine = console_of(self._door.pool, self._door.host, request)
        if not machine.screen and self._door.no_screen:
            raise Rejected(rejection(404, request.version))
        for part in ACCEPTED:
            self.transport.write(part)
        if not machine.screen:
            self.transport.loseConnection()
            return
        self._machine = machine
        machine.streams.add(self)
        endpoint = TCP4ClientEndpoint(self._door.reactor, _LOOPBACK, machine.screen)
        reached = connectProtocol(endpoint, _Screen(self))
        reached.addCallbacks(self._show, self._no_screen)

    def _show(self, screen: _Screen) -> None:
        if self._gone:
            screen.transport.loseConnection()
            return
        self._screen = screen
        screen.transport.write(self._buffer)
        self._buffer = b""
        self.transport.registerProducer(screen.transport, True)  # type: ignore[attr-defined]
        screen.transport.registerProducer(self.transport, True)  # type: ignore[attr-defined]
        if self._machine is None or self not in self._machine.streams:
            screen.transport.loseConnection()

    def _no_screen(self, failure: Failure) -> None:
        failure.trap(ConnectError)
        self.end()

    def end(self) -> None:
        """The screen is gone: EOF, as `Stream` wants it."""
        if self._gone:
            return
        if self._screen is not None:
            self.transport.unregisterProducer()  # type: ignore[attr-defined]
        self.transport.loseConnection()


class _Screen(Protocol):
    """The host's own connection to a machine's RFB server."""

    transport: ITransport

    def __init__(self, viewer: _HostConnection) -> None:
        self._viewer = viewer

    def connectionMade(self) -> None:  # noqa: N802
        self.transport.setTcpNoDelay(True)  # type: ignore[attr-defined]

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._viewer.transport.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802
        self._viewer.end()
