"""The pixel format that a viewer asks for, and indexed colours put into it.

RFB 3.8 section 7.4.  A pixel of the canvas is one byte, so each byte of a
viewer's pixel is one table of 256 entries; whole rows go through
`bytes.translate`, and the tables' results are laid side by side.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .palette import PALETTE

_LAYOUT: Final = struct.Struct(">BBBBHHHBBB3x")
SIZE_BYTES: Final = _LAYOUT.size


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How a viewer wants its pixels; the fields are the protocol's own, in its order."""

    bits_per_pixel: int = 32
    depth: int = 24
    big_endian: bool = False
    true_colour: bool = True
    red_max: int = 255
    green_max: int = 255
    blue_max: int = 255
    red_shift: int = 16
    green_shift: int = 8
    blue_shift: int = 0

    @classmethod
    def parse(cls, data: bytes) -> PixelFormat:
        """Read the 16 bytes of a format.

        Raises:
            ValueError: no such format exists; the sentence says why.
        """
        bits, depth, big, true, *colours = _LAYOUT.unpack(data)
        if bits not in (8, 16, 32):
            raise ValueError(f"{bits} bits per pixel: only 8, 16 and 32 exist")
        if true and max(colours[3:]) >= bits:
            raise ValueError(f"a colour shift of {max(colours[3:])} does not fit into {bits} bits per pixel")
        return cls(bits, depth, bool(big), bool(true), *colours)

    def pack(self) -> bytes:
        return _LAYOUT.pack(
            *(self.bits_per_pixel, self.depth, self.big_endian, self.true_colour),
            *(self.red_max, self.green_max, self.blue_max),
            *(self.red_shift, self.green_shift, self.blue_shift),
        )

    def value(self, index: int) -> int:
        """The number that stands for a palette entry: the entry itself where the viewer uses a colour map."""
        if not self.true_colour:
            return index
        red, green, blue = PALETTE[index]
        number = (
            (red * self.red_max + 127) // 255 << self.red_shift
            | (green * self.green_max + 127) // 255 << self.green_shift
            | (blue * self.blue_max + 127) // 255 << self.blue_shift
        )
        return number & ((1 << self.bits_per_pixel) - 1)

    def pixel(self, index: int) -> bytes:
        """A palette entry as it goes over the wire."""
        return self.value(index).to_bytes(self.bits_per_pixel // 8, "big" if self.big_endian else "little")

    def compact_bytes(self) -> slice:
        """Which bytes of a pixel ZRLE sends (a CPIXEL): three of four if the colours fit into them, else all."""
        if self.true_colour and self.bits_per_pixel == 32 and self.depth <= 24:  # noqa: PLR2004
            used = (
                self.red_max << self.red_shift | self.green_max << self.green_shift | self.blue_max << self.blue_shift
            )
            if used < 1 << 24:
                return slice(1, 4) if self.big_endian else slice(0, 3)
            if used & 0xFF == 0 and used < 1 << 32:
                return slice(0, 3) if self.big_endian else slice(1, 4)
        return slice(0, self.bits_per_pixel // 8)


class Planes:
    """Turns indices into pixels: one lookup table for each byte that a pixel has on the wire."""

    def __init__(self, pixels: Sequence[bytes]) -> None:
        self.pixels = pixels
        unused = bytes(256 - len(pixels))
        self._tables = [bytes(column) + unused for column in zip(*pixels, strict=True)]

    def convert(self, indices: bytes) -> bytes:
        if len(self._tables) == 1:
            return indices.translate(self._tables[0])
        size = len(self._tables)
        out = bytearray(len(indices) * size)
        for position, table in enumerate(self._tables):
            out[position::size] = indices.translate(table)
        return bytes(out)


@lru_cache(maxsize=16)
def planes(pixel_format: PixelFormat) -> Planes:
    """For encodings that send PIXELs."""
    return Planes([pixel_format.pixel(index) for index in range(len(PALETTE))])


@lru_cache(maxsize=16)
def compact_planes(pixel_format: PixelFormat) -> Planes:
    """For encodings that send CPIXELs."""
    part = pixel_format.compact_bytes()
    return Planes([pixel_format.pixel(index)[part] for index in range(len(PALETTE))])


def colour_map() -> bytes:
    """The SetColourMapEntries message that gives a viewer our palette."""
    entries = b"".join(struct.pack(">HHH", *(level * 257 for level in colour)) for colour in PALETTE)
    return struct.pack(">BxHH", 1, 0, len(PALETTE)) + entries
