"""What every relay promises: bytes both ways between a viewer and its console.

* Every byte once, in order.
* Back-pressure both ways: at most 256 KiB (or one pipe) is held per direction.
* A FIN on one leg becomes a FIN on the other; the remaining direction goes on
  until it ends or makes no progress for `close_timeout` (and a quarter of it).
* A reset on one leg closes the other at once, also while nobody reads from it.
* A viewer that takes none of the bytes offered to it for `stall_timeout` ends.
* It ends with exactly one outcome, and both sockets are closed by then.

A relay works on bare sockets and `Sealed`, with what the handshakes left: so an
implementation may move the bytes as it likes.  Ten thousand of them live at
once: what they have in common is in `RelayGround`, and bytes that move touch no
clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import NamedTuple, Protocol

from oslo_config import cfg

from xvpproxy.model import Outcome

from .dispatch import Dispatch
from .sealed import Sealed
from .timers import Timers

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


class Leg(NamedTuple):
    """One side of a session.

    Attributes:
        socket: connected and non-blocking; the relay owns it from now on.
        leftover: bytes that came from this side and nobody has used: they go to the other side first.
        sealed: the TLS state, if this side speaks TLS.
        unsent: bytes (ciphertext inside TLS) that this side must be sent before anything else.
        drained: whether the socket is known to be empty, so that the dispatch will tell of all that comes.
        place: where it leads, for people.
    """

    socket: socket
    leftover: bytes = b""
    sealed: Sealed | None = None
    unsent: bytes = b""
    drained: bool = False
    place: str = ""

    def __repr__(self) -> str:
        return f"<Leg {self.socket.fileno()}>"


@dataclass(frozen=True, slots=True)
class RelayTimeouts:
    """Seconds."""

    close: float = 5.0
    stall: float = 60.0


@dataclass(frozen=True, slots=True)
class RelayGround:
    """What all relays of a gateway share."""

    dispatch: Dispatch
    timers: Timers


class RelayOwner(Protocol):
    """Whom a relay belongs to."""

    def relay_ended(self, outcome: Outcome) -> None:
        """It has ended, with the one outcome: called once, never before the relay has been made."""


class Relay(Protocol):
    """One session's relay, running from the moment it is made."""

    @property
    def from_viewer(self) -> int:
        """Bytes taken from the viewer so far."""

    @property
    def from_console(self) -> int:
        """Bytes taken from the console so far."""

    def close(self, outcome: Outcome) -> None:
        """End now, with `outcome`; nothing more is delivered.  Harmless once it has ended."""


#: How an implementation is started.
StartRelay = Callable[[Leg, Leg, RelayTimeouts, RelayOwner], Relay]
