"""A screen of indexed colours: one byte a pixel, changed a row at a time.

Whoever shows the screen adds itself to `watchers` and is told which rectangle
changed.  Painting clips to the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from .font import CELL_HEIGHT, CELL_WIDTH, cell
from .region import Rect


class Canvas:
    """`width` times `height` pixels, each an index into the palette; all 0 at first."""

    def __init__(self, width: int, height: int) -> None:
        self.bounds = Rect(0, 0, width, height)
        self.watchers: list[Callable[[Rect], None]] = []
        self._width = width
        self._pixels = bytearray(width * height)

    def fill(self, rect: Rect, colour: int) -> None:
        """Paint a rectangle in one colour."""
        rect = rect.meet(self.bounds)
        if rect.empty:
            return
        line = bytes((colour,)) * rect.w
        for start in self._starts(rect):
            self._pixels[start : start + rect.w] = line
        self._changed(rect)

    def frame(self, rect: Rect, colour: int, thickness: int = 1) -> None:
        """Paint the border of a rectangle, inside its edges."""
        x, y, w, h = rect
        self.fill(Rect(x, y, w, thickness), colour)
        self.fill(Rect(x, y + h - thickness, w, thickness), colour)
        self.fill(Rect(x, y, thickness, h), colour)
        self.fill(Rect(x + w - thickness, y, thickness, h), colour)

    def put(self, x: int, y: int, rows: Iterable[bytes]) -> None:
        """Copy rows of pixels to (x, y), all of one length; they must lie on the screen."""
        height = 0
        width = 0
        start = y * self._width + x
        for row in rows:
            width = len(row)
            self._pixels[start : start + width] = row
            start += self._width
            height += 1
        self._changed(Rect(x, y, width, height))

    def text(self, x: int, y: int, text: str, *, scale: int, ink: int, paper: int) -> None:
        """Write `text` with the top left of its first cell at (x, y); what would leave the screen is not written."""
        for char in text:
            if x + CELL_WIDTH * scale > self.bounds.w or y + CELL_HEIGHT * scale > self.bounds.h:
                return
            self.put(x, y, _coloured(char, scale, ink, paper))
            x += CELL_WIDTH * scale

    def scroll(self, rect: Rect, rows: int, colour: int) -> None:
        """Move the content of `rect`, which lies on the screen, up by `rows` pixels and fill what becomes free."""
        shift = rows * self._width
        for start in self._starts(Rect(rect.x, rect.y, rect.w, rect.h - rows)):
            self._pixels[start : start + rect.w] = self._pixels[start + shift : start + shift + rect.w]
        self.fill(Rect(rect.x, rect.y + rect.h - rows, rect.w, rows), colour)
        self._changed(rect)

    def read(self, rect: Rect) -> bytes:
        """The pixels of a rectangle on the screen, row by row."""
        if rect.x == 0 and rect.w == self._width:
            return bytes(self._pixels[rect.y * self._width : (rect.y + rect.h) * self._width])
        return b"".join([self._pixels[start : start + rect.w] for start in self._starts(rect)])

    def _starts(self, rect: Rect) -> range:
        first = rect.y * self._width + rect.x
        return range(first, first + rect.h * self._width, self._width)

    def _changed(self, rect: Rect) -> None:
        for watcher in self.watchers:
            watcher(rect)


@cache
def _coloured(char: str, scale: int, ink: int, paper: int) -> tuple[bytes, ...]:
    table = bytes((paper, ink)) + bytes(254)
    return tuple(row.translate(table) for row in cell(char, scale))
