"""Reach a console and do its handshake.

Without an `internal_access_path` a console is plain TCP.  With one it is a
XenServer host that wants a CONNECT, inside TLS where the port is 443 or
`[xenserver] connection_url` is https for that host and port, or where a driver
says so.  Either way the console counts as reached only once it has said its RFB
version.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

from oslo_config import cfg
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.interfaces import IWriteDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from xvpproxy.blocking import Pool, PoolBusy
from xvpproxy.drivers.contract import Console
from xvpproxy.errors import (
    ConsoleUnavailable,
    HandshakeFailed,
    TooManyRequests,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from xvpproxy.model import MAX_PORT, ConnectInfo
from xvpproxy.wire import rfb, xenserver

from .channel import TLSFailed
from .keepalive import KeepAlive
from .reactor import SocketReactor
from .relay import Leg
from .shared import OUT_OF_DESCRIPTORS
from .stream import Stream
from .tls import Trust
from .watch import Watch

R = TypeVar("R")

OPTS: dict[str, list[cfg.Opt]] = {
    "gateway": [
        cfg.FloatOpt(
            "connect_timeout",
            default=5.0,
            min=0.1,
            help="Seconds that the gateway's TCP connection to a console may take, with the look-up of its name.",
        ),
        cfg.FloatOpt(
            "handshake_timeout",
            default=10.0,
            min=0.1,
            help="Seconds from the TCP connection to a console until it has said its RFB version: with TLS and a "
            "XenServer's CONNECT where the console wants them.",
        ),
    ],
    "xenserver": [
        cfg.StrOpt(
            "connection_url",
            deprecated_name="xenapi_connection_url",
            deprecated_group="DEFAULT",
            help="URL of a XenServer or XCP-ng host, or of several members of a pool, comma separated. The gateway "
            "speaks TLS to consoles on the hosts and ports whose URL is https.",
        ),
    ],
}

#: Where TLS is usual; everywhere else it takes an https connection_url.
_TLS_PORT = 443

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


def tls_doors(connection_url: str | None) -> frozenset[tuple[str, int]]:
    """The hosts (lower case) and ports for which a `connection_url` asks for TLS."""
    doors = set()
    for url in (connection_url or "").split(","):
        try:
            parts = urlsplit(url.strip())
            port = parts.port or _TLS_PORT
        except ValueError:
            continue
        if parts.scheme == "https" and parts.hostname:
            doors.add((parts.hostname, port))
    return frozenset(doors)


class Upstream:
    """Reaches consoles.

    Args:
        resolver: the pool in which host names are looked up.
        tls_doors: see `tls_doors`.
    """

    def __init__(
        self,
        *,
        reactor: SocketReactor,
        watch: Watch,
        resolver: Pool,
        trust: Trust,
        tls_doors: frozenset[tuple[str, int]],
        keepalive: KeepAlive,
        connect_timeout: float,
        handshake_timeout: float,
    ) -> None:
        self._reactor = reactor
        self._watch = watch
        self._resolver = resolver
        self._trust = trust
        self._tls_doors = tls_doors
        self._keepalive = keepalive
        self._connect_timeout = connect_timeout
        self._handshake_timeout = handshake_timeout

    async def connect(self, info: ConnectInfo) -> Leg:
        """The leg to the console of `info`, where its token says that it is; see `reach`."""
        return await self.reach(Console(info.host, info.port, info.internal_access_path))

    async def reach(self, console: Console) -> Leg:
        """The leg to a console; its leftover begins with the console's RFB version.

        Cancelling it closes what was opened.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, HandshakeFailed, InstanceNotFound,
            ConsoleUnavailable: what came in the way.
        """
        if not 1 <= console.port <= MAX_PORT:
            raise ConsoleUnavailable(f"its port is {console.port}: the machine shows none", cause="vm_not_running")
        connected = await self._within(self._connect_timeout, self._dial(console.host, console.port), "TCP connection")
        stream = Stream(connected, reactor=self._reactor, watch=self._watch, gone=lambda: None)
        try:
            version = await self._within(self._handshake_timeout, self._shake_hands(stream, console), "RFB version")
        except BaseException:
            stream.close()
            raise
        leg = stream.detach()
        return Leg(leg.socket, version + leg.leftover, leg.tls, leg.unsent)

    async def _within(self, seconds: float, work: Coroutine[Deferred[Any], Any, R], what: str) -> R:
        try:
            return await Deferred.fromCoroutine(work).addTimeout(seconds, self._reactor)
        except TwistedTimeoutError as error:
            raise UpstreamTimeout(f"no {what} within {seconds:g} s") from error

    # The connection

    async def _dial(self, host: str, port: int) -> socket.socket:
        addresses = await self._resolve(host, port)
        share = self._connect_timeout / len(addresses)
        for address in addresses[:-1]:
            try:
                return await Deferred.fromCoroutine(self._dial_one(address)).addTimeout(share, self._reactor)
            except (UpstreamUnreachable, TwistedTimeoutError):
                continue
        return await self._dial_one(addresses[-1])

    async def _resolve(self, host: str, port: int) -> list[Address]:
        def look_up(flags: int) -> list[Address]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
            return [(family, address) for family, _type, _protocol, _name, address in found]

        try:
            return look_up(socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            pass  # it is a name: ask, where waiting hurts nobody
        try:
            return await self._resolver.run(look_up, socket.AI_ADDRCONFIG)
        except (OSError, UnicodeError) as error:
            raise UpstreamUnreachable(f"{host}: {error}", cause="upstream_dns") from error
        except PoolBusy as error:
            raise UpstreamTimeout("too many look-ups of host names wait already", cause="upstream_dns") from error

    async def _dial_one(self, address: Address) -> socket.socket:
        family, where = address
        try:
            connecting = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            if error.errno in OUT_OF_DESCRIPTORS:
                raise TooManyRequests(f"no socket for the console: {error.strerror}", cause="descriptors") from error
            raise UpstreamUnreachable(str(error)) from error
        try:
            connecting.setblocking(False)
            self._keepalive.apply(connecting)
            status = connecting.connect_ex(where)
            if status == errno.EINPROGRESS:
                await _Writable(connecting, self._reactor).waited
                status = connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if status:
                raise UpstreamUnreachable(os.strerror(status), cause=_cause(status))
        except OSError as error:
            connecting.close()
            raise UpstreamUnreachable(str(error)) from error
        except BaseException:
            connecting.close()
            raise
        return connecting

    # The handshake

    async def _shake_hands(self, stream: Stream, console: Console) -> bytes:
        path, host, port = console.internal_access_path, console.host, console.port
        if not path:
            return await stream.converse(rfb.banner())
        if console.tls or port == _TLS_PORT or (host.lower(), port) in self._tls_doors:
            trust = self._trust.also(console.certificate) if console.certificate else self._trust
            try:
                certificate = await stream.start_tls(trust.context, server_side=False, name=host)
            except TLSFailed as error:
                raise HandshakeFailed(str(error), cause="upstream_tls") from error
            if not trust.accepts(certificate):
                what = "the one that its pool knows" if console.certificate else "one of [xenserver] fingerprints"
                raise HandshakeFailed(f"its certificate is not {what}", cause="upstream_tls")
        return await stream.converse(xenserver.open_console(path, host, port, console.xen_login))


def _cause(status: int) -> str:
    return "upstream_refused" if status == errno.ECONNREFUSED else "upstream_unreachable"


@implementer(IWriteDescriptor)
class _Writable:
    """Waits until a connecting socket has connected or failed."""

    def __init__(self, connecting: socket.socket, reactor: SocketReactor) -> None:
        self._fd = connecting.fileno()
        self._reactor = reactor
        self.waited: Deferred[None] = Deferred(lambda _: self._stop())
        reactor.addWriter(self)

    def _stop(self) -> None:
        self._reactor.removeWriter(self)

    def fileno(self) -> int:
        return self._fd

    def doWrite(self) -> None:  # noqa: N802
        self._stop()
        self.waited.callback(None)

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        if not self.waited.called:
            self.doWrite()

    def logPrefix(self) -> str:  # noqa: N802
        return "dial"
