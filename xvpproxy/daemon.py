"""The gateway under twistd: `twistd [-n] xvpproxy [--config-file F]... [--config-dir D]`.

SIGTERM drains and a second one ends at once; Ctrl-C ends at once; SIGHUP
re-reads the configuration.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.logger import Logger
from twisted.python import usage

from . import config, logs, service, settings
from .doors import Doors, count_workers, import_ahead, open_doors
from .errors import ConfigurationError
from .process_reactor import load_reactor
from .restart import keep_until_restart
from .worker import Worker
from .workers import Supervisor

log = Logger()


#: A session makes hundreds of objects and frees nearly all of them by itself: Python's own 700 means a look or two
#: per session. What failures leave in circles waits for so many objects: a megabyte.
_COLLECTOR = (10_000, 20, 100)
#: What twistd reads of the message with which a daemon fails.
_MAX_STATUS_BYTES = 100


class Options(usage.Options):
    """The options of `twistd xvpproxy`."""

    synopsis = "[--config-file FILE]... [--config-dir DIR]"
    longdesc = (
        "The console gateway. It reads an operator's own nova.conf, and /etc/xvpproxy/xvpproxy.conf "
        "where no file is named. Try it without any configuration: xvpproxy demo"
    )

    def __init__(self) -> None:
        super().__init__()
        self.files: list[str] = []
        self.dirs: list[str] = []

    def opt_config_file(self, path: str) -> None:
        """A configuration file; may be given several times, later ones win."""
        self.files.append(path)

    def opt_config_dir(self, path: str) -> None:
        """A directory whose *.conf files are read after the files."""
        self.dirs.append(path)


class Daemon(Service):
    """The gateway under twistd: its log, its signals and its workers.

    One worker is this process.  Several are forked in `privilegedStartService`, when twistd has become a daemon and
    has begun to log; the parent never leaves that, and a worker goes on there as if it had been alone from the start.

    Raises:
        ConfigurationError: it cannot work.
    """

    name = "xvpproxy"

    def __init__(self, options: Options) -> None:
        self._load = partial(config.load, options.files, options.dirs)
        self._configuration = self._load()
        conf = self._configuration.conf
        self._twistd: MutableMapping[str, Any] = {} if options.parent is None else options.parent
        self._observer: logs.LogObserver
        self._tls = settings.viewer_tls(conf)
        self._doors = open_doors(conf, count_workers(conf))
        self._worker: Worker | None = None
        self._reactor: Any
        self._gateway: service.GatewayService
        reactor = load_reactor(tls=bool(conf.api.listen))
        if len(self._doors) == 1:
            self._open(reactor, self._doors[0])

    def _open(self, reactor: Any, doors: Doors) -> None:
        self._reactor = reactor
        self._gateway = service.open_gateway(
            self._configuration,
            reactor=reactor,
            reload=self._load,
            set_log=self._set_log,
            doors=doors,
            tls=self._tls,
        )

    def _set_log(self, *, debug: bool, log_format: str) -> None:
        self._observer.configure(debug=debug, log_format=log_format)

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802
        conf = self._configuration.conf
        self._observer = logs.install(parent, debug=conf.debug, log_format=conf.log_format, twistd=self._twistd)
        super().setServiceParent(parent)

    def privilegedStartService(self) -> None:  # noqa: N802
        super().privilegedStartService()
        if len(self._doors) > 1:
            self._become(self._supervise())

    def startService(self) -> None:  # noqa: N802
        super().startService()
        if self._worker is not None:
            self._open_as(self._worker)
        self._gateway.startService()
        self._reactor.callWhenRunning(self._take_signals)
        self._reactor.callWhenRunning(_spare_the_collector)

    def stopService(self) -> None:  # noqa: N802
        super().stopService()
        self._gateway.stopService()

    # Several workers

    def _supervise(self) -> Worker:
        """Start the workers and stay with them; returns in each of them, and never in the parent."""
        import_ahead(self._configuration.conf)
        gc.collect()
        gc.freeze()  # what is never collected is never written to, and so stays shared
        supervisor = Supervisor(
            len(self._doors), started=self._tell_twistd, lost=self._worker_lost, reload=self._reload_parent
        )
        try:
            worker = supervisor.run()
        except ConfigurationError as error:
            for problem in error.problems:
                log.error("not started: {problem}", problem=problem)
            self._tell_twistd(f"1 {error.problems[0]}")
            self._leave(1)
        if worker is None:
            self._leave(0)
        return worker

    def _become(self, worker: Worker) -> None:
        """Go on as one of the workers, which twistd takes for its daemon."""
        self._worker, self._reactor = worker, worker.fresh_reactor()
        self._twistd["pidfile"] = ""  # the parent's
        if self._twistd.get("statusPipe") is not None:
            os.close(self._twistd.pop("statusPipe"))
        for doors in self._doors:
            if doors.number != worker.number:
                doors.close()

    def _open_as(self, worker: Worker) -> None:
        """Open what a worker has for itself: now that it is the user it shall be."""
        try:
            self._open(self._reactor, self._doors[worker.number])
        except ConfigurationError as error:
            worker.cannot(error.problems)
            raise SystemExit(1) from None

    def _worker_lost(self, number: int, for_good: bool) -> None:
        doors = self._doors[number]
        doors.ledger.clear()
        if for_good:
            doors.close()  # the kernel gives its viewers to the workers that are left

    def _reload_parent(self) -> bool:
        """Take over what workers that are started from now on begin with; False if the files are bad."""
        try:
            configuration = self._load()
            tls = settings.viewer_tls(configuration.conf, self._tls)
        except ConfigurationError as error:
            for problem in error.problems:
                log.error("not reloaded: {problem}", problem=problem)
            return False
        except Exception:  # noqa: BLE001  (whatever it is, the workers must not lose their parent to it)
            log.failure("not reloaded: it failed")
            return False
        keep_until_restart(self._configuration.conf, configuration.conf)
        self._configuration, self._tls = configuration, tls
        self._set_log(debug=configuration.conf.debug, log_format=configuration.conf.log_format)
        return True

    def _tell_twistd(self, status: str = "0") -> None:
        """What the command that made a daemon of us waits for: 0, or 1 and why."""
        if self._twistd.get("statusPipe") is not None:
            pipe = self._twistd.pop("statusPipe")
            os.write(pipe, status.encode("ascii", "backslashreplace")[:_MAX_STATUS_BYTES])
            os.close(pipe)

    def _leave(self, status: int) -> NoReturn:
        self._tell_twistd("1 ended before all workers served")
        pidfile = self._twistd.get("pidfile")
        if pidfile:
            try:
                Path(pidfile).unlink()
            except OSError as error:
                log.warn("the pid file {path} stays: {error}", path=pidfile, error=error.strerror)
        raise SystemExit(status)

    def _orphaned(self) -> None:
        log.error("the parent of this worker is gone, so it ends")
        self._stop()

    # Signals

    def _take_signals(self) -> None:
        handlers = {signal.SIGTERM: self._terminate, signal.SIGINT: self._stop, signal.SIGHUP: self._gateway.reload}
        for number, handler in handlers.items():
            signal.signal(number, partial(self._signalled, handler))
        if self._worker is not None:
            self._worker.serves(self._reactor, orphaned=self._orphaned)

    def _signalled(self, handler: Callable[[], None], _number: int, _frame: FrameType | None) -> None:
        self._reactor.callFromThread(handler)

    def _terminate(self) -> None:
        if self._gateway.draining:
            # What signals the whole process group reaches a worker twice, the second time through its parent.
            if self._worker is None:
                self._stop()
        else:
            draining = Deferred.fromCoroutine(self._gateway.drain())
            draining.addErrback(lambda failure: log.failure("the drain failed", failure))
            draining.addBoth(lambda _: self._stop())

    def _stop(self) -> None:
        self._gateway.close_sessions()
        with suppress(ReactorNotRunning):  # a further signal while the first one's stop is under way
            self._reactor.stop()


def _spare_the_collector() -> None:
    """What a started gateway consists of stays: the garbage collector need not look at it at every session."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR)


def makeService(options: Options) -> Service:  # noqa: N802
    """What `twistd xvpproxy` runs; exits with status 1 if the configuration cannot work."""
    try:
        return Daemon(options)
    except ConfigurationError as error:
        for problem in error.problems:
            print(f"xvpproxy: {problem}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None
