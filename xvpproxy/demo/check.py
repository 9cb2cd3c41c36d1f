"""The whole loop without a window: mint, connect, RFB handshake, first frame, revoke, refused."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from .pixels import PixelFormat
from .site import HOST, Site
from .testcard import HEIGHT, WIDTH

#: A card has many more; a blank or broken screen has a handful.
_ENOUGH_COLOURS: Final = 100
_MAX_HEAD_BYTES: Final = 8192
_OK: Final = "HTTP/1.1 200 OK"
_REFUSED: Final = "HTTP/1.1 401 Not Authorized"


class CheckFailed(Exception):
    """A step went another way than it must; the sentence says how."""


class _Reader(Protocol):
    """A connection from which a coroutine reads what it needs, and no more than that is kept waiting."""

    transport: ITransport

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._more: Deferred[None] | None = None
        self._ended = False

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._buffer += data
        self._wake()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._more is not None:
            more, self._more = self._more, None
            more.callback(None)

    async def exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            if self._ended:
                raise CheckFailed(f"the connection ended; {count} bytes were due and {len(self._buffer)} came")
            self._more = Deferred()
            await self._more
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    async def head(self) -> list[str]:
        """The lines of an HTTP head."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if len(head) == _MAX_HEAD_BYTES:
                raise CheckFailed("the answer's head does not end")
            head += await self.exactly(1)
        return head.decode("ascii", "backslashreplace").splitlines()


class Check:
    """Walks the loop once; each step is reported with its time when it is done.

    Args:
        site: not opened yet; whoever made it closes it.
        report: is given a step's name, its milliseconds, and what was seen or went wrong.
        set_log: as `GatewayService` wants it.
    """

    def __init__(
        self, site: Site, reactor: Any, *, report: Callable[[str, float, str], None], set_log: Callable[..., None]
    ) -> None:
        self._site = site
        self._reactor = reactor
        self._report = report
        self._set_log = set_log
        self._viewers: list[_Reader] = []

    @contextmanager
    def _step(self, name: str) -> Iterator[list[str]]:
        """Time a step; what it saw is put into the list."""
        seen: list[str] = []
        start = self._reactor.seconds()
        try:
            yield seen
        except CancelledError:
            seen[:] = ["FAILED: not done in time"]
            raise
        except Exception as error:
            kind = "" if isinstance(error, CheckFailed) else f"{type(error).__name__}: "
            seen[:] = [f"FAILED: {kind}{error}"]
            raise
        finally:
            self._report(name, (self._reactor.seconds() - start) * 1000, ", ".join(seen))

    async def run(self) -> None:
        """Every step in turn.

        Raises:
            Exception: the first that failed, after it was reported.
        """
        try:
            await self._walk()
        finally:
            for viewer in self._viewers:
                viewer.transport.loseConnection()

    async def _walk(self) -> None:
        with self._step("start") as seen:
            self._site.open(1, set_log=self._set_log)
            seen.append(f"gateway at {HOST}:{self._site.port}")
        with self._step("mint") as seen:
            token, url = await self._site.mint(self._site.exhibits[0])
            seen.append(f"token {token.fingerprint}")
        with self._step("connect") as seen:
            viewer, answer = await self._connect(url)
            seen.append(_expected(answer, _OK))
        with self._step("handshake") as seen:
            seen.extend(await self._greet(viewer))
        with self._step("first frame") as seen:
            seen.extend(await self._look(viewer))
        with self._step("revoke") as seen:
            count = await self._site.consoleauth.revoke(token)
            if count != 1:
                raise CheckFailed(f"{count} tokens were revoked, not 1")
            seen.append("1 token")
        with self._step("refused") as seen:
            _, answer = await self._connect(url)
            seen.append(_expected(answer, _REFUSED))

    async def _connect(self, url: str) -> tuple[_Reader, str]:
        """Open an access URL as the Java viewer does; the connection and the status line."""
        parts = urlsplit(url)
        endpoint = HostnameEndpoint(self._reactor, parts.hostname or "", parts.port or 80)
        viewer: _Reader = await connectProtocol(endpoint, _Reader())
        self._viewers.append(viewer)
        viewer.transport.write(f"CONNECT {parts.path}?{parts.query} HTTP/1.0\r\n\r\n".encode())
        return viewer, (await viewer.head())[0]

    async def _greet(self, viewer: _Reader) -> list[str]:
        version = await viewer.exactly(12)
        viewer.transport.write(version)
        (count,) = await viewer.exactly(1)
        if 1 not in await viewer.exactly(count):
            raise CheckFailed("the console does not offer security type None")
        viewer.transport.write(b"\x01")
        (result,) = struct.unpack(">I", await viewer.exactly(4))
        if result:
            raise CheckFailed(f"the console's security result is {result}, not 0")
        viewer.transport.write(b"\x01")
        width, height, length = struct.unpack(">HH16xI", await viewer.exactly(24))
        if (width, height) != (WIDTH, HEIGHT) or length > _MAX_HEAD_BYTES:
            raise CheckFailed(f"a screen of {width} x {height} with a name of {length} bytes is not the demo's")
        name = (await viewer.exactly(length)).decode("utf-8", "replace")
        return [version.decode("ascii", "backslashreplace").strip(), f"{width} x {height}", name]

    async def _look(self, viewer: _Reader) -> list[str]:
        """Ask for the whole screen in Raw, 32 bits a pixel, and count its colours."""
        viewer.transport.write(b"\0\0\0\0" + PixelFormat().pack() + struct.pack(">BxHi", 2, 1, 0))
        viewer.transport.write(struct.pack(">BBHHHH", 3, 0, 0, 0, WIDTH, HEIGHT))
        (count,) = struct.unpack(">xxH", await viewer.exactly(4))
        colours: set[bytes] = set()
        area = 0
        for _ in range(count):
            _x, _y, width, height, encoding = struct.unpack(">HHHHi", await viewer.exactly(12))
            if encoding != 0 or width > WIDTH or height > HEIGHT:
                raise CheckFailed(f"a rectangle of {width} x {height} in encoding {encoding} was not asked for")
            pixels = await viewer.exactly(width * height * 4)
            colours.update(pixels[at : at + 3] for at in range(0, len(pixels), 4))
            area += width * height
        if area < WIDTH * HEIGHT:
            raise CheckFailed(f"{area} of {WIDTH * HEIGHT} pixels came")
        if len(colours) < _ENOUGH_COLOURS:
            raise CheckFailed(f"the screen has {len(colours)} colours; at least {_ENOUGH_COLOURS} were expected")
        return [f"{area * 4} bytes", f"{len(colours)} colours"]


def _expected(answer: str, wanted: str) -> str:
    if answer != wanted:
        raise CheckFailed(f"the gateway answered {answer!r}, not {wanted!r}")
    return answer
