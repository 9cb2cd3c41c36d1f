"""Hands the events of the gateway's sockets straight to their owners.

A reactor spends more time on finding out whom an event is for, and on changing
what it waits for, than the gateway spends on the event.  So the poller object of
the epoll reactor is wrapped: `poll` serves our own descriptors while it is at it
and returns the rest to the reactor.  Ours are registered once, edge triggered,
for everything, from accept to close.

This leans on one private name, `reactor._poller`.  Where it is missing, or the
reactor is another one, `ReactorDispatch` does the same with the reactor's own
means: level triggered, so owners say what they wait for (`reading`, `writing`).
"""

from __future__ import annotations

import select
from collections import deque
from math import inf
from time import monotonic
from typing import Any, Protocol

from twisted.internet.interfaces import IReadWriteDescriptor
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from .reactor import SocketReactor

log = Logger()

#: The bits of `Owner.on`; their values are those of epoll.
IN, OUT, ERR, HUP, END = 0x001, 0x004, 0x008, 0x010, 0x2000
#: Events taken at once beyond those of the reactor's own descriptors.
_BATCH = 256
#: How long steady owners may keep a poll from the reactor: timers that are made meanwhile come so much late.
_STEADY_SECONDS = 0.02


class Owner(Protocol):
    """Whom a descriptor's events are for."""

    def on(self, events: int) -> None:
        """Something happened, or may have: IN, OUT, END (the peer's FIN), HUP and ERR as bits.

        An event may be stale, meant for a closed socket that had the same
        descriptor: so each is a reason to look, never a fact.
        """

    def again(self) -> None:
        """Its turn has come once more, after `Dispatch.soon`."""

    def failed(self) -> None:
        """`on` or `again` raised: end it, the fault is ours."""


class Dispatch(Protocol):
    """Where owners get their events from."""

    #: Whether a descriptor is told of once per change (edge triggered): then `reading` and `writing` mean nothing.
    edges: bool

    def add(self, fd: int, owner: Owner, *, steady: bool = False) -> None:
        """Tell `owner` about `fd`; one that is watched already changes hands, and is told of what is new only.

        After the events of a `steady` owner there is as a rule nothing to do for the reactor.
        """

    def remove(self, fd: int) -> None:
        """Tell nothing more of `fd`, which is closed right after; harmless if it was never added."""

    def soon(self, owner: Owner) -> None:
        """Call `owner.again()` in the next turn: for one that stopped to let others have theirs."""

    def reading(self, fd: int, *, wanted: bool) -> None:
        """Whether `fd` is worth a look when it is readable; it is at first."""

    def writing(self, fd: int, *, wanted: bool) -> None:
        """Whether `fd` is worth a look when it is writable; it is not at first."""

    def close(self) -> None:
        """Give the reactor its own back."""


class PollerDispatch:
    """The epoll reactor's poller, with our own descriptors in it."""

    edges = True

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._poller = reactor._poller  # noqa: SLF001
        self._poll = self._poller.poll
        self._events = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
        #: By descriptor: a list, since ten thousand keys of a dict are half a mebibyte more.
        self._owners: list[Owner | None] = [None] * 64
        self._steady = bytearray(64)
        #: Whether this turn has left the reactor nothing to do.
        self._calm = False
        self._soon: deque[Owner] = deque()
        reactor._poller = self  # noqa: SLF001
        #: The methods that the reactor calls between two polls.
        self.register, self.modify = self._poller.register, self._poller.modify
        self.unregister = self._poller.unregister

    def add(self, fd: int, owner: Owner, *, steady: bool = False) -> None:
        owners = self._owners
        if fd >= len(owners):
            owners += [None] * (fd + 1)
            self._steady += bytes(fd + 1)
        self._steady[fd] = steady
        if owners[fd] is None:
            self._poller.register(fd, self._events)
        owners[fd] = owner

    def remove(self, fd: int) -> None:
        if fd < len(self._owners):
            self._owners[fd] = None  # epoll forgets a descriptor that is closed
        self._calm = False

    def soon(self, owner: Owner) -> None:
        self._soon.append(owner)

    def reading(self, fd: int, *, wanted: bool) -> None:
        pass

    def writing(self, fd: int, *, wanted: bool) -> None:
        pass

    def close(self) -> None:
        if self._reactor._poller is self:  # noqa: SLF001
            self._reactor._poller = self._poller  # noqa: SLF001

    # For the reactor, in place of its poller

    def poll(self, timeout: float = -1, maxevents: int = -1) -> list[tuple[int, int]]:
        """Wait as epoll does, serve our own descriptors, and give the others' events.

        A round through the reactor costs as much as a message: so after those it waits again, for a while.
        """
        soon, owners, steady, most = self._soon, self._owners, self._steady, max(maxevents, 1) + _BATCH
        due = monotonic() + timeout if timeout >= 0 else inf
        until = 0.0
        rest: list[tuple[int, int]] = []
        while True:
            events = self._poll(0 if soon else timeout, most)
            self._calm = bool(events) and not soon
            for event in events:
                fd, bits = event
                owner = owners[fd] if fd < len(owners) else None
                if owner is None:
                    self._calm = False
                    rest.append(event)
                    continue
                if not steady[fd]:
                    self._calm = False
                try:
                    owner.on(bits)
                except Exception:  # noqa: BLE001  (nothing may come between the reactor and its events)
                    _end(owner)
            for _ in range(len(soon)):
                _again(soon.popleft())
            if not self._calm:
                return rest
            now = monotonic()
            until = until or min(due, now + _STEADY_SECONDS)
            timeout = until - now
            if timeout <= 0:
                return rest


class ReactorDispatch:
    """The same by `addReader` and `addWriter`, on any reactor."""

    edges = False

    def __init__(self, reactor: SocketReactor) -> None:
        self._reactor = reactor
        self._descriptors: dict[int, _Descriptor] = {}

    def add(self, fd: int, owner: Owner, *, steady: bool = False) -> None:  # noqa: ARG002
        known = self._descriptors.get(fd)
        if known is not None:
            known.owner = owner
            return
        descriptor = _Descriptor(fd, owner)
        self._reactor.addReader(descriptor)
        try:
            self._reactor.addWriter(descriptor)  # one look at it: what was connecting may have connected
        except BaseException:
            self._reactor.removeReader(descriptor)
            raise
        self._descriptors[fd] = descriptor

    def remove(self, fd: int) -> None:
        descriptor = self._descriptors.pop(fd, None)
        if descriptor is not None:
            self._reactor.removeReader(descriptor)
            self._reactor.removeWriter(descriptor)
            descriptor.owner = None  # a reactor that has just told of input may go on to tell of output

    def soon(self, owner: Owner) -> None:
        self._reactor.callLater(0, _again, owner)

    def reading(self, fd: int, *, wanted: bool) -> None:
        (self._reactor.addReader if wanted else self._reactor.removeReader)(self._descriptors[fd])

    def writing(self, fd: int, *, wanted: bool) -> None:
        (self._reactor.addWriter if wanted else self._reactor.removeWriter)(self._descriptors[fd])

    def close(self) -> None:
        for fd in list(self._descriptors):
            self.remove(fd)


@implementer(IReadWriteDescriptor)
class _Descriptor:
    """What a reactor wants to see of a descriptor."""

    def __init__(self, fd: int, owner: Owner) -> None:
        self._fd = fd
        self.owner: Owner | None = owner

    def fileno(self) -> int:
        return self._fd

    def doRead(self) -> None:  # noqa: N802
        self._tell(IN)

    def doWrite(self) -> None:  # noqa: N802
        self._tell(OUT)

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        self._tell(ERR)

    def logPrefix(self) -> str:  # noqa: N802
        return "gateway"

    def _tell(self, events: int) -> None:
        owner = self.owner
        if owner is None:
            return
        try:
            owner.on(events)
        except Exception:  # noqa: BLE001
            _end(owner)


def _again(owner: Owner) -> None:
    try:
        owner.again()
    except Exception:  # noqa: BLE001
        _end(owner)


def _end(owner: Owner) -> None:
    log.failure("serving a socket failed")
    try:
        owner.failed()
    except Exception:  # noqa: BLE001  (the other events of this poll are told once only)
        log.failure("a failed socket could not be ended")


def end_has_come(fd: int) -> bool:
    """Whether the peer has ended behind bytes that are not read; what an owner was told may have been stale."""
    poller = select.poll()
    poller.register(fd, select.POLLRDHUP)
    return bool(poller.poll(0))


def open_dispatch(reactor: Any) -> Dispatch:
    """The fastest dispatch that `reactor` allows."""
    if hasattr(select, "EPOLLRDHUP") and isinstance(getattr(reactor, "_poller", None), select.epoll):
        return PollerDispatch(reactor)
    log.info("this reactor's poller cannot be shared: its own readers and writers are used, which are slower")
    return ReactorDispatch(reactor)
