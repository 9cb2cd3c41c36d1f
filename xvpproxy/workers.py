"""Several gateways at the same doors: a parent that starts them, replaces them and passes signals on.

The parent runs no reactor and starts no thread, so that a worker which is forked after months starts as clean as the
first ones did.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from twisted.logger import Logger

from .errors import ConfigurationError
from .pulse import LOOK_SECONDS, Pulse
from .worker import MAX_REPORT_BYTES, READY, SIGNALS, Worker

log = Logger()

#: Seconds until a dead worker is replaced: the first time, and at most.
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
#: Seconds after which a worker counts as healthy, so that its death is a first one again.
_HEALTHY_SECONDS = 60.0
#: Seconds that a worker has to open its stores.
_START_SECONDS = 60.0
#: Seconds that workers have to end when everything shall be closed now.
_END_SECONDS = 10.0


@dataclass(slots=True)
class _Place:
    """One worker's place, and who has it now.

    Attributes:
        pid: 0 while nobody has it.
        report: where the worker says that it is ready, or why it never will be; -1 once that is known.
        due: when the next worker starts here, or None.
        outdated: whether the worker has to be told of a reload that came while it was starting.
        deaths: how many workers died here before they were healthy.
    """

    number: int
    pid: int = 0
    report: int = -1
    ready: bool = False
    outdated: bool = False
    began: float = 0.0
    deaths: int = 0
    due: float | None = 0.0
    pulse: Pulse = field(default_factory=Pulse)


class Supervisor:
    """The parent of all workers.

    Args:
        number: how many.
        started: called once, when all of them serve for the first time.
        lost: takes the index of a worker that has ended, and whether nobody will take its place.
        reload: called at SIGHUP; returns whether the workers shall reload, too.
    """

    def __init__(
        self,
        number: int,
        *,
        started: Callable[[], None],
        lost: Callable[[int, bool], None],
        reload: Callable[[], bool],
    ) -> None:
        self._places = [_Place(index) for index in range(number)]
        self._started = started
        self._lost = lost
        self._reload = reload
        self._starting = True
        self._stopping = False
        self._kill_at: float | None = None
        self._look_at = 0.0
        self._problems: tuple[str, ...] = ()
        self._life: tuple[int, int]
        self._signalled: tuple[int, int]

    def run(self) -> Worker | None:
        """Start the workers and stay with them.

        Returns: in each worker its own end; in the parent None, once they have been told to end and have ended.

        Raises:
            ConfigurationError: one could not even start the first time; all have ended.
        """
        self._life = os.pipe()
        self._take_signals()
        while True:
            for place in self._due():
                worker = self._fork(place)
                if worker is not None:
                    return worker
            if self._stopping and not self._living():
                break
            for number in self._wait():
                self._obey(number)
            self._watch()
            self._reap()
        if self._problems:
            raise ConfigurationError(*self._problems)
        return None

    # Starting

    def _take_signals(self) -> None:
        self._signalled = os.pipe()
        for end in self._signalled:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._signalled[1], warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, lambda _number, _frame: None)  # its number comes through the pipe

    def _due(self) -> Iterator[_Place]:
        now = time.monotonic()
        for place in self._places:
            if place.due is not None and place.due <= now and not self._stopping:
                yield place

    def _fork(self, place: _Place) -> Worker | None:
        """Put a worker in its place; returns it in the worker, and None in the parent."""
        place.began, place.due, place.ready, place.outdated = time.monotonic(), None, False, False
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # none may reach the worker through the parent's handlers
        pipe: tuple[int, ...] = ()
        try:
            pipe = os.pipe()
            place.pid = os.fork()
        except OSError as error:
            for end in pipe:
                os.close(end)
            self._ended(place, f"could not be forked ({error.strerror or error})")
        else:
            place.report, report = pipe
            if place.pid == 0:
                return self._become(place, report)
            os.close(report)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        return None

    def _become(self, place: _Place, report: int) -> Worker:
        inherited = [*self._signalled, self._life[1], *(other.report for other in self._places if other.report >= 0)]
        return Worker(place.number, report=report, life=self._life[0], inherited=inherited, pulse=place.pulse)

    # Waiting

    def _wait(self) -> list[int]:
        """Wait until something happens; the signals that came."""
        poll = select.poll()
        poll.register(self._signalled[0], select.POLLIN)
        for place in self._places:
            if place.report >= 0:
                poll.register(place.report, select.POLLIN)
        ready = {descriptor for descriptor, _event in poll.poll(self._patience())}
        for place in self._places:
            if place.report in ready:
                self._hear(place)
        with suppress(BlockingIOError):
            return [number for number in os.read(self._signalled[0], 1024) if number in SIGNALS]
        return []

    def _patience(self) -> float:
        """Milliseconds until something is due."""
        moments = [self._look_at]
        moments += [place.due for place in self._places if place.due is not None and not self._stopping]
        moments += [place.began + _START_SECONDS for place in self._living() if not place.ready]
        moments += [self._kill_at] if self._kill_at is not None else []
        # A little at least: who is overdue may take a moment to die.
        return max(20.0, (min(moments) - time.monotonic()) * 1000 + 1)

    def _hear(self, place: _Place) -> None:
        """What a worker says of its start; if nothing, it has died, which shows elsewhere."""
        said = os.read(place.report, MAX_REPORT_BYTES)
        self._close_report(place)
        if not said:
            return
        if said != READY:
            self._fail(place, said.decode("utf-8", "replace").splitlines())
            return
        place.ready = True
        if place.outdated:
            os.kill(place.pid, signal.SIGHUP)
        if not self._starting:
            log.info("worker {number} serves again, with pid {worker}", number=place.number, worker=place.pid)
        elif all(each.ready for each in self._places):
            self._starting = False
            pids = ", ".join(str(each.pid) for each in self._places)
            log.info("{count} workers serve, with pids {pids}", count=len(self._places), pids=pids)
            self._started()

    def _fail(self, place: _Place, problems: Sequence[str]) -> None:
        """A worker cannot start: at the first start nothing will, later it is tried again."""
        if self._starting and not self._stopping:
            self._problems = tuple(problems)
            self._end()
        elif not self._starting:
            for problem in problems:
                log.error("worker {number} cannot start: {problem}", number=place.number, problem=problem)

    def _close_report(self, place: _Place) -> None:
        os.close(place.report)
        place.report = -1

    # Signals

    def _obey(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._pass_reload_on()
        elif number == signal.SIGTERM and not self._stopping:
            self._stopping = True
            log.info("stopping {count} workers", count=len(self._living()))
            self._tell(signal.SIGTERM)
        elif number in (signal.SIGTERM, signal.SIGINT):
            self._end()

    def _pass_reload_on(self) -> None:
        if self._stopping or not self._reload():
            return
        for place in self._living():
            if place.ready:
                os.kill(place.pid, signal.SIGHUP)
            else:
                place.outdated = True

    def _end(self) -> None:
        """Have every worker end now, and kill those that do not.

        By SIGINT: a further SIGTERM says nothing to a worker, which may have had one of its own with the first.
        """
        self._stopping = True
        if self._kill_at is None:
            self._kill_at = time.monotonic() + _END_SECONDS
        self._tell(signal.SIGINT)

    def _tell(self, number: signal.Signals) -> None:
        for place in self._living():
            os.kill(place.pid, number)  # it has not been reaped, so the pid is still its own

    def _living(self) -> list[_Place]:
        return [place for place in self._places if place.pid]

    # Ends

    def _watch(self) -> None:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            for place in self._living():
                if place.ready:
                    place.pulse.check(place.number, place.pid)

    def _reap(self) -> None:
        now = time.monotonic()
        for place in self._living():
            late = not place.ready and now >= place.began + _START_SECONDS
            if late or (self._kill_at is not None and now >= self._kill_at):
                os.kill(place.pid, signal.SIGKILL)
            if os.waitid(os.P_PID, place.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if place.report >= 0:
                    self._hear(place)  # its last words may have come after the last look
                _, status = os.waitpid(place.pid, 0)  # not before: its last words may have all of them signalled
                self._ended(place, _how(os.waitstatus_to_exitcode(status)))

    def _ended(self, place: _Place, how: str) -> None:
        """Nobody is in a place any more; see to the next one."""
        pid, place.pid = place.pid, 0
        if self._starting and not self._stopping:
            self._fail(place, [f"worker {place.number} {how} before it could serve"])
        self._lost(place.number, self._stopping)
        if self._stopping:
            return
        now = time.monotonic()
        if now - place.began >= _HEALTHY_SECONDS:
            place.deaths = 0
        delay = min(_FIRST_DELAY * 2 ** min(place.deaths, 10), _LONGEST_DELAY)
        place.deaths += 1
        place.due = now + delay
        log.error(
            "worker {number} (pid {worker}) {how}, and with it its sessions; the next one starts in {seconds:g} s",
            number=place.number,
            worker=pid,
            how=how,
            seconds=delay,
        )


def _how(exit_code: int) -> str:
    """What became of a process, for people."""
    if exit_code >= 0:
        return f"ended with status {exit_code}"
    return f"was ended by {signal.Signals(-exit_code).name}"
