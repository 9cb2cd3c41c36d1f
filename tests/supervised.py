"""A parent with workers that do what their behaviour says: `python -m tests.supervised BEHAVIOUR`.

Everything that happens is a line on standard output.
"""

import errno
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from twisted.logger import globalLogPublisher

from xvpproxy import pulse, workers
from xvpproxy.errors import ConfigurationError
from xvpproxy.worker import Worker

NUMBER = 2


class Reactor:
    """Takes readers, and forgets them; what shall be called later is called when it comes round."""

    def __init__(self) -> None:
        self._later: list[tuple[Callable[..., None], tuple[object, ...]]] = []

    def addReader(self, reader: object) -> None:
        """Nothing is ever read."""

    def callLater(self, _seconds: float, function: Callable[..., None], *args: object) -> None:
        self._later.append((function, args))

    def come_round(self) -> None:
        later, self._later = self._later, []
        for function, args in later:
            function(*args)


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def start(worker: Worker, behaviour: str) -> None:
    """What a worker does until it serves, if ever."""
    if behaviour in ("cannot", "cannot-soon"):
        if behaviour == "cannot-soon":
            say("worker", worker.number, "begins")
            time.sleep(0.5)
        worker.cannot(["no store", "no door"])
        raise SystemExit(1)
    if behaviour == "dies-at-once":
        raise SystemExit(3)
    if behaviour == "mute":
        select.select([worker], [], [])
    if behaviour == "slow":
        say("worker", worker.number, "begins")
        time.sleep(1)


def serve(worker: Worker, behaviour: str) -> None:
    """What a worker does until it ends."""
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: told.append(got))
    say("worker", worker.number, "is", os.getpid())
    reactor = Reactor()
    worker.serves(reactor, orphaned=lambda: None)
    began = time.monotonic()
    while not (told and behaviour != "deaf"):
        reactor.come_round()
        if behaviour == "hangs" and worker.number == 0:
            stuck()
        if behaviour == "stops" and worker.number == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        if behaviour.startswith("crashes") and worker.number == 0 and time.monotonic() > began + 0.1:
            os.kill(os.getpid(), signal.SIGKILL)
        if select.select([worker], [], [], 0.02)[0]:
            break  # the parent is gone
        while told and behaviour == "deaf":
            say("worker", worker.number, "got", signal.Signals(told.pop()).name)
    for number in told:
        say("worker", worker.number, "got", signal.Signals(number).name)


def stuck() -> None:
    """Where a worker is that hangs."""
    for _ in range(600):  # a pause that a signal has ended goes on
        time.sleep(0.05)


def refuse(module: Any, times: list[int]) -> None:
    """Let some calls of `os.fork` fail, counted from 1 on."""
    fork, calls = os.fork, count(1)

    def limited() -> int:
        if next(calls) in times:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return fork()

    module.os.fork = limited


def main(behaviour: str) -> None:
    globalLogPublisher.addObserver(lambda event: say("log", event["log_format"].format(**event)))
    workers._FIRST_DELAY, workers._LONGEST_DELAY = 0.1, 0.4
    workers._START_SECONDS, workers._END_SECONDS = 3.0, 0.5
    if behaviour in ("hangs", "stops"):
        workers.LOOK_SECONDS, pulse._MISSED_LOOKS = 0.3, 4
    if behaviour == "crashes-in-good-health":
        workers._HEALTHY_SECONDS = 0.05
    if behaviour.startswith("no-fork-"):
        refuse(workers, times=[int(place) for place in behaviour.removeprefix("no-fork-").split("-")])
    reloads = iter([behaviour == "slow", True])

    def reload() -> bool:
        if behaviour == "cannot-soon":
            time.sleep(1.5)
        good = next(reloads)
        say("reload", good)
        return good

    supervisor = workers.Supervisor(
        NUMBER,
        started=lambda: say("started"),
        lost=lambda number, for_good: say("lost", number, for_good),
        reload=reload,
    )
    try:
        worker = supervisor.run()
    except ConfigurationError as error:
        say("failed", list(error.problems))
        raise SystemExit(1) from None
    if worker is None:
        say("all ended")
    else:
        start(worker, behaviour)
        serve(worker, behaviour)


if __name__ == "__main__":
    main(sys.argv[1])
