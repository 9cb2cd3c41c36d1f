"""`xvpproxy demo`: a gateway and consoles to look at, on this machine only, gone without a trace afterwards."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError

from xvpproxy import logs
from xvpproxy.demo.check import Check
from xvpproxy.demo.site import HOST, USUAL_API_PORT, USUAL_PORT, Exhibit, Site
from xvpproxy.demo.state import temporary_state
from xvpproxy.demo.xenpool_site import PoolSite

from . import paste

_EXAMPLES = f"""\
examples:
  xvpproxy demo                 one console behind a gateway at port {USUAL_PORT}
  xvpproxy demo --consoles 3    three of them, each with its own access URL
  xvpproxy demo --xenserver     a XenServer pool to play with: migrate, reboot, stop
  xvpproxy demo --check         walk the whole loop without a window: PASS or FAIL

A gateway, a token store, the console API and built-in consoles in one process,
reachable from this machine only. Everything is kept in a temporary directory;
Ctrl-C ends the demo and removes it.
"""

_MAX_CONSOLES = 100
#: Seconds that the whole check may take.
_PATIENCE = 15.0


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="a gateway and consoles to look at, on this machine only",
        description=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--consoles",
        type=_number(1, _MAX_CONSOLES),
        metavar="N",
        help=f"how many consoles, 1 to {_MAX_CONSOLES} (default 1, with --xenserver 2)",
    )
    parser.add_argument(
        "--port",
        type=_number(0, 65535),
        metavar="P",
        help=f"the gateway's port, 0 for any free one (default {USUAL_PORT}, or a free one if that is taken)",
    )
    parser.add_argument(
        "--xenserver",
        action="store_true",
        help="put the consoles' machines on two simulated XenServer hosts; you can migrate and reboot them",
    )
    parser.add_argument("--check", action="store_true", help="mint, connect, look, revoke; then PASS or FAIL")
    parser.set_defaults(run=run)


def _number(least: int, most: int) -> Any:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
        return int(text)

    return number


async def run(reactor: Any, args: argparse.Namespace) -> int:
    """Run the demo until Ctrl-C, or its check; 1 if the check failed."""
    if args.debug:
        logs.begin(sys.stderr, debug=True)
    with temporary_state() as directory:
        kind = PoolSite if args.xenserver else Site
        site = kind(directory, reactor, ports=_ports(args), api_ports=[0] if args.check else [USUAL_API_PORT, 0])
        try:
            code = await (_check(site, reactor, args) if args.check else _show(site, args))
        finally:
            await site.close()
    if not args.check:
        _say("ended; nothing is left behind")
    return code


def _ports(args: argparse.Namespace) -> list[int]:
    """Which ports the gateway may take; in a check nobody types it, so any will do."""
    if args.port is not None:
        return [args.port]
    return [0] if args.check else [USUAL_PORT, 0]


async def _show(site: Site, args: argparse.Namespace) -> int:
    """Start everything, print what to paste, and stay until Ctrl-C; the gateway's log comes below."""
    _say("starting a gateway and its consoles ...")
    try:
        site.open(args.consoles or site.usual_consoles, set_log=_keep_log)
        if args.port is None and site.port != USUAL_PORT:
            _say(f"port {USUAL_PORT} is taken, so the gateway takes {site.port}")
        for exhibit in site.exhibits:
            _token, url = await site.mint(exhibit)
            print(_to_paste(site, exhibit, url), flush=True)
        _say(f"the gateway listens at {HOST}:{site.port}, the console API at {HOST}:{site.api_port}")
        _say("Ctrl-C ends the demo")
        site.attend(_say)
        if not args.debug:
            logs.begin(sys.stderr)
        await Deferred()
    except CancelledError:
        pass
    return 0


def _to_paste(site: Site, exhibit: Exhibit, url: str) -> str:
    """Everything there is to type about one console."""
    view, build = paste.viewer(url)
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")
    mint = f"{paste.ourselves()} {site.minting(exhibit)}"
    nova, install = paste.nova(site.endpoint, exhibit.name)
    parts = {
        "access URL": url,
        "open it in the Java viewer" + (f" (to be built first: {build})" if build else ""): view,
        "check it: this shows HTTP/1.1 200 OK and RFB 003.008": paste.probe(url),
        "mint another access URL": mint,
        "get one from the console API with Nova's own command" + (f" ({install})" if install else ""): nova,
        "or with curl": paste.curl(site.endpoint, exhibit.uuid),
    }
    lines = "".join(f"\n  {title}\n    {command}\n" for title, command in parts.items())
    return f"{bold}{exhibit.name}{plain}  {exhibit.uuid}\n{lines}"


async def _check(site: Site, reactor: Any, args: argparse.Namespace) -> int:
    """The loop without a window: a line for each step, then PASS or FAIL."""
    work = Deferred.fromCoroutine(Check(site, reactor, report=_report, set_log=_keep_log).run())
    try:
        await work.addTimeout(_PATIENCE, reactor)
    except CancelledError:
        raise
    except TwistedTimeoutError:
        _say(f"the check was given up after {_PATIENCE:g} s")
    except Exception:  # noqa: BLE001 (whatever it is, the check failed; the step's own line says why)
        if args.debug:
            traceback.print_exc()
    else:
        print("PASS", flush=True)
        return 0
    print("FAIL", flush=True)
    return 1


def _report(step: str, milliseconds: float, seen: str) -> None:
    print(f"{step:<12} {milliseconds:8.1f} ms  {seen}", flush=True)


def _keep_log(*, debug: bool, log_format: str) -> None:
    """For the gateway's reload, which a demo never asks for: its log is as `--debug` says."""


def _say(line: str) -> None:
    print(f"xvpproxy demo: {line}", file=sys.stderr, flush=True)
