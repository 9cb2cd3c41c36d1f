"""`xvpproxy console url | list`: the configured drivers from the command line, without the API."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from oslo_config import cfg

from xvpproxy import config, hypervisors, stores
from xvpproxy.drivers import registry
from xvpproxy.drivers.contract import Instance
from xvpproxy.drivers.registry import Drivers
from xvpproxy.errors import BadRequest
from xvpproxy.masking import printable

from .talk import add_config_arguments, say, warnings_shown

_EXAMPLES = """\
examples:
  xvpproxy console list
  xvpproxy console url web1
  xvpproxy console url 6d7c0144-2a80-4db6-971e-07e62e622122 --type novnc --ttl 3600
  java -jar VncViewer.jar "$(xvpproxy console url web1)"
"""

_FINE, _MISUSE, _UNKNOWN = 0, 2, 3
_COLUMNS = ("uuid", "name", "state", "driver", "host")


def add_parser(subparsers: Any) -> None:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "console",
        help="find instances and get access URLs for their consoles",
        description=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Which instances there are, the drivers of [DEFAULT] compute_driver and [static] console say. "
        "Exit status: 0 fine, 1 no such instance or it has no console now, 2 misuse, 3 a driver or a token store "
        "could not answer.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    url = verbs.add_parser("url", help="print a new access URL for an instance's console")
    url.add_argument("instance", metavar="INSTANCE", help="its UUID, or its name")
    url.add_argument("--type", default="xvpvnc", choices=["xvpvnc", "novnc"], help="default xvpvnc")
    url.add_argument("--ttl", metavar="SECONDS", type=int, help="default [consoleauth] token_ttl")
    everything = verbs.add_parser("list", help="print a table of all instances: UUID, name, state, driver, host")
    everything.add_argument("--json", action="store_true", help="one JSON object a line instead")
    for verb, act in ((url, _url), (everything, _list)):
        add_config_arguments(verb)
        verb.set_defaults(run=run, act=act)


async def run(reactor: Any, args: argparse.Namespace) -> int:
    """Open the drivers, do what the verb says, close them."""
    conf = config.load(args.config_file, args.config_dir).conf
    drivers = hypervisors.open_drivers(conf, reactor)
    try:
        status: int = await args.act(drivers, conf, args, reactor)
    finally:
        drivers.close()
    return status


async def _url(drivers: Drivers, conf: cfg.ConfigOpts, args: argparse.Namespace, reactor: Any) -> int:
    with warnings_shown():
        instance = await drivers.find(args.instance)
        console = await drivers.locate(instance)
        consoleauth = stores.open_consoleauth(conf, reactor)
        try:
            token, url = await consoleauth.mint(
                instance_uuid=instance.uuid,
                host=console.host,
                port=console.port,
                internal_access_path=console.internal_access_path,
                console_type=args.type,
                ttl=args.ttl,
            )
        except BadRequest as error:
            say(error.public)
            return _MISUSE
        finally:
            consoleauth.close()
    seconds = consoleauth.lifetimes.token_ttl if args.ttl is None else args.ttl
    say(f"token {token} for {printable(instance.name)} ({instance.uuid}) is good for {seconds} s")
    print(url, flush=True)
    return _FINE


async def _list(drivers: Drivers, _conf: cfg.ConfigOpts, args: argparse.Namespace, _reactor: Any) -> int:
    with warnings_shown() as warnings:
        instances = sorted(await drivers.instances(), key=lambda each: (each.name, each.uuid))
    for line in map(_json, instances) if args.json else _table(instances):
        print(line, flush=True)
    if not instances:
        say(f"there are no instances; asked: {', '.join(drivers.names)}")
    missing = any(event.get("log_namespace") == registry.__name__ for event in warnings)
    return _UNKNOWN if missing else _FINE


def _json(instance: Instance) -> str:
    return json.dumps(asdict(instance))


def _table(instances: Sequence[Instance]) -> list[str]:
    """Aligned lines below a heading; nothing for no instances."""
    if not instances:
        return []
    rows = [[printable(getattr(each, column)) or "-" for column in _COLUMNS] for each in instances]
    rows.insert(0, [column.upper() for column in _COLUMNS])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
