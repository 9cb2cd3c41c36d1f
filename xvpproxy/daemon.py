"""The gateway under twistd: `twistd [-n] xvpproxy [--config-file F]... [--config-dir D]`.

SIGTERM drains and a second one ends at once; Ctrl-C ends at once; SIGHUP
re-reads the configuration.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.logger import Logger
from twisted.python import usage

from . import config, logs, service
from .errors import ConfigurationError
from .process_reactor import load_reactor

log = Logger()


#: A session makes hundreds of objects and frees nearly all of them by itself: Python's own 700 means a look or two
#: per session.
_COLLECTOR = (50_000, 20, 100)


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
    """The gateway under twistd: its log and its signals."""

    name = "xvpproxy"

    def __init__(self, options: Options) -> None:
        load = partial(config.load, options.files, options.dirs)
        configuration = load()
        self._conf = configuration.conf
        self._twistd: Mapping[str, Any] = options.parent or {}
        self._reactor = load_reactor(tls=bool(self._conf.api.listen))
        self._observer: logs.LogObserver
        self._gateway = service.open_gateway(configuration, reactor=self._reactor, reload=load, set_log=self._set_log)

    def _set_log(self, *, debug: bool, log_format: str) -> None:
        self._observer.configure(debug=debug, log_format=log_format)

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802
        self._observer = logs.install(
            parent, debug=self._conf.debug, log_format=self._conf.log_format, twistd=self._twistd
        )
        super().setServiceParent(parent)

    def startService(self) -> None:  # noqa: N802
        super().startService()
        self._gateway.startService()
        self._reactor.callWhenRunning(self._take_signals)
        self._reactor.callWhenRunning(_spare_the_collector)

    def stopService(self) -> None:  # noqa: N802
        super().stopService()
        self._gateway.stopService()

    def _take_signals(self) -> None:
        handlers = {signal.SIGTERM: self._terminate, signal.SIGINT: self._stop, signal.SIGHUP: self._gateway.reload}
        for number, handler in handlers.items():
            signal.signal(number, partial(self._signalled, handler))

    def _signalled(self, handler: Callable[[], None], _number: int, _frame: FrameType | None) -> None:
        self._reactor.callFromThread(handler)

    def _terminate(self) -> None:
        if self._gateway.draining:
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
