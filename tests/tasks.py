"""Runs a coroutine as the gateway does, for tests that wait for its result."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from xvpproxy.gateway.task import Interrupted, Task

R = TypeVar("R")


def begin(work: Coroutine[Any, Any, R]) -> tuple[Task, Deferred[R]]:
    """The task in which `work` runs, and its result."""
    result: Deferred[R] = Deferred()

    async def to_its_end() -> None:
        try:
            value = await work
        except Exception:  # noqa: BLE001  (whatever it is, the test wants to see it)
            result.errback(Failure())
        else:
            result.callback(value)

    task = Task(to_its_end())
    task.step()
    return task, result


def run(work: Coroutine[Any, Any, R]) -> Deferred[R]:
    """The result of `work`; cancelling interrupts its task, which must end then."""
    task, result = begin(work)
    given: Deferred[R] = Deferred(lambda _: task.interrupt(Interrupted()))
    result.chainDeferred(given)
    return given
