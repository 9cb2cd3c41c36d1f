"""The timers of one relay.

They run only while they have something to watch, and look at the time of the
last progress when they fire: bytes that move never touch a timer.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Patience:
    """Ends a relay that makes no progress.

    Args:
        expired: called with the name of the timer whose time is over.
    """

    __slots__ = ("_expired", "_reactor", "_timers")

    def __init__(self, reactor: IReactorTime, expired: Callable[[str], None]) -> None:
        self._reactor = reactor
        self._expired = expired
        self._timers: dict[str, IDelayedCall] = {}

    def arm(self, name: str, seconds: float, since: Callable[[], float | None]) -> None:
        """Watch for `seconds` without progress; harmless if `name` is watched already.

        `since` gives the time of the last progress, or None once there is nothing to wait for.
        """
        if name not in self._timers:
            self._timers[name] = self._reactor.callLater(seconds, self._look, name, seconds, since)

    def _look(self, name: str, seconds: float, since: Callable[[], float | None]) -> None:
        del self._timers[name]
        moment = since()
        if moment is None:
            return
        left = moment + seconds - self._reactor.seconds()
        if left > 0:
            self._timers[name] = self._reactor.callLater(left, self._look, name, seconds, since)
        else:
            self._expired(name)

    def end(self) -> None:
        """Watch no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
