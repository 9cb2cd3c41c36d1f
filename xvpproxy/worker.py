"""One worker's side of having a parent: a reactor of its own, word that it serves, and an end with the parent's."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from twisted.internet import main
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from .process_reactor import steadied
from .pulse import WHERE_ARE_YOU, Pulse

#: What the parent takes and passes on.
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
#: What a worker's report says if all is well; otherwise it is what is wrong, a line each.
READY = b"\n"
MAX_REPORT_BYTES = 16384
_STANDARD_ERROR = 2
_REACTOR = "twisted.internet.reactor"


@implementer(IReadDescriptor)
class Worker:
    """A process that has just been forked; it is made with all of `SIGNALS` blocked, and unblocks them.

    Args:
        number: its place, from 0 on.
        report: a pipe's end; what is written there reaches the parent.
        life: a pipe's end at which there is nothing to read, until the parent is gone.
        inherited: descriptors that are the parent's alone.
        pulse: what the parent looks at.
    """

    def __init__(self, number: int, *, report: int, life: int, inherited: Sequence[int], pulse: Pulse) -> None:
        self.number = number
        self._pulse = pulse
        self._report = report
        self._life = life
        self._orphaned: Callable[[], None]
        signal.set_wakeup_fd(-1)
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it can reload
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        for descriptor in inherited:
            os.close(descriptor)

    def fresh_reactor(self) -> Any:
        """Install a reactor like the inherited one, whose poll the parent and all other workers share."""
        kind: Any = type(sys.modules.pop(_REACTOR))
        reactor = steadied(kind())
        main.installReactor(reactor)
        return reactor

    def serves(self, reactor: Any, *, orphaned: Callable[[], None]) -> None:
        """Tell the parent that signals and viewers are welcome; `orphaned` is called when the parent is gone."""
        self._orphaned = orphaned
        faulthandler.register(WHERE_ARE_YOU, file=_STANDARD_ERROR)
        self._pulse.beat(reactor)
        self._tell(READY)
        reactor.addReader(self)

    def cannot(self, problems: Sequence[str]) -> None:
        """Tell the parent why this worker does not start: a sentence each."""
        self._tell("\n".join(problems).encode("utf-8", "replace")[:MAX_REPORT_BYTES])

    def _tell(self, what: bytes) -> None:
        with suppress(BrokenPipeError):  # the parent is gone, which shows at the other pipe
            os.write(self._report, what)
        os.close(self._report)

    # What the reactor asks

    def fileno(self) -> int:
        return self._life

    def doRead(self) -> Any:  # noqa: N802
        return main.CONNECTION_DONE  # there is nothing to read but the end

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802
        os.close(self._life)
        if reason.check(ConnectionDone):  # and not because this worker ends
            self._orphaned()

    def logPrefix(self) -> str:  # noqa: N802
        return "worker"
