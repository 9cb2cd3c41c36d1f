"""The entry of the `xvpproxy` command: arguments, exit status, errors for humans.

Results go to standard output, everything else to standard error.  A subcommand
is a module here with `add_parser(subparsers)`, which sets `run` as a default,
and `async def run(reactor, args) -> int`.

    0  fine            2  misuse of the command line
    1  refused, found  3  could not tell
"""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.internet.task import react

import xvpproxy
from xvpproxy.errors import ConfigurationError, DriverUnavailable, StoreUnavailable, XvpError

COMMANDS = ("demo", "console", "token")

_EXAMPLES = """\
examples:
  xvpproxy demo                     a gateway and a console to look at, on this machine only
  xvpproxy demo --check             the same without a window: PASS or FAIL in seconds
  xvpproxy token mint --instance UUID --host 192.0.2.7 --port 5900
                                    an access URL for a console
  xvpproxy console list             the instances that the configured drivers know
  xvpproxy console url web1         an access URL for one of them
"""

_REFUSED = 1
_UNKNOWN = 3
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command of `argv` (the process's own arguments by default) and exit with its status."""
    try:
        args = parser().parse_args(argv)
        react(_run, (args,))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def parser() -> argparse.ArgumentParser:
    """All subcommands; each also takes `--debug`."""
    top = argparse.ArgumentParser(
        prog="xvpproxy",
        description=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="'xvpproxy COMMAND --help' says more. The gateway itself is started with 'twistd -n xvpproxy'.",
    )
    top.add_argument("--version", action="version", version=f"xvpproxy {xvpproxy.__version__}")
    top.add_argument("--debug", action="store_true", help=_DEBUG)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        # Not before: what they import takes a moment, in which Ctrl-C must be quiet already.
        import_module(f"xvpproxy.cli.{name}").add_parser(commands)
    for command in commands.choices.values():
        command.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=_DEBUG)
    return top


_DEBUG = "log more, and show where an error comes from"


async def _run(reactor: Any, args: argparse.Namespace) -> None:
    """Run the subcommand; whatever stops the reactor cancels it and waits for its clean-up.

    Raises:
        SystemExit: with its status, unless that is 0.
    """
    running: Deferred[None] = Deferred()
    reactor.callWhenRunning(running.callback, None)
    await running  # only then do signals stop the reactor rather than the process
    _take_signals(reactor)
    work = Deferred.fromCoroutine(_status(args.run(reactor, args), debug=args.debug))
    reactor.addSystemEventTrigger("before", "shutdown", _end, work)
    code = await work
    if code:
        raise SystemExit(code)


def _take_signals(reactor: Any) -> None:
    """Let Ctrl-C (also where a shell ignores it, for its background jobs) and a closed terminal stop the reactor.

    Twisted itself sees to SIGTERM.
    """

    def stop() -> None:
        with suppress(ReactorNotRunning):
            reactor.stop()

    def signalled(_number: int, _frame: FrameType | None) -> None:
        reactor.callFromThread(stop)

    signal.signal(signal.SIGINT, signalled)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, signalled)


def _end(work: Deferred[int]) -> Deferred[None]:
    """Cancel a command, if it still runs; fires when it has cleaned up, and the reactor waits for that."""
    done: Deferred[None] = Deferred()

    def ended(_result: object) -> None:
        done.callback(None)

    work.addBoth(ended)
    work.cancel()
    return done


async def _status(command: Coroutine[Any, Any, int], *, debug: bool) -> int:
    """The exit status of a command; what went wrong is a line on standard error."""
    try:
        return await command
    except CancelledError:
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 (whatever it is, a human reads it)
        if debug:
            traceback.print_exc()
        code, lines = _explained(error)
        for line in lines:
            print(f"xvpproxy: {line}", file=sys.stderr)
        return code


def _explained(error: Exception) -> tuple[int, Sequence[str]]:
    """Exit status and sentences for an error."""
    match error:
        case ConfigurationError():
            return _REFUSED, error.problems
        case StoreUnavailable() | DriverUnavailable():
            return _UNKNOWN, [str(error)]
        case XvpError():
            return _REFUSED, [str(error)]
        case OSError():
            return _REFUSED, [f"{error.filename}: {error.strerror}" if error.filename else str(error)]
        case _:
            return _UNKNOWN, [f"internal error: {type(error).__name__}: {error} (more with --debug)"]
