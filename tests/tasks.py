"""Runs a coroutine as the gateway does, for tests that wait for its result."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from xvpproxy.gateway.task import Interrupted, Task

R = TypeVar("R")


def run(work: Coroutine[Any, Any, R]) -> Deferred[R]:
    """The result of `work`, which runs in a task of its own; cancelling interrupts it."""
    result: Deferred[R] = Deferred(lambda _: task.interrupt(Interrupted()))

    async def to_its_end() -> None:
        try:
            value = await work
        except BaseException:  # noqa: BLE001  (whatever it is, the test wants to see it)
            result.errback(Failure())
        else:
            result.callback(value)

    task = Task(to_its_end())
    return result
