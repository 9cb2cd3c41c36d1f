"""The test card: who this console belongs to, the time, colours, geometry, and two places to try things.

`TestCard` owns the canvas and everything that stands on it; a `Seat` is one
viewer's keyboard and pointer, so that two viewers never mix their modifiers or
strokes.
"""

from __future__ import annotations

import time
from typing import Final

from .canvas import Canvas
from .font import fit, width_of
from .geometry import paint_bars, paint_patches, star
from .keysyms import BACKSPACE, ENTER, MODIFIERS, TAB, character_of, name_of
from .palette import index_of
from .panels import Echo, Label, Sketch
from .region import Rect

WIDTH: Final = 800
HEIGHT: Final = 600

_MARGIN: Final = 20
_HEADER: Final = Rect(20, 20, 760, 104)
_BARS: Final = Rect(20, 136, 504, 172)
_GEOMETRY: Final = Rect(536, 136, 244, 172)
_TYPING: Final = Rect(20, 320, 374, 254)
_DRAWING: Final = Rect(406, 320, 374, 254)
_CLOCK_X: Final = 525
_INSET: Final = 12


class TestCard:
    """One console's screen.

    Args:
        name: the instance's name, shown large; what the font lacks is shown as a box.
        uuid: the instance's UUID, shown small.
        accent: the name of the colour that this console wears.
    """

    def __init__(self, name: str, uuid: str, accent: str) -> None:
        self.canvas = Canvas(WIDTH, HEIGHT)
        self._accent = index_of(accent)
        self._panel = index_of("panel")
        self._paint_backdrop()
        self._paint_header(name, uuid)
        self._paint_figures()
        self.echo, self._last_key = self._make_typing()
        self.sketch, self._position = self._make_drawing()
        self._clock = self._label(_CLOCK_X, 40, 8, scale=5, ink="text")
        self._date = self._label(582, 94, 15, scale=2, ink="muted")

    def show_time(self, now: time.struct_time) -> None:
        """Set the clock; only the digits that differ are repainted."""
        self._clock.show(time.strftime("%H:%M:%S", now))
        self._date.show(time.strftime("%a %d %b %Y", now).rjust(15))

    def show_key(self, name: str) -> None:
        self._last_key.show(name.rjust(16))

    def show_pointer(self, x: int, y: int) -> None:
        self._position.show(f"{x:4},{y:4}")

    def _label(self, x: int, y: int, length: int, *, scale: int, ink: str) -> Label:
        return Label(self.canvas, x, y, length, scale=scale, ink=index_of(ink), paper=self._panel)

    def _say(self, x: int, y: int, text: str, *, scale: int = 2, ink: str = "muted", paper: str = "panel") -> None:
        self.canvas.text(x, y, text, scale=scale, ink=index_of(ink), paper=index_of(paper))

    def _paint_backdrop(self) -> None:
        """A fine grid inside a border whose outermost line is the edge of the screen itself."""
        canvas, grid = self.canvas, index_of("grid")
        canvas.fill(canvas.bounds, index_of("backdrop"))
        for x in range(_MARGIN, WIDTH, 40):
            canvas.fill(Rect(x - 1, 0, 2, HEIGHT), grid)
        for y in range(_MARGIN, HEIGHT, 40):
            canvas.fill(Rect(0, y - 1, WIDTH, 2), grid)
        canvas.frame(canvas.bounds, index_of("white"))
        for corner_x, corner_y in ((0, 0), (WIDTH - 5, 0), (0, HEIGHT - 5), (WIDTH - 5, HEIGHT - 5)):
            canvas.fill(Rect(corner_x, corner_y, 5, 5), index_of("white"))
        self._say(_MARGIN, 582, f"xvpproxy demo console  RFB 3.8  {WIDTH} x {HEIGHT}", scale=1, paper="backdrop")

    def _paint_panel(self, area: Rect) -> None:
        self.canvas.fill(area, self._panel)
        self.canvas.frame(area, index_of("edge"))

    def _paint_header(self, name: str, uuid: str) -> None:
        self._paint_panel(_HEADER)
        self.canvas.fill(Rect(_HEADER.x, _HEADER.y, 6, _HEADER.h), self._accent)
        room = _CLOCK_X - _HEADER.x - 40
        text, scale = fit(name, room, range(6, 1, -1))
        self._say(_HEADER.x + 24, 36 + (6 - scale) * 4, text, scale=scale, ink="text")
        text, scale = fit(uuid, room, range(2, 0, -1))
        self._say(_HEADER.x + 24, 94, text, scale=scale)

    def _paint_figures(self) -> None:
        self._paint_panel(_BARS)
        paint_bars(self.canvas, Rect(_BARS.x + _INSET, _BARS.y + _INSET, 480, _BARS.h - 2 * _INSET))
        self._paint_panel(_GEOMETRY)
        self.canvas.put(_GEOMETRY.x + 14, _GEOMETRY.y + 15, star(70, self._panel))
        paint_patches(self.canvas, _GEOMETRY.x + 166, _GEOMETRY.y + 17)

    def _well(self, panel: Rect, title: str) -> Rect:
        """Paint a panel with a title and a sunken area; the area inside its frame."""
        self._paint_panel(panel)
        self._say(panel.x + _INSET, panel.y + 10, title)
        well = Rect(panel.x + _INSET, panel.y + 32, panel.w - 2 * _INSET, panel.h - 32 - _INSET)
        self.canvas.fill(well, index_of("well"))
        self.canvas.frame(well, index_of("edge"))
        return Rect(well.x + 1, well.y + 1, well.w - 2, well.h - 2)

    def _make_typing(self) -> tuple[Echo, Label]:
        well = self._well(_TYPING, "Type here")
        area = Rect(well.x + 6, well.y + 5, well.w - 12, 200)
        label = self._label(
            _TYPING.x + _TYPING.w - _INSET - width_of("x" * 16, 2), _TYPING.y + 10, 16, scale=2, ink="text"
        )
        return Echo(self.canvas, area, accent=self._accent), label

    def _make_drawing(self) -> tuple[Sketch, Label]:
        well = self._well(_DRAWING, "Draw here")
        label = self._label(
            _DRAWING.x + _DRAWING.w - _INSET - width_of("x" * 9, 2), _DRAWING.y + 10, 9, scale=2, ink="text"
        )
        return Sketch(self.canvas, well), label


class Seat:
    """One viewer's keyboard and pointer at a test card."""

    def __init__(self, card: TestCard) -> None:
        self._card = card
        self._held: set[int] = set()
        self._at = (0, 0)
        self._buttons = 0

    def key(self, keysym: int, *, down: bool) -> None:
        """A key event: characters are echoed, other keys are named, with the modifiers that are held."""
        if keysym in MODIFIERS:
            (self._held.add if down else self._held.discard)(keysym)
        if not down:
            return
        self._card.show_key(name_of(keysym))
        if keysym not in MODIFIERS:
            self._echo(keysym)

    def _echo(self, keysym: int) -> None:
        echo = self._card.echo
        held = [name for name in dict.fromkeys(MODIFIERS.values()) if name in {MODIFIERS[key] for key in self._held}]
        chord = [name for name in held if name not in ("Shift", "AltGr")]
        char = character_of(keysym)
        if chord:
            echo.write(f"[{'+'.join([*held, name_of(keysym)])}]", as_key=True)
        elif char is not None and char.isascii():
            echo.write(char)
        elif keysym == BACKSPACE:
            echo.erase()
        elif keysym in ENTER:
            echo.enter()
        elif keysym == TAB:
            echo.tab()
        else:
            echo.write(f"[{'+'.join([*held, name_of(keysym)])}]", as_key=True)

    def pointer(self, buttons: int, x: int, y: int) -> None:
        """A pointer event: strokes begin where a button goes down and follow while it is held."""
        x, y = min(x, WIDTH - 1), min(y, HEIGHT - 1)
        if buttons:
            self._card.sketch.draw(self._at if self._buttons else (x, y), (x, y), buttons)
        self._at, self._buttons = (x, y), buttons
        self._card.show_pointer(x, y)
