"""One session of the soak, seen from the viewer: it compares every byte with what the console sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from contextlib import suppress
from functools import cache

#: Seconds for anything that is waited for: many times what it takes on a quiet machine.
PATIENCE = 30.0
BANNER = b"RFB 003.008\n"
ANSWER_BYTES = 32
_HOST = "127.0.0.1"
_POINTER, _UPDATE, _END, _RESET = b"\x05\0\1\2\3\4", b"F\0", b"X\0\0\0\0\0", b"R\0\0\0\0\0"
_PATTERN_BYTES, _READ_BYTES = 1 << 20, 1 << 17
_SLOW_READ_BYTES, _SLOW_SECONDS = 1 << 18, 0.1
_NO_LINGER = struct.pack("ii", 1, 0)


class Broken(Exception):
    """A session that should live ended, did not open, or did not go on in time."""


class WrongBytes(Exception):
    """What came is not what the console sent."""


class Viewer:
    """A session with its console's banner read. Made with `enter`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._socket = writer.get_extra_info("socket")  # asyncio forgets it when the connection ends
        self._offset = 0

    @classmethod
    async def enter(cls, port: int, token: str, tls: ssl.SSLContext | None) -> Viewer:
        """Open a session.

        Raises:
            Broken: the gateway did not let us in.
        """
        status, viewer = await knock(port, token, tls)
        if viewer is None:
            raise Broken(f"refused with {status}")
        await viewer._meet_console()  # noqa: SLF001  (our own class)
        return viewer

    async def point(self) -> None:
        """A pointer event, and the console's answer."""
        self._writer.write(_POINTER)
        await self._expect(ANSWER_BYTES)

    async def update(self, kib: int, *, slowly: bool = False) -> None:
        """A screen update of `kib` KiB; slowly: by a viewer that makes the gateway wait."""
        self._writer.write(_UPDATE + kib.to_bytes(4, "big"))
        await self._expect(kib << 10, slowly=slowly)

    async def leave(self) -> None:
        """End both directions at once, as viewers do."""
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._writer.wait_closed()

    def abort(self) -> None:
        """Reset the connection."""
        reset(self._socket, self._writer)

    async def half_close(self, kib: int) -> None:
        """Ask for an update and end our direction: everything must still come, then the end."""
        self._writer.write(_UPDATE + kib.to_bytes(4, "big"))
        self._writer.write_eof()
        await self._expect(kib << 10)
        await self._ended()

    async def end_console(self, kib: int) -> None:
        """Let the console send an update and end: all of it must come, then the end."""
        self._writer.write(_UPDATE + kib.to_bytes(4, "big") + _END)
        await self._expect(kib << 10)
        await self._ended()

    async def reset_console(self) -> None:
        """Let the console reset its connection: the session must end."""
        self._writer.write(_RESET)
        await self._ended()

    async def _meet_console(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                banner = await self._reader.readexactly(len(BANNER))
        except BaseException as error:
            self.abort()
            raise _told(error, "no banner") from error
        if banner != BANNER:
            self.abort()
            raise WrongBytes("the banner")

    async def _expect(self, count: int, *, slowly: bool = False) -> None:
        size = _SLOW_READ_BYTES if slowly else _READ_BYTES
        while count:
            try:
                async with asyncio.timeout(PATIENCE):
                    data = await self._reader.read(min(count, size))
            except OSError as error:
                raise _told(error, f"{count} bytes to come") from error
            if not data:
                raise Broken(f"it ended with {count} bytes to come")
            if not _pattern().startswith(data, self._offset % _PATTERN_BYTES):
                raise WrongBytes(f"within {len(data)} bytes at {self._offset}")
            self._offset += len(data)
            count -= len(data)
            if slowly:
                await asyncio.sleep(_SLOW_SECONDS)

    async def _ended(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                more = await self._reader.read(1)
        except TimeoutError as error:
            raise _told(error, "it should have ended") from error
        except OSError:
            more = b""  # a reset is an end
        if more:
            raise WrongBytes("more than the console sent")
        await self.leave()


async def knock(port: int, token: str, tls: ssl.SSLContext | None = None) -> tuple[int, Viewer | None]:
    """Ask to be let in: the status, and with 200 the viewer.

    Raises:
        Broken: there was no answer.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(_HOST, port, ssl=tls, limit=_READ_BYTES)
    except OSError as error:
        raise _told(error, "cannot connect") from error
    viewer = Viewer(reader, writer)
    try:
        writer.write(f"CONNECT /console?token={token} HTTP/1.0\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
    except BaseException as error:
        viewer.abort()
        raise _told(error, "no answer") from error
    status = int(head.split()[1])
    if status == 200:  # noqa: PLR2004
        return status, viewer
    await viewer.leave()
    return status, None


def reset(connected: socket.socket, writer: asyncio.StreamWriter) -> None:
    """Reset a connection; harmless if it has ended."""
    with suppress(OSError):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


def _told(error: BaseException, what: str) -> BaseException:
    """`error` in our words, if it is one of the network's."""
    return Broken(f"{what}: {error!r}") if isinstance(error, OSError | EOFError) else error


@cache
def _pattern() -> bytes:
    """What the console sends, again and again: twice, so that any piece of one length of it is in one piece here."""
    made, x = bytearray(_PATTERN_BYTES), 12345
    for at in range(_PATTERN_BYTES):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        made[at] = x >> 24
    return bytes(made) * 2
