"""What the operator reads: one line an event, as text or as JSON.

Text lines have the shape that oslo.log gives Nova's own services, so the tools
that read those read ours:

    2026-11-21 21:17:00.123 4711 INFO xvpproxy.gateway.session [3f9c12ab] relaying to ...

The brackets hold the event's `session_id`, or `-`.  A traceback follows as
further lines with the same prefix.  What came from outside can neither forge a
line nor show a secret: see `masking.py`.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import syslog
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception
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
    formatEvent,
    globalLogBeginner,
)
from twisted.python.components import Componentized
from zope.interface import implementer

from .masking import masked, printable

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

_LEVELS = {LogLevel.debug: "DEBUG", LogLevel.warn: "WARNING", LogLevel.error: "ERROR", LogLevel.critical: "CRITICAL"}
#: What Twisted's older interface adds to an event; the formatted message has it all.
_LEGACY_KEYS = frozenset(["failure", "format", "isError", "message", "system", "text", "time", "why"])
_OUR_KEYS = frozenset(["logger", "pid", "traceback"])


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
        self._levels = LogLevelFilterPredicate()
        self.configure(debug=debug, log_format=log_format)

    def configure(self, *, debug: bool, log_format: str) -> None:
        """Change level and format, from the next event on."""
        self._levels.clearLogLevels()
        self._levels.setLogLevelForNamespace("", LogLevel.debug if debug else LogLevel.info)
        for namespace in () if debug else CHATTY_NAMESPACES:
            self._levels.setLogLevelForNamespace(namespace, LogLevel.warn)
        self._format = _json_line if log_format == "json" else _text_lines

    def __call__(self, event: LogEvent) -> None:
        if self._levels(event) is not PredicateResult.no:
            self._write(self._format(event))


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


def _text_lines(event: LogEvent) -> str:
    seconds = event.get("log_time", 0.0)
    stamp = datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    prefix = f"{stamp}.{int(seconds * 1000) % 1000:03d} {os.getpid()} {_level(event)} {_name(event)}"
    message, trace = _texts(event)
    lines = [f"[{printable(str(event.get('session_id') or '-'))}] {printable(message)}", *map(printable, trace)]
    return "".join(f"{prefix} {line}\n" for line in lines)


def _json_line(event: LogEvent) -> str:
    moment = datetime.fromtimestamp(event.get("log_time", 0.0), UTC)
    message, trace = _texts(event)
    line: dict[str, object] = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": _level(event),
        "logger": _name(event),
        "pid": os.getpid(),
        "message": message,
    }
    for key, value in event.items():
        if key == "internal_access_path" or key.startswith("log_") or key in _LEGACY_KEYS:
            continue
        line[f"{key}_" if key in _OUR_KEYS else key] = _plain(value)
    if trace:
        line["traceback"] = trace
    return json.dumps(line) + "\n"


def _plain(value: object) -> object:
    """What JSON can hold of a field: numbers and booleans as they are, the rest as masked text."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return masked(str(value))


def _texts(event: LogEvent) -> tuple[str, list[str]]:
    """The event's message and the lines of its traceback, both masked."""
    failure = event.get("log_failure")
    if failure is None:
        return masked(formatEvent(event)), []
    # Twisted's own text leaves out what an exception was raised from.
    whole = failure.value.__traceback__ is not None
    trace = "".join(format_exception(failure.value)) if whole else failure.getTraceback()
    return masked(formatEvent(event)), masked(trace).splitlines()


def _level(event: LogEvent) -> str:
    return _LEVELS.get(event.get("log_level"), "INFO")


def _name(event: LogEvent) -> str:
    return printable(str(event.get("log_namespace") or "-"))


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
        stream.write(lines.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()

    return write


class _FileWriter:
    """Appends to a file, and to its successor once logrotate has moved it away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("a", encoding="utf-8")

    def __call__(self, lines: str) -> None:
        if self._moved():
            try:
                successor = self._path.open("a", encoding="utf-8")
            except OSError:
                successor = None  # without the right to make it, the old file is better than none
            if successor is not None:
                self._file.close()
                self._file = successor
        self._file.write(lines)
        self._file.flush()

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
