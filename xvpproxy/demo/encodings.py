"""Rectangles of the canvas as a viewer takes them: Raw, Zlib and ZRLE.

RFB 3.8 sections 7.7.1, 7.7.6 and the community's for Zlib (6).  Both
compressed ones keep one zlib stream for a viewer's whole life, so an encoder
belongs to one viewer.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final, Protocol

from .canvas import Canvas
from .pixels import PixelFormat, Planes, compact_planes, planes
from .region import Rect

#: Quick rather than small: what is sent is flat colour, and the network here is mostly a loopback.
_LEVEL: Final = 3


class Encoder(Protocol):
    number: int

    def encode(self, canvas: Canvas, rect: Rect, pixel_format: PixelFormat) -> bytes:
        """The data that follows a rectangle's header."""


class Raw:
    number = 0

    def encode(self, canvas: Canvas, rect: Rect, pixel_format: PixelFormat) -> bytes:
        return planes(pixel_format).convert(canvas.read(rect))


class _Stream:
    """A zlib stream that goes on from one rectangle to the next; each piece comes with its length."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(_LEVEL)

    def piece(self, data: bytes) -> bytes:
        packed = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return len(packed).to_bytes(4, "big") + packed


class Zlib:
    number = 6

    def __init__(self) -> None:
        self._stream = _Stream()

    def encode(self, canvas: Canvas, rect: Rect, pixel_format: PixelFormat) -> bytes:
        return self._stream.piece(planes(pixel_format).convert(canvas.read(rect)))


class Zrle:
    """Tiles of 64 by 64: one colour, a packed palette of up to 16, or plain pixels; zlib does the rest."""

    number = 16
    _TILE = 64

    def __init__(self) -> None:
        self._stream = _Stream()

    def encode(self, canvas: Canvas, rect: Rect, pixel_format: PixelFormat) -> bytes:
        compact = compact_planes(pixel_format)
        tiles = []
        for y in range(rect.y, rect.y + rect.h, self._TILE):
            height = min(self._TILE, rect.y + rect.h - y)
            for x in range(rect.x, rect.x + rect.w, self._TILE):
                width = min(self._TILE, rect.x + rect.w - x)
                tiles.append(_tile(canvas.read(Rect(x, y, width, height)), width, compact))
        return self._stream.piece(b"".join(tiles))


def _tile(indices: bytes, width: int, compact: Planes) -> bytes:
    """One ZRLE tile, before zlib."""
    colours = sorted(set(indices))
    if len(colours) > 16:  # noqa: PLR2004 (the largest packed palette)
        return b"\0" + compact.convert(indices)
    head = bytes((len(colours),)) + b"".join([compact.pixels[colour] for colour in colours])
    if len(colours) == 1:
        return head
    bits = 1 if len(colours) == 2 else 2 if len(colours) <= 4 else 4  # noqa: PLR2004
    places = bytearray(256)
    for place, colour in enumerate(colours):
        places[colour] = place
    return head + _pack(indices.translate(places), width, bits)


def _pack(values: bytes, width: int, bits: int) -> bytes:
    """Pack values of `bits` bits, the first into the highest; each row of `width` begins a new byte."""
    per_byte = 8 // bits
    missing = -width % per_byte
    if missing:
        gap = bytes(missing)
        values = b"".join([values[at : at + width] + gap for at in range(0, len(values), width)])
    packed = 0
    for place in range(per_byte):
        packed |= int.from_bytes(values[place::per_byte], "big") << bits * (per_byte - 1 - place)
    return packed.to_bytes(len(values) // per_byte, "big")


#: What can be asked for, by number.
ENCODERS: Final[dict[int, Callable[[], Encoder]]] = {kind.number: kind for kind in (Raw, Zlib, Zrle)}
