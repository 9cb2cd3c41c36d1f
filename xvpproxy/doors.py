"""What a gateway has before it has a reactor: each worker's listening sockets and ledger, and what they share."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass

from oslo_config import cfg

from .api.address import parse_address
from .gateway.listener import bind
from .ledger import Ledger, open_ledgers
from .sessions import sessions_within
from .settings import most_descriptors

OPTS: dict[str, list[cfg.Opt]] = {
    "DEFAULT": [
        cfg.IntOpt(
            "workers",
            default=1,
            min=0,
            max=128,
            help="Processes that serve viewers and callers of the API; 0 is one per core. The kernel spreads "
            "connections over them. A process that dies takes only its own sessions along, and the parent of all "
            "replaces it; signals go to the parent. [gateway] max_sessions and max_sessions_per_token hold for all of "
            "them together, max_pending_per_address and [api] rate_limit for each. With 1 there is one process and no "
            "parent.",
        ),
    ]
}


@dataclass(frozen=True, slots=True)
class Doors:
    """One worker's.

    Attributes:
        number: which worker's, from 0 on.
        viewers: sockets that listen for viewers; empty if that door is off.
        api: sockets that listen for callers of the console API.
        ledger: its sessions among those of all workers.
    """

    number: int
    viewers: list[socket.socket]
    api: list[socket.socket]
    ledger: Ledger

    def close(self) -> None:
        """Stop listening, as far as this process is concerned."""
        for each in (*self.viewers, *self.api):
            each.close()


def count_workers(conf: cfg.ConfigOpts) -> int:
    """How many workers a configuration means."""
    return int(conf.workers) or len(os.sched_getaffinity(0))


def import_ahead(conf: cfg.ConfigOpts) -> None:
    """Import what a gateway imports only where it is on: workers share what their parent has imported."""
    if conf.api.listen:
        from . import console_api  # noqa: F401, PLC0415
    named = conf.consoleauth.stores
    if "database" in named if named else conf.database.connection or not (conf.cache.enabled or conf.memcached_servers):
        from .consoleauth import token_table  # noqa: F401, PLC0415


def open_doors(conf: cfg.ConfigOpts, workers: int) -> list[Doors]:
    """The doors of as many workers.

    Raises:
        ConfigurationError: naming what cannot be had; nothing listens then.
    """
    host, port = conf.vnc.xvpvncproxy_host, conf.vnc.xvpvncproxy_port
    viewers: list[list[socket.socket]] = [[] for _ in range(workers)]
    api = viewers
    with ExitStack() as opened:
        if port:
            viewers = _bound(host, port, workers, "[vnc] xvpvncproxy_host, xvpvncproxy_port")
            for each in viewers:
                opened.callback(_close, each)
        if conf.api.listen:
            api = _bound(*parse_address(conf.api.listen), workers, f"[api] listen = {conf.api.listen}")
        opened.pop_all()
    ledgers = open_ledgers(workers, sessions_within(most_descriptors()))
    return [Doors(number, viewers[number], api[number], ledgers[number]) for number in range(workers)]


def _bound(host: str, port: int, workers: int, option: str) -> list[list[socket.socket]]:
    """For each worker sockets of its own at the same addresses."""
    alone = bind(host, port, option=option)
    if workers == 1:
        return [alone]
    # Shared ports are shared with strangers, too: only this has shown that nobody else listens there.
    taken = alone[0].getsockname()[1]
    _close(alone)
    with ExitStack() as opened:
        bound = []
        for _ in range(workers):
            bound.append(bind(host, taken, option=option, shared=True))
            opened.callback(_close, bound[-1])
        opened.pop_all()
    return bound


def _close(listening: list[socket.socket]) -> None:
    for each in listening:
        each.close()
