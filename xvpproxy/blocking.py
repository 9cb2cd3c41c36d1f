"""The only door to blocking code: one bounded thread pool per dependency.

A library that waits (a database driver, a memcached client, a resolver) runs in
a pool of its own, so that a slow one cannot starve the others.  A thread cannot
be cancelled: whatever runs here must have socket timeouts of its own; the
caller stops waiting after its timeout either way.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.logger import Logger
from twisted.python.failure import Failure

P = ParamSpec("P")
R = TypeVar("R")

log = Logger()

#: Calls that may be under way or wait, for each thread: a thousand viewers may come at once.
CALLS_PER_THREAD = 512


class PoolBusy(Exception):
    """More calls wait than the pool admits, since the dependency is stuck or overloaded; or no thread can be had."""


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

    All threads start with the first call and stay; where the system has only
    some to give, those do.  They are daemons: one that hangs inside a library
    must not keep the process from ending.
    """

    def __init__(self, name: str, size: int, reactor: IReactorFromThreads) -> None:
        self._reactor = reactor
        self._name = name
        self._size = size
        self._limit = size * CALLS_PER_THREAD
        self._running = 0
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._started = False

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._running >= self._limit:
            raise PoolBusy(self._name)
        if not self._started:
            self._start()
        self._running += 1
        result: Deferred[R] = Deferred()

        def call() -> None:
            outcome: R | Failure | None = None
            if not result.called:
                try:
                    outcome = function(*args, **kwargs)
                except BaseException:  # noqa: BLE001 (whoever waits gets it)
                    outcome = Failure()
            self._reactor.callFromThread(self._done, result, outcome)
            outcome = None  # this frame is in a failure's traceback: the two would wait for the collector

        self._calls.put(call)
        return await result

    def _start(self) -> None:
        for number in range(self._size):
            try:
                Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()
            except RuntimeError as error:
                log.warn(
                    "only {count} threads for calls to {name}: {why}", count=number, name=self._name, why=str(error)
                )
                if not number:
                    raise PoolBusy(self._name) from None  # the next call tries again
                return
            self._started = True

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            del call  # and whatever it holds, before the next one comes

    def _done(self, result: Deferred[Any], outcome: Any) -> None:
        self._running -= 1
        if not result.called:
            result.callback(outcome)

    def stop(self) -> None:
        self._limit = 0
        for _ in range(self._size):
            self._calls.put(None)


class InlinePool:
    """A `Pool` that runs everything at once: for tests and one-shot commands."""

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    def stop(self) -> None:
        pass
