"""Notice that a peer is gone while nobody reads from it.

A leg is not read from while the other one cannot take more.  The reactor then
knows nothing of it, and a reset would go unseen until some timeout.  A small
epoll of our own, itself one reader of the reactor, keeps watching: it tells of
errors, and where asked of the peer's FIN, without ever looking at the bytes.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IReactorFDSet, IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer


class Watch(Protocol):
    """Tells once when a watched descriptor's peer is gone."""

    def add(self, fd: int, gone: Callable[[], None], *, fin: bool) -> None:
        """Call `gone` once when the connection breaks or, with `fin`, when the peer has ended."""

    def remove(self, fd: int) -> None:
        """Stop watching; harmless if it is not watched."""

    def close(self) -> None:
        """Give the descriptor back."""


@implementer(IReadDescriptor)
class EpollWatch:
    """The watch on Linux."""

    def __init__(self, reactor: IReactorFDSet) -> None:
        self._reactor = reactor
        self._epoll = select.epoll()
        self._gone: dict[int, Callable[[], None]] = {}
        reactor.addReader(self)

    def add(self, fd: int, gone: Callable[[], None], *, fin: bool) -> None:
        if fd not in self._gone:
            # Errors and hang-ups are always told; one shot, since they would be told for ever.
            self._epoll.register(fd, select.EPOLLONESHOT | (select.EPOLLRDHUP if fin else 0))
        self._gone[fd] = gone

    def remove(self, fd: int) -> None:
        if self._gone.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def close(self) -> None:
        self._reactor.removeReader(self)
        self._gone.clear()
        self._epoll.close()

    def fileno(self) -> int:
        return -1 if self._epoll.closed else self._epoll.fileno()

    def doRead(self) -> None:  # noqa: N802
        for fd, _events in self._epoll.poll(0):
            gone = self._gone.get(fd)
            if gone is not None:
                self.remove(fd)
                gone()

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        """Part of IReadDescriptor: an epoll is never lost."""

    def logPrefix(self) -> str:  # noqa: N802
        return "watch"


class NoWatch:
    """Elsewhere: a vanished peer is noticed by keep-alive and the timeouts."""

    def add(self, fd: int, gone: Callable[[], None], *, fin: bool) -> None:
        pass

    def remove(self, fd: int) -> None:
        pass

    def close(self) -> None:
        pass


def open_watch(reactor: IReactorFDSet) -> Watch:
    """The best watch that this system has."""
    return EpollWatch(reactor) if hasattr(select, "epoll") else NoWatch()
