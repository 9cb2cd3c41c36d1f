"""The colours of the test card: at most 256, so that a pixel is one byte until a viewer's format is known."""

from __future__ import annotations

from typing import Final

Colour = tuple[int, int, int]

_NAMED: Final[dict[str, Colour]] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "backdrop": (21, 25, 33),
    "grid": (33, 39, 51),
    "panel": (29, 35, 46),
    "edge": (58, 68, 86),
    "well": (14, 17, 23),
    "text": (230, 234, 241),
    "muted": (141, 152, 172),
    "amber": (255, 184, 84),
    "sky": (92, 207, 230),
    "leaf": (166, 218, 112),
    "rose": (244, 126, 148),
    "violet": (178, 148, 255),
    "yellow": (235, 235, 16),
    "cyan": (16, 235, 235),
    "green": (16, 235, 16),
    "magenta": (235, 16, 235),
    "red": (235, 16, 16),
    "blue": (16, 16, 235),
}

#: Steps in each of the ramps.
GREYS: Final = 48
SHADES: Final = 32


def _level(step: int, steps: int) -> int:
    return step * 255 // (steps - 1)


_RAMPS: Final[dict[str, list[Colour]]] = {
    "grey": [(_level(step, GREYS),) * 3 for step in range(GREYS)],
    "red": [(_level(step, SHADES), 0, 0) for step in range(SHADES)],
    "green": [(0, _level(step, SHADES), 0) for step in range(SHADES)],
    "blue": [(0, 0, _level(step, SHADES)) for step in range(SHADES)],
}

#: Every colour by its index, each component 0 to 255.
PALETTE: Final[list[Colour]] = [*_NAMED.values(), *(colour for ramp in _RAMPS.values() for colour in ramp)]

_INDEX: Final = {name: index for index, name in enumerate(_NAMED)}
_RAMP_START: Final = {
    name: len(_NAMED) + sum(len(ramp) for ramp in list(_RAMPS.values())[:position])
    for position, name in enumerate(_RAMPS)
}

#: Each console of a demo wears one of these, so that their windows are told apart at a glance.
ACCENTS: Final = ("amber", "sky", "leaf", "rose", "violet")


def index_of(name: str) -> int:
    """The index of a named colour."""
    return _INDEX[name]


def ramp(name: str) -> range:
    """The indices of a ramp, dark to light: `grey`, `red`, `green` or `blue`."""
    return range(_RAMP_START[name], _RAMP_START[name] + len(_RAMPS[name]))
