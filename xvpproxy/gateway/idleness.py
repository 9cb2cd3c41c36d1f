"""Ends sessions between which and their console nothing moves any more.

All of them are looked at now and then, so that no session needs a timer and
bytes that move touch no clock.
"""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall

from .shared import Gateway

#: Between two looks: this part of `idle_timeout`, at most so many seconds. A session ends at most two of them late.
_PART, _MOST_SECONDS = 16, 15.0


class IdleSweep:
    """Looks at the sessions of a gateway whose `idle_timeout` is set."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._alarm: IDelayedCall | None = None

    def start(self) -> None:
        """Begin, or begin anew with an `idle_timeout` that has changed."""
        self.close()
        seconds = self._gateway.idle_timeout
        if seconds:
            pause = min(seconds / _PART, _MOST_SECONDS)
            self._alarm = self._gateway.reactor.callLater(pause, self._look)

    def close(self) -> None:
        """Look no more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _look(self) -> None:
        self._alarm = None
        gateway = self._gateway
        now = gateway.reactor.seconds()
        for session in list(gateway.sessions.connections):
            session.look(now, gateway.idle_timeout)
        self.start()
