"""The time of a relay one of whose sides has ended: what is left is delivered, as long as it moves."""

from __future__ import annotations

from typing import Protocol

from .timers import Timers

#: Looks in a row that must find nothing moved; each comes after so many parts of the time.
_LOOKS = 4


class Progressing(Protocol):
    """What is needed of the relay."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""

    @property
    def progress(self) -> int:
        """A number that grows with every byte that is taken or delivered."""

    def expired(self) -> None:
        """Nothing has moved for too long."""


class Closing:
    """Tells a relay when nothing has moved for `seconds`, at most a quarter of that late."""

    __slots__ = ("_left", "_pause", "_progress", "_relay", "_timers")

    def __init__(self, relay: Progressing, seconds: float, timers: Timers) -> None:
        self._relay = relay
        self._timers = timers
        self._pause = seconds / _LOOKS
        self._progress = relay.progress
        self._left = _LOOKS
        timers.start(self._pause, self)

    def expired(self) -> None:
        """See `timers.Timed`."""
        relay = self._relay
        if relay.over:
            return
        if relay.progress != self._progress:
            self._progress, self._left = relay.progress, _LOOKS
        else:
            self._left -= 1
        if self._left:
            self._timers.start(self._pause, self)
        else:
            relay.expired()
