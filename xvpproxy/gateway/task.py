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
from twisted.python.failure import Failure

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
    """Steps `work` from its first line, with the first `step`, until it has returned.

    Args:
        work: catches what it raises; anything else goes to whoever stepped it.
    """

    __slots__ = ("_pending", "_source", "_stepping", "_work", "ended")

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        self._work = work
        self._source: Source | Deferred[Any] | None = None
        #: To be thrown where the coroutine waits next, one at a time.
        self._pending: tuple[BaseException, ...] = ()
        self._stepping = False
        #: Whether the coroutine has returned.
        self.ended = False

    def interrupt(self, interruption: Interrupted) -> None:
        """Throw into the coroutine, now or where it waits next; a Deferred that it waits for is cancelled."""
        if self.ended:
            return
        self._pending = (*self._pending, interruption)
        if self._stepping:
            return
        if isinstance(self._source, Source):
            self._source.waiter = None
            self.step()
        elif self._source is not None:
            self._source.cancel()

    def withdraw(self, interruption: Interrupted) -> None:
        """Do not throw it any more."""
        self._pending = tuple([each for each in self._pending if each is not interruption])

    def step(self) -> None:
        """Let the coroutine go on until it waits again."""
        self._stepping = True
        told: Any = None
        try:
            while True:
                if told is not None or not self._pending:
                    waited = self._work.send(told)
                else:
                    thrown, *others = self._pending
                    self._pending = tuple(others)
                    waited = self._work.throw(thrown)
                told = None
                if waited is None:
                    told = self  # it asked who runs it
                elif self._pending and isinstance(waited, Source):
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
        if self._pending:
            waited.cancel()
        self._source = waited
        waited.addBoth(self._fired)
        return self._source is None

    def _fired(self, result: Any) -> Any:
        self._source = None
        if isinstance(result, Failure):
            if not self._pending and result.value is not None:
                self._pending = (result.value,)
            result = None  # it is ours: nobody else has to handle it
        if not self._stepping:
            self.step()
            return None
        return result  # the coroutine takes it from there


@coroutine
def within(timers: Timers, seconds: float, work: Coroutine[Any, Any, R]) -> Generator[Any, Any, R]:
    """What `work` returns; only inside a task.  What never waits needs no timer.

    Raises:
        TimeoutError: it took longer than `seconds`; it was interrupted where it waited.
    """
    try:
        waited = work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    limit = _TimeLimit((yield))
    timers.start(seconds, limit)
    try:
        while True:
            try:
                told = yield waited
            except BaseException as error:  # noqa: BLE001  (it is for `work`, whatever it is)
                waited = work.throw(error)
            else:
                waited = work.send(told)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    except Interrupted as interruption:
        if interruption is limit.interruption:
            raise TimeoutError from None
        raise
    finally:
        timers.stop(seconds, limit)
        if limit.interruption is not None:
            limit.task.withdraw(limit.interruption)
            limit.interruption = None  # its traceback holds this frame, and that the limit


class _TimeLimit:
    """One use of `within`."""

    __slots__ = ("interruption", "task")

    def __init__(self, task: Task) -> None:
        self.task = task
        #: Its own: others may come at the same time, and are not for it.
        self.interruption: Interrupted | None = None

    def expired(self) -> None:
        """See `timers.Timed`."""
        self.interruption = Interrupted()
        self.task.interrupt(self.interruption)
