"""Whether a worker still comes round: it counts, in memory that its parent sees, and one that hangs is ended.

Looks without a beat are counted, not seconds: a machine that slept, or all of it that was stopped for a while, has not
been looked at meanwhile.
"""

from __future__ import annotations

import mmap
import os
import signal

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

log = Logger()

#: Seconds between two looks.
LOOK_SECONDS = 5.0
#: At this one a worker that serves writes where its threads are, whatever it is busy with.
WHERE_ARE_YOU = signal.SIGUSR2
_BEAT_SECONDS = 1.0
#: So many looks in a row without a beat, and a worker hangs.
_MISSED_LOOKS = 12
_NUMBER_BYTES = 8


class Pulse:
    """That of one place, made before anybody is forked for it: beaten by the worker, looked at by the parent."""

    def __init__(self) -> None:
        self._beats = memoryview(mmap.mmap(-1, _NUMBER_BYTES)).cast("q")
        self._seen = 0
        self._missed = 0

    def beat(self, reactor: IReactorTime) -> None:
        """Count on as long as the reactor comes round."""
        self._beats[0] += 1
        reactor.callLater(_BEAT_SECONDS, self.beat, reactor)

    def check(self, number: int, pid: int) -> None:
        """Look at the worker, which has beaten; one that hangs has to say where it is, and is killed a look later."""
        seen, self._seen = self._seen, self._beats[0]
        self._missed = self._missed + 1 if seen == self._seen else 0
        if self._missed == _MISSED_LOOKS:
            log.error(
                "worker {number} (pid {worker}) has hung for {seconds:g} s: it is killed",
                number=number,
                worker=pid,
                seconds=_MISSED_LOOKS * LOOK_SECONDS,
            )
            os.kill(pid, WHERE_ARE_YOU)
        elif self._missed > _MISSED_LOOKS:
            os.kill(pid, signal.SIGKILL)
