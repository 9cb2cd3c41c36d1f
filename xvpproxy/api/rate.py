"""How fast one caller may call."""

from __future__ import annotations

from math import ceil

from twisted.internet.interfaces import IReactorTime

from .messages import Fault

#: Callers that are kept in mind; those who have been quiet are forgotten first.
_REMEMBERED = 4096


class RateLimit:
    """A bucket for each caller: it holds `burst` calls and gains `per_second`.

    Args:
        per_second: above 0; 0 admits everything.
    """

    def __init__(self, clock: IReactorTime, *, per_second: float, burst: float) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._left: dict[str, tuple[float, float]] = {}

    def left(self, key: str) -> float:
        """How many calls this caller has left now."""
        left, since = self._left.get(key, (self._burst, self._clock.seconds()))
        return min(self._burst, left + (self._clock.seconds() - since) * self._per_second)

    def check(self, key: str) -> None:
        """Raise Fault 429 if this caller has no call left."""
        if self._per_second and self.left(key) < 1:
            wait = ceil((1 - self.left(key)) / self._per_second)
            raise Fault(429, f"Too many calls; try again in {wait} s.", Retry_After=str(wait))

    def spend(self, key: str) -> None:
        """Take one call from what this caller has."""
        left = self.left(key)
        self._left.pop(key, None)
        if len(self._left) >= _REMEMBERED:
            del self._left[next(iter(self._left))]
        self._left[key] = (left - 1, self._clock.seconds())
