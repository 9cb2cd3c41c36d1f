"""The parts of the test card that change: labels, the typed text, the drawing."""

from __future__ import annotations

from typing import Final

from .canvas import Canvas
from .font import ASCENT, CELL_HEIGHT, CELL_WIDTH
from .palette import index_of
from .region import Rect


class Label:
    """One line of text of a fixed length; setting it repaints only the characters that differ."""

    def __init__(self, canvas: Canvas, x: int, y: int, length: int, *, scale: int, ink: int, paper: int) -> None:
        self._canvas = canvas
        self._x, self._y, self._scale = x, y, scale
        self._ink, self._paper = ink, paper
        self._text = " " * length

    def show(self, text: str) -> None:
        length = len(self._text)
        text = text[:length].ljust(length)
        step = CELL_WIDTH * self._scale
        for place, (old, new) in enumerate(zip(self._text, text, strict=True)):
            if old != new:
                x = self._x + place * step
                self._canvas.text(x, self._y, new, scale=self._scale, ink=self._ink, paper=self._paper)
        self._text = text


class Echo:
    """Text as it is typed: lines that wrap, a block for a cursor, scrolling at the bottom."""

    _SCALE: Final = 2
    _TAB: Final = 4

    def __init__(self, canvas: Canvas, area: Rect, *, accent: int) -> None:
        self._canvas = canvas
        self._step = CELL_WIDTH * self._SCALE
        self._line = CELL_HEIGHT * self._SCALE
        self._area = area
        self._paper = index_of("well")
        self._accent = accent
        self.columns = area.w // self._step
        self.rows = area.h // self._line
        self._lines = [""]
        self._cursor(shown=True)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self._lines)

    def write(self, text: str, *, as_key: bool = False) -> None:
        """Add text at the end; the names of keys stand out in another colour."""
        self._cursor(shown=False)
        ink = self._accent if as_key else index_of("text")
        for char in text:
            if len(self._lines[-1]) == self.columns:
                self._next_line()
            x, y = self._place()
            self._canvas.text(x, y, char, scale=self._SCALE, ink=ink, paper=self._paper)
            self._lines[-1] += char
        self._cursor(shown=True)

    def tab(self) -> None:
        self.write(" " * (self._TAB - len(self._lines[-1]) % self._TAB))

    def enter(self) -> None:
        self._cursor(shown=False)
        self._next_line()
        self._cursor(shown=True)

    def erase(self) -> None:
        """Take the last character back, also across the start of a line."""
        self._cursor(shown=False)
        if self._lines[-1]:
            self._lines[-1] = self._lines[-1][:-1]
        elif len(self._lines) > 1:
            self._lines.pop()
            if len(self._lines[-1]) == self.columns:
                self._lines[-1] = self._lines[-1][:-1]
        self._cursor(shown=True)

    def _next_line(self) -> None:
        self._lines.append("")
        if len(self._lines) > self.rows:
            self._lines.pop(0)
            self._canvas.scroll(self._area, self._line, self._paper)

    def _place(self) -> tuple[int, int]:
        return (
            self._area.x + len(self._lines[-1]) * self._step,
            self._area.y + (len(self._lines) - 1) * self._line,
        )

    def _cursor(self, *, shown: bool) -> None:
        x, y = self._place()
        if len(self._lines[-1]) < self.columns:
            box = Rect(x, y, self._step, self._line)
            self._canvas.fill(box, self._paper)
            if shown:
                self._canvas.fill(Rect(x, y, self._step - self._SCALE, ASCENT * self._SCALE), self._accent)


class Sketch:
    """A place to draw with the pointer: each button has its colour, the right one wipes."""

    _BRUSH: Final = 5
    _RIGHT: Final = 4
    #: Bit of the button mask, and the colour it draws in: left, middle, wheel up, wheel down.
    _COLOURS: Final = {1: "amber", 2: "sky", 8: "leaf", 16: "rose"}

    def __init__(self, canvas: Canvas, area: Rect) -> None:
        self._canvas = canvas
        self._area = area

    def draw(self, start: tuple[int, int], end: tuple[int, int], buttons: int) -> None:
        """A stroke with the buttons that are held (the protocol's mask); it stays inside the area."""
        if buttons & self._RIGHT:
            self._canvas.fill(self._area, index_of("well"))
            return
        colour = next((name for bit, name in self._COLOURS.items() if buttons & bit), None)
        if colour is None:
            return
        reach = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        steps = max(1, reach // 2)
        for step in range(steps + 1):
            x = start[0] + (end[0] - start[0]) * step // steps
            y = start[1] + (end[1] - start[1]) * step // steps
            self._dab(x, y, index_of(colour))

    def _dab(self, x: int, y: int, colour: int) -> None:
        """A round spot of five by five."""
        half = self._BRUSH // 2
        for box in (
            Rect(x - half, y - half + 1, self._BRUSH, self._BRUSH - 2),
            Rect(x - half + 1, y - half, self._BRUSH - 2, self._BRUSH),
        ):
            self._canvas.fill(box.meet(self._area), colour)
