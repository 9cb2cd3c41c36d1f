"""What every relay promises: bytes both ways between a viewer and its console.

* Every byte once, in order.
* Back-pressure both ways: at most 256 KiB (or one pipe) is held per direction.
* A FIN on one leg becomes a FIN on the other; the remaining direction goes on
  until it ends or makes no progress for `close_timeout`.
* A reset on one leg closes the other at once, also while nobody reads from it.
* A viewer that takes none of the bytes offered to it for `stall_timeout`, or a
  session without a byte either way for `idle_timeout`, ends.
* It ends with exactly one outcome, and both sockets are closed by then.

A relay works on bare sockets and `ssl.SSLObject`, with what the handshakes
left: so an implementation may move the bytes as it likes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from socket import socket
from typing import Protocol

from oslo_config import cfg
from twisted.internet.defer import Deferred

from xvpproxy.model import Outcome

from .channel import TLS

OPTS: dict[str, list[cfg.Opt]] = {
    "gateway": [
        cfg.FloatOpt(
            "close_timeout",
            default=5.0,
            min=0.1,
            help="Seconds without progress that a session may linger once one side has ended: the viewer or the "
            "console closed its direction and the other one still has bytes to deliver.",
        ),
        cfg.FloatOpt(
            "idle_timeout",
            default=0,
            min=0,
            help="Seconds without a byte either way after which the gateway ends a session between a viewer and its "
            "console; 0 = never. See also keepalive_idle, which finds peers that have vanished.",
        ),
        cfg.FloatOpt(
            "stall_timeout",
            default=60.0,
            min=0.1,
            help="Seconds a viewer may refuse all bytes that the gateway offers to it before its session is ended. "
            "A slow viewer that takes a few bytes now and then is not stalled.",
        ),
    ]
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a session.

    Attributes:
        socket: connected and non-blocking; the relay owns it from now on.
        leftover: bytes that came from this side and nobody has used: they go to the other side first.
        tls: the TLS state, if this side speaks TLS.
        unsent: bytes (ciphertext inside TLS) that this side must be sent before anything else.
    """

    socket: socket
    leftover: bytes = field(default=b"", repr=False)
    tls: TLS | None = field(default=None, repr=False)
    unsent: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class RelayTimeouts:
    """Seconds; `idle` 0 means never."""

    close: float = 5.0
    idle: float = 0.0
    stall: float = 60.0


class Relay(Protocol):
    """One session's relay, running from the moment it is made."""

    @property
    def from_viewer(self) -> int:
        """Bytes taken from the viewer so far."""

    @property
    def from_console(self) -> int:
        """Bytes taken from the console so far."""

    #: Fires once with the outcome, when both sockets are closed; cancelling it ends the relay.
    ended: Deferred[Outcome]

    def close(self, outcome: Outcome) -> None:
        """End now, with `outcome`; nothing more is delivered.  Harmless once it has ended."""


#: How an implementation is started: viewer, console, timeouts.
StartRelay = Callable[[Leg, Leg, RelayTimeouts], Relay]
