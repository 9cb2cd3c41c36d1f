"""The only door to blocking code: one bounded thread pool per dependency.

A library that waits (a database driver, a memcached client, a resolver) runs in
a pool of its own, so that a slow one cannot starve the others.  A thread cannot
be cancelled: whatever runs here must have socket timeouts of its own; the
caller stops waiting after its timeout either way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any, ParamSpec, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

P = ParamSpec("P")
R = TypeVar("R")


#: Calls that may be under way or wait, for each thread: a thousand viewers may come at once.
CALLS_PER_THREAD = 512


class PoolBusy(Exception):
    """More calls wait than the pool admits; the dependency is stuck or overloaded."""


class Pool(Protocol):
    """Where blocking calls run."""

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of `function`, or its exception.  Cancelling abandons the wait, not the call.

        Raises:
            PoolBusy: at once, if too many calls wait already.
        """

    def stop(self) -> None:
        """Take no more calls; threads end as their calls do."""


class ThreadedPool:
    """A `Pool` of at most `size` threads and `size * CALLS_PER_THREAD` calls under way or waiting.

    A call that is cancelled before a thread takes it never runs: once a
    dependency answers again, nobody waits behind those who have given up.

    All threads start with the first call and stay.  They are daemons: one that
    hangs inside a library must not keep the process from ending.
    """

    def __init__(self, name: str, size: int, reactor: IReactorFromThreads) -> None:
        self._reactor = reactor
        self._name = name
        self._threads = ThreadPool(minthreads=size, maxthreads=size, name=name)
        self._threads.threadFactory = partial(Thread, daemon=True)  # type: ignore[assignment]
        self._limit = size * CALLS_PER_THREAD
        self._running = 0

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._running >= self._limit:
            raise PoolBusy(self._name)
        if not self._threads.started:
            self._threads.start()
        self._running += 1
        # The caller waits on a Deferred of its own, so that cancelling it leaves the count right.
        face: Deferred[R] = Deferred()

        def call() -> Any:
            return None if face.called else function(*args, **kwargs)

        work = deferToThreadPool(self._reactor, self._threads, call)
        work.addBoth(self._done)
        work.addCallbacks(_to(face, face.callback), _to(face, face.errback))
        return await face

    def _done(self, result: R) -> R:
        self._running -= 1
        return result

    def stop(self) -> None:
        self._limit = 0
        self._threads.adjustPoolsize(0, 0)


class InlinePool:
    """A `Pool` that runs everything at once: for tests and one-shot commands."""

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    def stop(self) -> None:
        pass


def _to(face: Deferred[R], fire: Callable[[Any], None]) -> Callable[[Any], None]:
    """Deliver to `face` unless its owner stopped waiting."""

    def deliver(result: Any) -> None:
        if not face.called:
            fire(result)

    return deliver
