"""Patterns that show at once whether a picture is scaled, squeezed or blurred."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Final

from .canvas import Canvas
from .palette import index_of, ramp
from .region import Rect

_SPOKES: Final = 24
_PATCH: Final = 30
_GAP: Final = 6

#: One row each; the argument is the width of a line in pixels.
_PATCHES: Final[tuple[Callable[[int, int, int], int], ...]] = (
    lambda x, _, line: x // line % 2,
    lambda _, y, line: y // line % 2,
    lambda x, y, line: (x // line + y // line) % 2,
    lambda x, y, line: (x + y) // line % 2,
)


def paint_bars(canvas: Canvas, area: Rect) -> None:
    """Eight colour bars, a ramp of greys, and one of each primary; `area` is 480 wide and at least 130 high."""
    bars = ("white", "yellow", "cyan", "green", "magenta", "red", "blue", "black")
    ramps = ("grey", "red", "green", "blue")
    heights = (30, 16, 16, 16)
    top = area.h - sum(heights) - 4 * len(heights) + 8
    for place, name in enumerate(bars):
        width = area.w // len(bars)
        canvas.fill(Rect(area.x + place * width, area.y, width, top), index_of(name))
    y = area.y + top + 4
    for name, height in zip(ramps, heights, strict=True):
        steps = ramp(name)
        width = area.w // len(steps)
        for place, colour in enumerate(steps):
            canvas.fill(Rect(area.x + place * width, y, width, height), colour)
        y += height + (4 if name == "grey" else 0)


def paint_patches(canvas: Canvas, x: int, y: int) -> None:
    """Upright, level, chequered and slanted lines, one and two pixels wide: 66 by 138 pixels."""
    colours = (index_of("black"), index_of("white"))
    for place, pattern in enumerate(_PATCHES):
        for line in (1, 2):
            rows = [bytes(colours[pattern(i, j, line)] for i in range(_PATCH)) for j in range(_PATCH)]
            canvas.put(x + (line - 1) * (_PATCH + _GAP), y + place * (_PATCH + _GAP), rows)


@cache
def star(radius: int, paper: int) -> tuple[bytes, ...]:
    """A wheel of spokes in a ring: rows of `2 * radius + 1` pixels.  Round and even, or the picture is squeezed."""
    black, white = index_of("black"), index_of("white")

    def dot(x: int, y: int) -> int:
        distance = math.hypot(x, y)
        if distance > radius + 0.5:
            return paper
        if distance > radius - 2:
            return white
        if distance > radius - 5:
            return paper
        spoke = int((math.atan2(y, x) / math.tau + 0.5 / _SPOKES / 2 + 1) * _SPOKES * 2)
        return white if spoke % 2 else black

    span = range(-radius, radius + 1)
    return tuple(bytes(dot(x, y) for x in span) for y in span)
