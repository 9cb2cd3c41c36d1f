"""What the operator reads: one line an event, as text or as JSON.

Text lines have the shape that oslo.log gives Nova's own services, so the tools
that read those read ours:

    2026-11-21 21:17:00.123 4711 INFO xvpproxy.gateway.session [3f9c12ab] relaying to ...

The brackets hold the event's `session_id`, or `-`.  A traceback follows as
further lines with the same prefix.  What came from outside can neither forge a
line nor show a secret: see `masking.py`.
"""

from __future__ import annotations

import logging
import os
import sys
import syslog
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any, TextIO

from oslo_config import cfg
from twisted.logger import (
    ILogObserver,
    LogBeginner,
    LogEvent,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    PredicateResult,
    globalLogBeginner,
)
from twisted.python.components import Componentized
from zope.interface import implementer

from .log_lines import JSONLines, TextLines

OPTS: dict[str, list[cfg.Opt]] = {
    "DEFAULT": [
        cfg.BoolOpt(
            "debug",
            default=False,
            help="Log at level DEBUG instead of INFO. It shows each step of a session and Twisted's own lines, "
            "never the bytes of a screen, a token or a password. SIGHUP re-reads it.",
        ),
        cfg.StrOpt(
            "log_format",
            default="text",
            choices=[
                ("text", "one line an event, in the shape of Nova's own log"),
                ("json", "one JSON object a line: time (UTC), level, logger, pid, message and the event's own fields"),
            ],
            help="The shape of the log's lines.",
        ),
    ]
}

#: Twisted speaks of factories and ports at level INFO; that is our DEBUG.
CHATTY_NAMESPACES = ("twisted", "log_legacy")
#: Seconds between two looks at whether the log file was moved away.
_LOOK_SECONDS = 1.0


@implementer(ILogObserver)
class LogObserver:
    """Writes the events that its level admits.

    Args:
        write: takes one or more whole lines, with their newlines; called from any thread.
        debug: whether level DEBUG and Twisted's own lines are shown.
        log_format: `text` or `json`.
    """

    def __init__(self, write: Callable[[str], object], *, debug: bool, log_format: str) -> None:
        self._write = write
        self.configure(debug=debug, log_format=log_format)

    def configure(self, *, debug: bool, log_format: str) -> None:
        """Change level and format, from the next event on."""
        levels = LogLevelFilterPredicate(LogLevel.debug if debug else LogLevel.info)
        for namespace in () if debug else CHATTY_NAMESPACES:
            levels.setLogLevelForNamespace(namespace, LogLevel.warn)
        # The predicate takes the namespace to pieces; there are not many of them.
        self._admits = lru_cache(maxsize=1024)(
            lambda namespace, level: levels({"log_namespace": namespace, "log_level": level}) is not PredicateResult.no
        )
        self._lines = JSONLines() if log_format == "json" else TextLines()

    def __call__(self, event: LogEvent) -> None:
        if self._admits(event.get("log_namespace"), event.get("log_level")):
            self._write(self._lines(event))


def install(application: Componentized, *, debug: bool, log_format: str, twistd: Mapping[str, Any]) -> LogObserver:
    """Make twistd log our lines; call it from `setServiceParent`, before twistd begins to log.

    Where the lines go stays as twistd's own options say: standard output with
    `--nodaemon`, `--logfile`, `--syslog`, or `twistd.log`.

    Args:
        application: what `setServiceParent` was given.
        debug: `[DEFAULT] debug`.
        log_format: `[DEFAULT] log_format`.
        twistd: twistd's own options: `options.parent` in `makeService(options)`.

    Returns: the observer, whose `configure` changes level and format of the running service.
    """
    observer = LogObserver(_sink(twistd), debug=debug, log_format=log_format)
    application.setComponent(ILogObserver, observer)
    _bring_in_logging()
    return observer


def begin(
    stream: TextIO, *, debug: bool = False, log_format: str = "text", beginner: LogBeginner = globalLogBeginner
) -> LogObserver:
    """Log to `stream` from now on, what was logged before included: for commands and the demo.

    Returns: the observer, whose `configure` changes level and format.
    """
    observer = LogObserver(_stream_writer(stream), debug=debug, log_format=log_format)
    beginner.beginLoggingTo([observer], redirectStandardIO=False)
    _bring_in_logging()
    return observer


def _sink(twistd: Mapping[str, Any]) -> Callable[[str], object]:
    """Where twistd's own options send the log."""
    path = twistd.get("logfile")
    if twistd.get("syslog"):
        syslog.openlog(twistd.get("prefix") or "xvpproxy", syslog.LOG_PID, syslog.LOG_DAEMON)
        return _to_syslog
    if twistd.get("nodaemon") and path in (None, "", "-"):
        return _stream_writer(sys.stdout)
    if path == "-":
        raise SystemExit("a daemon cannot log to standard output: use --nodaemon or --logfile FILE")
    return _FileWriter(Path(path or "twistd.log").absolute())


def _to_syslog(lines: str) -> None:
    for line in lines.splitlines():
        syslog.syslog(line)


def _stream_writer(stream: TextIO) -> Callable[[str], object]:
    encoding = stream.encoding or "utf-8"

    def write(lines: str) -> None:
        if not lines.isascii():
            lines = lines.encode(encoding, "backslashreplace").decode(encoding)
        stream.write(lines)
        stream.flush()

    return write


class _FileWriter:
    """Appends to a file, and to its successor once logrotate has moved it away; it looks for that once a second."""

    def __init__(self, path: Path, clock: Callable[[], float] = monotonic) -> None:
        self._path = path
        self._clock = clock
        self._looks_again = clock() + _LOOK_SECONDS
        self._file = path.open("ab")

    def __call__(self, lines: str) -> None:
        now = self._clock()
        if now >= self._looks_again:
            self._looks_again = now + _LOOK_SECONDS
            self._follow()
        self._file.write(lines.encode())
        self._file.flush()

    def _follow(self) -> None:
        if not self._moved():
            return
        with suppress(OSError):  # without the right to make a successor, the old file is better than none
            former, self._file = self._file, self._path.open("ab")
            former.close()  # which fails where its disk is full: its last lines are lost then, and no later ones

    def _moved(self) -> bool:
        try:
            return not os.path.samestat(self._path.stat(), os.fstat(self._file.fileno()))
        except OSError:
            return True


class _FromLogging(logging.Handler):
    """Passes on what libraries say through Python's own `logging`."""

    def emit(self, record: logging.LogRecord) -> None:
        level = LogLevel.error if record.levelno >= logging.ERROR else LogLevel.warn
        Logger(namespace=record.name).emit(level, "{text}", text=record.getMessage())


def _bring_in_logging() -> None:
    """Show the warnings of libraries; never less, since SQLAlchemy's INFO holds the rows it reads."""
    root = logging.getLogger()
    if not any(isinstance(handler, _FromLogging) for handler in root.handlers):
        root.addHandler(_FromLogging(level=logging.WARNING))
