"""One worker's side of having a parent, in processes that are no gateways."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from tests.supervised import Reactor
from xvpproxy.pulse import Pulse
from xvpproxy.worker import MAX_REPORT_BYTES, READY, SIGNALS, Worker

CHECKOUT = Path(__file__).parent.parent.parent

#: Two processes wait at once, each on the reactor that it calls its own.
REACTORS = """
import os, sys
from time import monotonic
import xvpproxy.daemon, xvpproxy.console_api, xvpproxy.consoleauth.token_table
from xvpproxy.process_reactor import load_reactor
inherited = load_reactor(tls=True)
from xvpproxy.pulse import Pulse
from xvpproxy.worker import Worker
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
worker = Worker(0, report=os.pipe()[1], life=os.pipe()[0], inherited=[], pulse=Pulse())
own = worker.fresh_reactor()
from twisted.internet import reactor
assert own.seconds is inherited.seconds is monotonic
assert reactor is own and own is not inherited and type(own) is type(inherited)
holders = [name for name, module in list(sys.modules.items()) for value in list(vars(module).values())
           if value is inherited and name != "__main__"]
assert not holders, holders
readable, writable = os.pipe()
class Reader:
    def fileno(self): return readable
    def logPrefix(self): return "reader"
    def doRead(self): reactor.stop()
    def connectionLost(self, reason): pass
own.addReader(Reader())
own.callLater(0.01, os.write, writable, b"x")
own.callLater(20, os._exit, 4)
own.run()
"""


class WorkerCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.addCleanup(signal.set_wakeup_fd, signal.set_wakeup_fd(-1))
        for number in SIGNALS:
            self.addCleanup(signal.signal, number, signal.getsignal(number))
        self.heard, self.report = os.pipe()
        self.life, self.parents_life = os.pipe()
        self.orphaned: list[bool] = []
        self.pulse = Pulse()

    def worker(self, *inherited: int) -> Worker:
        return Worker(7, report=self.report, life=self.life, inherited=inherited, pulse=self.pulse)

    def report_of(self, tell: Callable[[Worker], None]) -> bytes:
        tell(self.worker())
        said = os.read(self.heard, 2 * MAX_REPORT_BYTES)
        self.assertEqual(os.read(self.heard, 1), b"")
        return said


class Reports(WorkerCase):
    def test_says_once_that_it_serves(self) -> None:
        said = self.report_of(lambda worker: worker.serves(Reactor(), orphaned=lambda: None))
        self.assertEqual(said, READY)

    def test_beats_as_soon_as_it_serves(self) -> None:
        reactor = Reactor()
        self.worker().serves(reactor, orphaned=lambda: None)
        for beats in (1, 2, 3):
            self.assertEqual(self.pulse._beats[0], beats)
            reactor.come_round()

    def test_says_why_it_cannot(self) -> None:
        self.assertEqual(self.report_of(lambda worker: worker.cannot(["one", "zwei: ä"])), "one\nzwei: ä".encode())

    def test_a_long_story_is_cut(self) -> None:
        said = self.report_of(lambda worker: worker.cannot(["x" * 100_000]))
        self.assertEqual(len(said), MAX_REPORT_BYTES)

    def test_nobody_may_listen_any_more(self) -> None:
        os.close(self.heard)
        self.worker().cannot(["one"])


class Signals(WorkerCase):
    def test_the_parents_handlers_are_not_its_own(self) -> None:
        for number in SIGNALS:
            signal.signal(number, lambda _number, _frame: None)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self.addCleanup(signal.pthread_sigmask, signal.SIG_UNBLOCK, SIGNALS)
        self.worker()
        handlers = {number: signal.getsignal(number) for number in SIGNALS}
        self.assertEqual(handlers.pop(signal.SIGHUP), signal.SIG_IGN)
        self.assertEqual(set(handlers.values()), {signal.SIG_DFL})
        self.assertFalse(signal.pthread_sigmask(signal.SIG_BLOCK, ()) & set(SIGNALS))

    def test_what_is_the_parents_alone_is_closed(self) -> None:
        readable, writable = os.pipe()
        self.worker(writable)
        self.assertEqual(os.read(readable, 1), b"")


class Orphans(WorkerCase):
    def test_the_parents_end_is_told_and_its_own_is_not(self) -> None:
        for reason, orphaned in ((ConnectionDone(), [True]), (ConnectionLost(), [])):
            self.setUp()
            worker = self.worker()
            worker.serves(Reactor(), orphaned=lambda: self.orphaned.append(True))
            self.assertEqual(worker.fileno(), self.life)
            self.assertIsInstance(worker.doRead(), ConnectionDone)
            worker.connectionLost(Failure(reason))
            self.assertEqual(self.orphaned, orphaned)


class Reactors(SynchronousTestCase):
    def test_every_worker_has_one_of_its_own(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", REACTORS], cwd=CHECKOUT, check=False, capture_output=True, text=True, timeout=60
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
