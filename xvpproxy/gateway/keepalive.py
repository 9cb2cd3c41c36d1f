"""TCP settings of both legs: no delay, and keep-alive that finds peers which have vanished."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from functools import cached_property

from oslo_config import cfg

#: What Linux takes; beyond it every connection would fail.
_MOST_SECONDS, _MOST_COUNT = 32767, 127

OPTS: dict[str, list[cfg.Opt]] = {
    "gateway": [
        cfg.IntOpt(
            "keepalive_idle",
            default=60,
            min=0,
            max=_MOST_SECONDS,
            help="Seconds without traffic before TCP asks whether the viewer or the console is still there; 0 = never. "
            "A peer that vanished without a word is noticed after keepalive_idle + keepalive_count * "
            "keepalive_interval seconds.",
        ),
        cfg.IntOpt(
            "keepalive_interval",
            default=15,
            min=0,
            max=_MOST_SECONDS,
            help="Seconds between such questions while no answer comes; 0 = no keep-alive.",
        ),
        cfg.IntOpt(
            "keepalive_count",
            default=4,
            min=0,
            max=_MOST_COUNT,
            help="Unanswered questions after which the viewer or the console counts as gone; 0 = no keep-alive.",
        ),
    ]
}


#: The names differ between systems; where one is missing the system's own value stands.
_NAMES = [getattr(socket, name, None) for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")]


@dataclass(frozen=True)
class KeepAlive:
    """TCP keep-alive; any 0 turns it off.

    Attributes:
        idle: seconds of silence before the first probe.
        interval: seconds between probes.
        count: unanswered probes until the peer counts as gone.
    """

    idle: int = 60
    interval: int = 15
    count: int = 4

    @cached_property
    def _options(self) -> list[tuple[int, int, int]]:
        on = bool(self.idle and self.interval and self.count)
        options = [
            (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
            (socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(on)),
        ]
        if on:
            times = zip(_NAMES, (self.idle, self.interval, self.count), strict=True)
            options += [(socket.IPPROTO_TCP, name, value) for name, value in times if name is not None]
        return options

    def apply(self, connection: socket.socket) -> None:
        """Set keep-alive and TCP_NODELAY on a socket; those that a listening one accepts inherit them."""
        for level, name, value in self._options:
            connection.setsockopt(level, name, value)
