"""What commands say on standard error, and the arguments that name a configuration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from zope.interface import implementer

from xvpproxy import stores

#: Whose warnings a command passes on.
_NAMESPACES = (stores.__name__, "xvpproxy.drivers")


def say(sentence: str) -> None:
    """Tell the operator, on standard error."""
    print(f"xvpproxy: {sentence}", file=sys.stderr, flush=True)


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """The gateway's own two."""
    parser.add_argument("--config-file", action="append", metavar="F", help="as the gateway's; may be repeated")
    parser.add_argument("--config-dir", action="append", metavar="D", help="as the gateway's; may be repeated")


@contextmanager
def warnings_shown() -> Iterator[list[LogEvent]]:
    """Warnings about stores and drivers go to standard error meanwhile; the list gathers them."""
    observer = _Warnings()
    globalLogPublisher.addObserver(observer)
    try:
        yield observer.seen
    finally:
        globalLogPublisher.removeObserver(observer)


@implementer(ILogObserver)
class _Warnings:
    def __init__(self) -> None:
        self.seen: list[LogEvent] = []

    def __call__(self, event: LogEvent) -> None:
        namespace = str(event.get("log_namespace"))
        if namespace.startswith(_NAMESPACES) and event["log_level"] >= LogLevel.warn:
            self.seen.append(event)
            say(formatEvent(event))
