"""Pipes through which bulk data moves without being copied.

`splice` moves pages from a socket into a pipe and from there into another
socket.  A pipe is leased while data is in flight only.  An unprivileged user
has 16,384 pages for all its pipes (64 pipes of a mebibyte); what is made beyond
holds 8 KiB and is worse than copying, so leases are few and small pipes are not
used.
"""

from __future__ import annotations

import fcntl
import os

#: What a pipe is asked to hold, and the least with which splicing pays.
PIPE_BYTES, LEAST_PIPE_BYTES = 1 << 20, 1 << 16
#: Pipes that may be out at once, and idle ones that are kept.
_LEASES, _KEPT = 64, 16


class Pipe:
    """Two descriptors: what is written to `entry` comes out of `exit`; `filled` bytes are in between."""

    __slots__ = ("entry", "exit", "filled")

    def __init__(self, exit_: int, entry: int) -> None:
        self.exit = exit_
        self.entry = entry
        self.filled = 0


class Pipes:
    """Leases pipes."""

    def __init__(self) -> None:
        self._idle: list[Pipe] = []
        self._out = 0

    def lease(self) -> Pipe | None:
        """An empty pipe, or None if none can be had just now."""
        if self._out >= _LEASES:
            return None
        pipe = self._idle.pop() if self._idle else _make()
        if pipe is not None:
            self._out += 1
        return pipe

    def give_back(self, pipe: Pipe) -> None:
        """End a lease; a pipe that still holds bytes is never used again."""
        self._out -= 1
        if not pipe.filled and len(self._idle) < _KEPT:
            self._idle.append(pipe)
        else:
            _close(pipe)

    def close(self) -> None:
        """Close the idle ones; leased ones are closed as they come back."""
        while self._idle:
            _close(self._idle.pop())


def _make() -> Pipe | None:
    try:
        pipe = Pipe(*os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError:
        return None  # out of descriptors
    try:
        size = fcntl.fcntl(pipe.entry, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        size = fcntl.fcntl(pipe.entry, fcntl.F_GETPIPE_SZ)
    if size < LEAST_PIPE_BYTES:
        _close(pipe)
        return None
    return pipe


def _close(pipe: Pipe) -> None:
    os.close(pipe.exit)
    os.close(pipe.entry)
