"""The lines that an event becomes: as text or as JSON.

Each session writes two, so they are made with care for their cost: the time's
text is kept for a second, and a plain format is left to `str.format_map`.
"""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from functools import lru_cache
from traceback import format_exception
from typing import Any

from twisted.logger import LogEvent, LogLevel, formatEvent
from twisted.python.failure import Failure

from .masking import masked, printable

_LEVELS = {LogLevel.debug: "DEBUG", LogLevel.warn: "WARNING", LogLevel.error: "ERROR", LogLevel.critical: "CRITICAL"}
#: What Twisted's older interface adds to an event; the formatted message has it all.
_LEGACY_KEYS = frozenset(["failure", "format", "isError", "message", "system", "text", "time", "why"])
#: Values are plain by then; `json.dumps` would look for circles in them.
_encode = json.JSONEncoder(check_circular=False).encode
_OUR_KEYS = frozenset(["logger", "pid", "traceback"])


class TextLines:
    """Makes one line of an event, and one more for each line of its traceback."""

    def __init__(self) -> None:
        self._stamp = lru_cache(maxsize=2)(_local)

    def __call__(self, event: LogEvent) -> str:
        second, thousandths = divmod(int(event.get("log_time", 0.0) * 1000), 1000)
        origin = _origin(event.get("log_level"), event.get("log_namespace"))
        prefix = f"{self._stamp(second)}.{thousandths:03d} {os.getpid()} {origin}"
        said = printable(f"[{event.get('session_id') or '-'}] {_message(event)}")
        if event.get("log_failure") is None:
            return f"{prefix} {said}\n"
        return "".join(f"{prefix} {line}\n" for line in [said, *map(printable, _trace(event["log_failure"]))])


class JSONLines:
    """Makes one line of an event: a JSON object with the event's own fields."""

    def __init__(self) -> None:
        self._stamp = lru_cache(maxsize=2)(_utc)

    def __call__(self, event: LogEvent) -> str:
        second, thousandths = divmod(int(event.get("log_time", 0.0) * 1000), 1000)
        line: dict[str, object] = {
            "time": f"{self._stamp(second)}.{thousandths:03d}Z",
            "level": _level(event.get("log_level")),
            "logger": _name(event.get("log_namespace")),
            "pid": os.getpid(),
            "message": _message(event),
        }
        for key, value in event.items():
            name = _field(key)
            if name:
                line[name] = _plain(value)
        if event.get("log_failure") is not None:
            line["traceback"] = _trace(event["log_failure"])
        return _encode(line) + "\n"


def _local(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _utc(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=1024)
def _field(key: str) -> str:
    """What a field of an event is called in the line; empty if it stays out of it."""
    if key == "internal_access_path" or key.startswith("log_") or key in _LEGACY_KEYS:
        return ""
    return f"{key}_" if key in _OUR_KEYS else key


def _plain(value: object) -> object:
    """What JSON can hold of a field: numbers, also several by their names, as they are; the rest as masked text."""
    if isinstance(value, str):
        return masked(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return round(value, 6)
    if isinstance(value, dict) and all(isinstance(each, int | float) for each in value.values()):
        return {masked(str(name)): _plain(each) for name, each in value.items()}
    return masked(str(value))


def _message(event: LogEvent) -> str:
    """The event's message, masked."""
    text = event.get("log_format")
    if not isinstance(text, str) or "log_flattened" in event:
        return masked(formatEvent(event))
    try:
        return masked(text.format_map(event))
    except Exception:  # noqa: BLE001  (Twisted's own knows calls too, and describes what it cannot format)
        return masked(formatEvent(event))


def _trace(failure: Failure) -> list[str]:
    """The lines of its traceback, masked."""
    error = failure.value
    if error is None or error.__traceback__ is None:
        return masked(failure.getTraceback()).splitlines()
    # Twisted's own text leaves out what an exception was raised from.
    return masked("".join(format_exception(error))).splitlines()


@lru_cache(maxsize=1024)
def _origin(level: Any, namespace: str | None) -> str:
    return f"{_level(level)} {_name(namespace)}"


def _level(level: Any) -> str:
    return _LEVELS.get(level, "INFO")


def _name(namespace: str | None) -> str:
    return printable(str(namespace or "-"))
