"""HTTP/1 heads, of a viewer's request and of a XenServer's reply: one strict, bounded parser.

Lines end in CR LF, nothing is folded, no control character is admitted, and
nothing behind the blank line is touched.  A head is at most 8,192 bytes with
its blank line, and 64 header lines besides the first (a XenServer's own limit
for requests is 1,006 bytes; its replies are below 500).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .conversation import TooLong

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


class WholeHead:
    """The step that waits for a head with its blank line."""

    __slots__ = ()

    def answer(self, buffer: bytearray) -> int:
        """See `Step`.  Raises MalformedHead for a line that does not end in CR LF, and TooLong."""
        end = buffer.find(_BLANK_LINE, 0, MAX_HEAD_BYTES)
        if buffer.startswith(b"\r\n"):
            end = -2
        seen = len(buffer) if end == -1 else end + 4
        if buffer.count(b"\n", 0, seen) != buffer.count(b"\r\n", 0, seen):
            raise MalformedHead("a line does not end in CR LF")
        if end == -1 and seen >= MAX_HEAD_BYTES:
            raise TooLong
        return -1 if end == -1 else seen


def parse_request(head: bytes) -> Request:
    """The request whose head, with its blank line, this is.  Raises MalformedHead, TooManyLines."""
    lines = _lines(head)
    match = _REQUEST_LINE.fullmatch(lines[0])
    if match is None:
        raise MalformedHead("the request line is not METHOD TARGET HTTP/1.x")
    return Request(match[1], match[2], _parse_headers(lines[1:]))


def parse_reply(head: bytes) -> Reply:
    """The reply whose head, with its blank line, this is: the status is exactly three digits.

    Raises:
        MalformedHead: it is none.
        TooManyLines: more than 64 header lines.
    """
    lines = _lines(head)
    match = _STATUS_LINE.fullmatch(lines[0])
    if match is None:
        raise MalformedHead("the status line is not HTTP/1.x NNN REASON")
    return Reply(int(match[1]), _parse_headers(lines[1:]))


def _lines(head: bytes) -> list[bytes]:
    """The lines without their CR LF and without the blank line; the first one is empty where there is none."""
    lines = head.removesuffix(_BLANK_LINE).split(b"\r\n")
    if len(lines) > 1 + MAX_HEADER_LINES:
        raise TooManyLines
    return lines


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
