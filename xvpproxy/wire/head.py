"""HTTP/1 heads, of a viewer's request and of a XenServer's reply: one strict, bounded parser.

Lines end in CR LF, nothing is folded, no control character is admitted, and
nothing behind the blank line is touched.  A head is at most 8,192 bytes with
its blank line, and 64 header lines besides the first (a XenServer's own limit
for requests is 1,006 bytes; its replies are below 500).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .conversation import Conversation, TooLong

MAX_HEAD_BYTES = 8192
MAX_HEADER_LINES = 64

_BLANK_LINE = b"\r\n\r\n"
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_REQUEST_LINE = re.compile(rb"([A-Z]+) ([^\x00-\x20\x7f]+) HTTP/1\.[01]")
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3})(?: ([^\x00-\x08\x0a-\x1f\x7f]*))?")


class MalformedHead(Exception):
    """Not an HTTP/1 head; the message says where, without quoting it."""


class TooManyLines(Exception):
    """More than 64 header lines."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request's head.

    Attributes:
        method: in upper case, such as `CONNECT`.
        target: the request target as sent; it may hold a token, so it is never printed.
        headers: names in lower case, values without surrounding blanks, in order.
    """

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    def __repr__(self) -> str:
        return f"<Request {self.method!r}>"

    def values(self, name: bytes) -> list[bytes]:
        """All values of the header `name` (lower case), in order."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply's head: the status as a number, and the headers as in `Request`."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]


class _Head:
    """The step that waits for a head with its blank line, behind `already` bytes of it that were read before."""

    __slots__ = ("_begun", "_limit")

    def __init__(self, already: int) -> None:
        self._begun = already > 0
        self._limit = MAX_HEAD_BYTES - already

    def answer(self, buffer: bytearray) -> int:
        """See `Step`.  Raises MalformedHead, TooLong."""
        end = buffer.find(_BLANK_LINE, 0, self._limit)
        if not self._begun and buffer.startswith(b"\r\n"):
            end = -2
        seen = len(buffer) if end == -1 else end + 4
        if buffer.count(b"\n", 0, seen) != buffer.count(b"\r\n", 0, seen):
            raise MalformedHead("a line does not end in CR LF")
        if end == -1 and seen >= self._limit:
            raise TooLong
        return -1 if end == -1 else seen


def read_lines(already: bytes = b"") -> Conversation[list[bytes]]:
    """The lines of a head without their CR LF and without the blank line.

    Args:
        already: the first bytes of the head, if they were read before.

    Raises:
        MalformedHead: a line does not end in CR LF.
        TooManyLines: more than 64 header lines.
        TooLong, Ended: from the step that fails.
    """
    lines = (already + (yield _Head(len(already)))).split(b"\r\n")
    del lines[-2:]
    if len(lines) > 1 + MAX_HEADER_LINES:
        raise TooManyLines
    return lines


def parse_request(lines: list[bytes]) -> Request:
    """The request that `lines` make.  Raises MalformedHead."""
    match = _REQUEST_LINE.fullmatch(lines[0]) if lines else None
    if match is None:
        raise MalformedHead("the request line is not METHOD TARGET HTTP/1.x")
    return Request(match[1], match[2], _parse_headers(lines[1:]))


def parse_reply(lines: list[bytes]) -> Reply:
    """The reply that `lines` make: the status is exactly three digits.  Raises MalformedHead."""
    match = _STATUS_LINE.fullmatch(lines[0]) if lines else None
    if match is None:
        raise MalformedHead("the status line is not HTTP/1.x NNN REASON")
    return Reply(int(match[1]), _parse_headers(lines[1:]))


def _parse_headers(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    headers = []
    for number, line in enumerate(lines, 2):
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise MalformedHead(f"line {number} is not a header")
        if _CONTROL.search(value):
            raise MalformedHead(f"line {number} has a control character")
        headers.append((name.lower(), value.strip(b" \t")))
    return tuple(headers)
