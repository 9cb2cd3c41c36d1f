"""Hands the events of relayed sockets straight to their owners.

A reactor spends more time on finding out whom an event is for, and on changing
what it waits for, than a relay spends on moving a small message.  So the poller
object of the epoll reactor is wrapped: `poll` serves our own descriptors while
it is at it and returns the rest to the reactor.  Ours are registered once, edge
triggered, for everything.

This leans on one private name, `reactor._poller`.  Where it is missing, or the
reactor is another one, `attach` says so and the portable relay is used.
"""

from __future__ import annotations

import select
from collections import deque
from typing import Any, Protocol

from twisted.logger import Logger

log = Logger()

#: Everything a relayed socket is ever asked about: registered once, never changed.
EVENTS = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET if hasattr(select, "EPOLLRDHUP") else 0
#: Events taken at once beyond those of the reactor's own descriptors.
_BATCH = 256


class Owner(Protocol):
    """Whom a descriptor's events are for."""

    def on(self, events: int) -> None:
        """Something happened: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP and EPOLLERR as bits."""

    def failed(self) -> None:
        """`on` raised: end it, the fault is ours."""

    def again(self) -> None:
        """Its turn has come once more, after `Dispatch.soon`."""


class Dispatch:
    """The reactor's poller, with our own descriptors in it."""

    def __init__(self, poller: Any) -> None:
        self._poller = poller
        self._poll = poller.poll
        self._owners: dict[int, Owner] = {}
        self._soon: deque[Owner] = deque()

    # For the relays

    def add(self, fd: int, owner: Owner) -> None:
        """Tell `owner` of everything about `fd`, beginning with what is already the case."""
        self._owners[fd] = owner
        self._poller.register(fd, EVENTS)

    def remove(self, fd: int) -> None:
        """Tell nothing more of `fd`; before it is closed."""
        if self._owners.pop(fd, None) is not None:
            self._poller.unregister(fd)

    def soon(self, owner: Owner) -> None:
        """Call `owner.again()` in the next turn: for one that stopped to let others have theirs."""
        self._soon.append(owner)

    # For the reactor, in place of its poller

    def poll(self, timeout: float = -1, maxevents: int = -1) -> list[tuple[int, int]]:
        """Wait as epoll does, serve our own descriptors, and give the others' events."""
        soon = self._soon
        events = self._poll(0 if soon else timeout, max(maxevents, 1) + _BATCH)
        owners = self._owners
        rest = []
        for event in events:
            owner = owners.get(event[0])
            if owner is None:
                rest.append(event)
                continue
            try:
                owner.on(event[1])
            except Exception:  # noqa: BLE001  (nothing may come between the reactor and its events)
                log.failure("a relay failed")
                owner.failed()
        for _ in range(len(soon)):
            soon.popleft().again()
        return rest

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)

    def detach(self, reactor: Any) -> None:
        """Give the reactor its own poller back."""
        for fd in list(self._owners):
            self.remove(fd)
        if reactor._poller is self:  # noqa: SLF001
            reactor._poller = self._poller  # noqa: SLF001


def attach(reactor: Any) -> Dispatch | None:
    """Put a `Dispatch` in place of the reactor's poller; None where that cannot be."""
    poller = getattr(reactor, "_poller", None)
    if not EVENTS or not isinstance(poller, select.epoll):
        return None
    dispatch = Dispatch(poller)
    reactor._poller = dispatch  # noqa: SLF001
    return dispatch
