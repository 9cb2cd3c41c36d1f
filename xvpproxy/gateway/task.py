"""Runs one coroutine straight from the poll.

A `Deferred` for each step of a session costs more than the step.  Here a
coroutine awaits one of two things: a Deferred, as anywhere in Twisted, or a
`Source` (`await source.arrived()`), which steps it from within its event with
nothing in between.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred

from .timers import Timers

R = TypeVar("R")


class Source:
    """Something that one task at a time can wait for."""

    __slots__ = ("waiter",)

    waiter: Task | None

    def __init__(self) -> None:
        self.waiter = None

    @coroutine
    def arrived(self) -> Generator[Source, Any, None]:
        """Wait until something has happened here; look again what."""
        yield self

    def wake(self) -> None:
        """Let the task that waits here go on."""
        waiter, self.waiter = self.waiter, None
        if waiter is not None:
            waiter.step()


class Interrupted(CancelledError):
    """Thrown into a coroutine where it waits."""


class Task:
    """Steps `work` from its first line until it has returned, beginning at once.

    Args:
        work: catches what it raises; anything else goes to whoever stepped it.
    """

    __slots__ = ("_interruption", "_source", "_stepping", "_work", "ended")

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        self._work = work
        self._source: Source | Deferred[Any] | None = None
        self._interruption: Interrupted | None = None
        self._stepping = False
        #: Whether the coroutine has returned.
        self.ended = False
        self.step()

    def interrupt(self, interruption: Interrupted) -> None:
        """Throw into the coroutine, now or where it waits next; a Deferred that it waits for is cancelled."""
        if self.ended:
            return
        self._interruption = interruption
        if self._stepping:
            return
        if isinstance(self._source, Source):
            self._source.waiter = None
            self.step()
        elif self._source is not None:
            self._source.cancel()

    def step(self) -> None:
        """Let the coroutine go on until it waits again."""
        self._stepping = True
        told: Any = None
        try:
            while True:
                interruption = self._interruption
                if interruption is None:
                    waited = self._work.send(told)
                else:
                    self._interruption = None
                    waited = self._work.throw(interruption)
                told = None
                if waited is None:
                    told = self  # it asked who runs it
                elif self._interruption is not None and isinstance(waited, Source):
                    pass  # it has been interrupted while it was running
                elif isinstance(waited, Source):
                    waited.waiter, self._source = self, waited
                    return
                elif not self._fires_at_once(waited):
                    return
        except StopIteration:
            self.ended = True
        except BaseException:
            self.ended = True
            raise
        finally:
            self._stepping = False

    def _fires_at_once(self, waited: Deferred[Any]) -> bool:
        if self._interruption is not None:
            waited.cancel()
        self._source = waited
        waited.addBoth(self._fired)
        return self._source is None

    def _fired(self, result: Any) -> Any:
        self._source = None
        if self._stepping:
            return result  # the coroutine takes it from there
        self.step()
        return None


async def within(timers: Timers, seconds: float, work: Coroutine[Any, Any, R]) -> R:
    """What `work` returns; only inside a task.

    Raises:
        TimeoutError: it took longer than `seconds`; it was interrupted where it waited.
    """
    limit = _TimeLimit(await _runner())
    timers.start(seconds, limit)
    try:
        return await work
    except Interrupted:
        if limit.over:
            raise TimeoutError from None
        raise
    finally:
        timers.stop(seconds, limit)


@coroutine
def _runner() -> Generator[None, Task, Task]:
    """The task that runs the coroutine."""
    return (yield)


class _TimeLimit:
    __slots__ = ("_task", "over")

    def __init__(self, task: Task) -> None:
        self._task = task
        self.over = False

    def expired(self) -> None:
        """See `timers.Timed`."""
        self.over = True
        self._task.interrupt(Interrupted())
