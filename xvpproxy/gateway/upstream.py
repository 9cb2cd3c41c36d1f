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
from contextlib import suppress
from urllib.parse import urlsplit

from oslo_config import cfg

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

from .dialling import Dialling
from .dispatch import Dispatch
from .keepalive import KeepAlive
from .relay import Leg
from .sealed import TLSFailed
from .shared import OUT_OF_DESCRIPTORS
from .stream import Stream
from .task import within
from .timers import Timers
from .tls import Trust

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
    """Reaches consoles; only inside a `Task`.

    Args:
        resolver: the pool in which host names are looked up.
        tls_doors: see `tls_doors`.
    """

    def __init__(
        self,
        *,
        dispatch: Dispatch,
        timers: Timers,
        resolver: Pool,
        trust: Trust,
        tls_doors: frozenset[tuple[str, int]],
        keepalive: KeepAlive,
        connect_timeout: float,
        handshake_timeout: float,
    ) -> None:
        self._dispatch = dispatch
        self._timers = timers
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

        Interrupting it closes what was opened.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, HandshakeFailed, InstanceNotFound,
            ConsoleUnavailable: what came in the way.
        """
        if not 1 <= console.port <= MAX_PORT:
            raise ConsoleUnavailable(f"its port is {console.port}: the machine shows none", cause="vm_not_running")
        seconds = self._connect_timeout
        try:
            stream = await within(self._timers, seconds, self._dial(console.host, console.port))
        except TimeoutError as error:
            raise UpstreamTimeout(f"no TCP connection within {seconds:g} s") from error
        seconds = self._handshake_timeout
        try:
            version = await within(self._timers, seconds, self._shake_hands(stream, console))
        except TimeoutError as error:
            stream.close()
            raise UpstreamTimeout(f"no RFB version within {seconds:g} s") from error
        except BaseException:
            stream.close()
            raise
        return stream.detach(given_back=version)

    # The connection

    async def _dial(self, host: str, port: int) -> Stream:
        numeric = _numeric(host, port)
        addresses = [numeric] if numeric else await self._resolve(host, port)
        share = self._connect_timeout / len(addresses)
        for address in addresses[:-1]:
            with suppress(UpstreamUnreachable, TimeoutError):
                return await within(self._timers, share, self._dial_one(address))
        return await self._dial_one(addresses[-1])

    async def _resolve(self, host: str, port: int) -> list[Address]:
        """The addresses of a name, asked for where waiting hurts nobody."""

        def look_up() -> list[Address]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            return [(family, address) for family, _type, _protocol, _name, address in found]

        try:
            return await self._resolver.run(look_up)
        except (OSError, UnicodeError) as error:
            raise UpstreamUnreachable(f"{host}: {error}", cause="upstream_dns") from error
        except PoolBusy as error:
            raise UpstreamTimeout("too many look-ups of host names wait already", cause="upstream_dns") from error

    async def _dial_one(self, address: Address) -> Stream:
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
            if status not in (0, errno.EINPROGRESS):
                raise _failure(status)
        except OSError as error:
            connecting.close()
            raise UpstreamUnreachable(str(error)) from error
        except UpstreamUnreachable:
            connecting.close()
            raise
        stream = Dialling(
            connecting,
            dispatch=self._dispatch,
            timers=self._timers,
            connecting=status != 0,
            place=_written(where),
        )
        try:
            status = await stream.connected()
            if status:
                raise _failure(status)
        except BaseException:
            stream.close()
            raise
        return stream

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


def _numeric(host: str, port: int) -> Address | None:
    """The address, if `host` is one already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except (OSError, ValueError):
        return None
    return family, (host, port)


def _written(where: tuple[object, ...]) -> str:
    host, port = where[:2]
    return f"[{host!s}]:{port}" if ":" in str(host) else f"{host!s}:{port}"


def _failure(status: int) -> UpstreamUnreachable:
    cause = "upstream_refused" if status == errno.ECONNREFUSED else "upstream_unreachable"
    return UpstreamUnreachable(os.strerror(status), cause=cause)
