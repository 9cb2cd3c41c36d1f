"""Rectangles, and a bounded set of them: what a viewer has not been sent yet."""

from __future__ import annotations

from typing import Final, NamedTuple

#: More rectangles than this become one that covers them all.
MAX_RECTS: Final = 24


class Rect(NamedTuple):
    """A rectangle in pixels, top left corner first; empty if `w` or `h` is not positive."""

    x: int
    y: int
    w: int
    h: int

    @property
    def empty(self) -> bool:
        return self.w <= 0 or self.h <= 0

    def meet(self, other: Rect) -> Rect:
        """What both cover; empty if they do not touch."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Rect(x, y, min(self.x + self.w, other.x + other.w) - x, min(self.y + self.h, other.y + other.h) - y)

    def cover(self, other: Rect) -> Rect:
        """The smallest rectangle around both, neither of them empty."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.x + self.w, other.x + other.w) - x, max(self.y + self.h, other.y + other.h) - y)

    def without(self, hole: Rect) -> list[Rect]:
        """What remains of this rectangle outside `hole`: up to four rectangles."""
        hole = self.meet(hole)
        if hole.empty:
            return [self]
        below, right = hole.y + hole.h, hole.x + hole.w
        pieces = [
            Rect(self.x, self.y, self.w, hole.y - self.y),
            Rect(self.x, below, self.w, self.y + self.h - below),
            Rect(self.x, hole.y, hole.x - self.x, hole.h),
            Rect(right, hole.y, self.x + self.w - right, hole.h),
        ]
        return [piece for piece in pieces if not piece.empty]


class Region:
    """At most `MAX_RECTS` rectangles that together cover everything that was added."""

    def __init__(self) -> None:
        self._rects: list[Rect] = []

    def add(self, rect: Rect) -> None:
        """Cover `rect` too; rectangles that overlap it are merged into it."""
        if rect.empty or any(known.meet(rect) == rect for known in self._rects):
            return
        apart = []
        for known in self._rects:
            if known.meet(rect).empty:
                apart.append(known)
            else:
                rect = rect.cover(known)
        self._rects = [*apart, rect]
        if len(self._rects) > MAX_RECTS:
            whole = self._rects[0]
            for known in self._rects[1:]:
                whole = whole.cover(known)
            self._rects = [whole]

    def take(self, window: Rect) -> list[Rect]:
        """Remove and return what lies inside `window`."""
        taken = [part for rect in self._rects if not (part := rect.meet(window)).empty]
        self._rects = [rest for rect in self._rects for rest in rect.without(window)]
        return taken
