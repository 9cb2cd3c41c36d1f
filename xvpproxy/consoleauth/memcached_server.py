"""One memcached server: blocking calls that end in time, whatever the server does.

pymemcache's timeouts hold for each receive, so a server that sends one byte at
a time could hold a thread for ever.  The sockets here measure every wait
against one deadline for the whole call, and count the bytes that come in.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheClientError, MemcacheError, MemcacheUnexpectedCloseError

from xvpproxy.consoleauth.records import MAX_VALUE_BYTES, Raw
from xvpproxy.errors import ConfigurationError, StoreUnavailable

T = TypeVar("T")

#: What one call may receive: a value at memcached's own limit for each of two keys, and some lines; or a batch of
#: hundreds of records, which have a kilobyte or two.
MAX_REPLY_BYTES = 4 * MAX_VALUE_BYTES

#: What one receive may take.  pymemcache asks for less, and copies all that it has not used for every line.
RECEIVE_BYTES = 1 << 14

DEFAULT_PORT = 11211

#: How a server is given to pymemcache: host and port, or the path of a Unix socket.
Address = tuple[str, int] | str


class MemcachedServer:
    """A pool of connections to one server; safe to use from several threads.

    Args:
        address: where it listens.
        timeout: seconds a whole call may take, connecting included.
        tls: how to wrap the connection, or None for plain.
        idle_connections: how many are kept open.
    """

    def __init__(
        self, address: Address, *, timeout: float, tls: ssl.SSLContext | None = None, idle_connections: int = 4
    ) -> None:
        self.name = address if isinstance(address, str) else f"{address[0]}:{address[1]}"
        self._address = address
        self._timeout = timeout
        self._tls = tls
        self._idle_connections = idle_connections
        self._idle: deque[Client] = deque()
        self._tells_time = True

    def fetch(self, keys: list[bytes]) -> dict[bytes, Raw]:
        """The values that stand under `keys`; a failure is from `ReplyTooLong` if they are too much together."""
        return self._call(lambda client: client.get_many(keys)) if keys else {}

    def fetch_for_change(self, key: bytes) -> tuple[Raw | None, bytes | None]:
        """A value and the mark to hand to `change`; both None if there is none."""
        raw, mark = self._call(lambda client: client.gets(key))
        return raw, mark

    def change(self, key: bytes, raw: Raw, *, exptime: int, mark: bytes | None) -> bool:
        """Write a value unless somebody changed it since `fetch_for_change`; whether it was written."""
        if mark is None:
            return bool(self._call(lambda client: client.add(key, raw, expire=exptime, noreply=False)))
        return bool(self._call(lambda client: client.cas(key, raw, mark, expire=exptime, noreply=False)))

    def write(self, key: bytes, raw: Raw, *, exptime: int) -> None:
        """Write a value over whatever stands there."""
        if not self._call(lambda client: client.set(key, raw, expire=exptime, noreply=False)):
            raise StoreUnavailable(f"memcached {self.name} did not store a value")

    def remove(self, key: bytes) -> bool:
        """Delete a key; whether it was there."""
        return bool(self._call(lambda client: client.delete(key, noreply=False)))

    def seconds_left(self, key: bytes) -> int | None:
        """Seconds until memcached itself drops `key`; None if it never will, or is too old to say (before 1.6)."""
        if not self._tells_time:
            return None
        try:
            # An empty end token: pymemcache then reads a whole line, however it is split.
            return self._call(lambda client: _seconds(client.raw_command(b"mg " + key + b" t", b"")))
        except _RequestRefused:
            self._tells_time = False
            return None

    def close(self) -> None:
        """Close the connections that are idle now; those in use close by themselves."""
        while self._idle:
            with suppress(IndexError):  # another thread took the last one
                self._idle.pop().close()

    def _call(self, request: Callable[[Client], T]) -> T:
        """Send a request; once more on a fresh connection if an idle one turns out to be cut."""
        deadline = time.monotonic() + self._timeout
        with _translated(self.name):
            try:
                client = self._idle.pop()
            except IndexError:
                return self._request(request, self._fresh(), deadline)
            try:
                return self._request(request, client, deadline)
            except (MemcacheUnexpectedCloseError, ConnectionError):
                self.close()  # the others were cut with it
                return self._request(request, self._fresh(), deadline)

    def _request(self, request: Callable[[Client], T], client: Client, deadline: float) -> T:
        client.socket_module.begin(deadline)
        try:
            result = request(client)
        except BaseException:
            client.close()
            raise
        if len(self._idle) < self._idle_connections:
            self._idle.append(client)
        else:
            client.close()
        return result

    def _fresh(self) -> Client:
        return Client(self._address, serde=_RawValues, socket_module=_Sockets(self._tls))


def _seconds(line: bytes) -> int | None:
    """What the answer to `mg KEY t` says; -1 there is for ever."""
    text = line.removeprefix(b"HD t").strip()
    return int(text) if text.isdigit() else None


def parse_address(text: str) -> Address:
    """The address that one item of `[cache] memcache_servers` names.

    Raises:
        ConfigurationError: it is none.
    """
    rest = text.strip()
    if rest.startswith(("unix:", "/")):
        return rest.removeprefix("unix:")
    rest = rest.removeprefix("inet6:").removeprefix("inet:")
    if rest.startswith("["):
        host, bracket, port = rest[1:].partition("]")
        port = port.removeprefix(":")
        usable = bool(bracket)
    else:
        host, _, port = rest.partition(":")
        usable = True
    number = int(port) if port.isascii() and port.isdigit() else 0 if port else DEFAULT_PORT
    if not (usable and host and 0 < number < 1 << 16):
        forms = "HOST:PORT, inet6:[ADDRESS]:PORT or unix:PATH"
        raise ConfigurationError(f"[cache] memcache_servers: {text!r} is not of the form {forms}.")
    return host, number


class ReplyTooLong(Exception):
    """More bytes came than one call may receive."""


class _RequestRefused(StoreUnavailable):
    """The server does not know the command."""


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """No exception of pymemcache's or of a socket's passes this door."""
    try:
        yield
    except MemcacheUnexpectedCloseError:
        raise StoreUnavailable(f"memcached {name} closed the connection") from None
    except MemcacheClientError:
        raise _RequestRefused(f"memcached {name} refused a request", cause="store_corrupt") from None
    except ReplyTooLong as error:
        raise StoreUnavailable(f"memcached {name} answered too much", cause="store_corrupt") from error
    except TimeoutError:
        raise StoreUnavailable(f"memcached {name} did not answer in time") from None
    except OSError as error:  # includes TLS and name resolution
        raise StoreUnavailable(f"memcached {name} cannot be reached: {error.strerror or error}") from None
    except (MemcacheError, ValueError, LookupError, TypeError) as error:
        sentence = f"memcached {name} answered with an error or with something else than memcached's protocol"
        raise StoreUnavailable(f"{sentence} ({type(error).__name__})", cause="store_corrupt") from None


class _RawValues:
    """Values go in and out of pymemcache as they stand in memcached."""

    @staticmethod
    def serialize(_: bytes, raw: Raw) -> tuple[bytes, int]:
        return raw.data, raw.flags

    @staticmethod
    def deserialize(_: bytes, data: bytes, flags: int) -> Raw:
        return Raw(data, flags)


class _Sockets:
    """What pymemcache takes for the `socket` module: sockets that keep to one call's deadline and byte budget."""

    AF_UNIX, AF_UNSPEC = socket.AF_UNIX, socket.AF_UNSPEC
    SOCK_STREAM, IPPROTO_TCP = socket.SOCK_STREAM, socket.IPPROTO_TCP

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.tls = tls
        self._deadline = 0.0
        self._budget = 0

    def begin(self, deadline: float) -> None:
        """A call starts that must end by `deadline` (monotonic seconds)."""
        self._deadline, self._budget = deadline, MAX_REPLY_BYTES

    def remaining(self) -> float:
        """Seconds left for the call."""
        if (seconds := self._deadline - time.monotonic()) <= 0:
            raise TimeoutError
        return seconds

    def count(self, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise ReplyTooLong

    def getaddrinfo(self, host: str, port: int, *_: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        """Leaves the name to `_Socket.connect`, which tries every address; pymemcache would try one."""
        return [(self.AF_UNSPEC, self.SOCK_STREAM, self.IPPROTO_TCP, "", (host, port))]

    def socket(self, *_: int) -> _Socket:
        return _Socket(self)


class _Socket:
    """The part of a socket that pymemcache uses; connected, plain or TLS, only after `connect`."""

    def __init__(self, sockets: _Sockets) -> None:
        self._sockets = sockets
        self._socket: socket.socket | None = None

    def settimeout(self, _: float | None) -> None:
        """The deadline rules."""

    def connect(self, address: Address) -> None:
        if isinstance(address, str):
            self._socket = _dial(socket.AF_UNIX, address, self._sockets.remaining())
            return
        host, port = address
        error: OSError = ConnectionError("the name has no address")
        for family, _, _, _, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                plain = _dial(family, found, self._sockets.remaining())
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as refused:
                error = refused
                continue
            self._socket = plain
            if self._sockets.tls is not None:
                plain.settimeout(self._sockets.remaining())
                self._socket = self._sockets.tls.wrap_socket(plain, server_hostname=host)
            return
        try:
            raise error
        finally:
            del error  # this frame is in its traceback: the two would wait for the collector

    def sendall(self, data: bytes) -> None:
        self._ready().sendall(data)

    def recv(self, _: int) -> bytes:
        data = self._ready().recv(RECEIVE_BYTES)
        self._sockets.count(len(data))
        return data

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _ready(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("not connected")
        self._socket.settimeout(self._sockets.remaining())
        return self._socket


def _dial(family: int, address: Any, seconds: float) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection
