"""Many timers of few lengths, for the price of two dictionary operations each.

Timers of one length run out in the order in which they were started: so each
length is a queue with one call of the reactor's, for its first timer, and a
timer that is stopped in time, as nearly all are, never touches the reactor.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

log = Logger()


class Timed(Protocol):
    """Whom a timer is for."""

    def expired(self) -> None:
        """The time is over."""


class Timers:
    """All timers of a gateway."""

    def __init__(self, reactor: IReactorTime) -> None:
        self._reactor = reactor
        self._now = reactor.seconds
        self._queues: dict[float, OrderedDict[Timed, float]] = {}
        self._alarms: dict[float, IDelayedCall] = {}

    def start(self, seconds: float, owner: Timed) -> None:
        """Call `owner.expired()` in `seconds`; one that runs with that length already starts again."""
        queue = self._queues.get(seconds)
        if queue is None:
            queue = self._queues[seconds] = OrderedDict()
        else:
            queue.pop(owner, None)
        queue[owner] = self._now() + seconds
        if seconds not in self._alarms:
            self._alarms[seconds] = self._reactor.callLater(seconds, self._look, seconds)

    def stop(self, seconds: float, owner: Timed) -> None:
        """Do not call it; harmless if no such timer runs."""
        queue = self._queues.get(seconds)
        if queue is not None:
            queue.pop(owner, None)

    def close(self) -> None:
        """Stop all of them."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        for queue in self._queues.values():  # one of them may be being looked at
            queue.clear()

    def _look(self, seconds: float) -> None:
        del self._alarms[seconds]
        queue = self._queues[seconds]
        now = self._now()
        while queue:
            owner, due = next(iter(queue.items()))
            if due > now:
                if seconds not in self._alarms:  # one that expired may have started another
                    self._alarms[seconds] = self._reactor.callLater(due - now, self._look, seconds)
                return
            del queue[owner]
            try:
                owner.expired()
            except Exception:  # noqa: BLE001  (the timers behind it still count)
                log.failure("a timer failed")
