"""What every relay promises: bytes both ways between a viewer and its console.

* Every byte once, in order.
* Back-pressure both ways: at most 256 KiB (or one pipe) is held per direction.
* A FIN on one leg becomes a FIN on the other; the remaining direction goes on
  until it ends or makes no progress for `close_timeout` (and a quarter of it).
* A reset on one leg closes the other at once, also while nobody reads from it
  (where the dispatch is told of edges; elsewhere keep-alive finds such a peer).
* A viewer that takes none of the bytes offered to it for `stall_timeout` ends.
* It ends with exactly one outcome, and both sockets are closed by then.

A relay works on bare sockets and `Sealed`, with what the handshakes left: so its
sides may move the bytes as they like (`copying.py`, `splicing.py`).  Ten thousand of them live at
once: what they have in common is in `RelayGround`, and bytes that move touch no
clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from socket import socket
from typing import Any, NamedTuple, Protocol

from oslo_config import cfg

from xvpproxy.model import Outcome

from .closing import Closing
from .dispatch import Dispatch
from .pipes import Pipes
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

    def close(self, dispatch: Dispatch) -> None:
        """Close it, since no relay will."""
        dispatch.remove(self.socket.fileno())
        self.socket.close()


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
    pipes: Pipes

    def close(self) -> None:
        """Give everything back to the system and the reactor; once the last relay has ended."""
        self.pipes.close()
        self.timers.close()
        self.dispatch.close()


class RelayOwner(Protocol):
    """Whom a relay belongs to."""

    def relay_ended(self, outcome: Outcome, *, cause: str = "", detail: str = "") -> None:
        """It has ended, with the one outcome, and why if that says too little.

        Called once, never before the relay has been made.
        """


class Side(Protocol):
    """One leg of a relay, which moves the bytes: the source of one direction and the sink of the other."""

    #: Bytes taken from this side so far.
    received: int

    @property
    def over(self) -> bool:
        """Whether it has been closed."""

    @property
    def waiting(self) -> int:
        """Bytes (ciphertext inside TLS) that wait for this side."""

    def meet(self, peer: Any, said: bytes) -> None:
        """Know the other side, which is of the same kind, and what it has said already."""

    def begin(self) -> None:
        """Take the events over; nothing can end before the next turn."""

    def close(self) -> None:
        """Close the socket, and let go of everything else."""

    def expired(self) -> None:
        """See `timers.Timed`: this is the viewer, and it has taken nothing for too long."""


class Relay:
    """One session's relay, running from the moment it is made: its outcome and its time.

    Where it cannot be made, both sockets are closed.

    Args:
        kind: makes the sides, which do the rest.
    """

    __slots__ = ("_console", "_ending", "_owner", "_timeouts", "_viewer", "ground")

    def __init__(
        self,
        viewer: Leg,
        console: Leg,
        timeouts: RelayTimeouts,
        owner: RelayOwner,
        *,
        kind: Callable[[Relay, Leg], Side],
        ground: RelayGround,
    ) -> None:
        self.ground = ground
        self._timeouts = timeouts
        self._owner = owner
        #: What the first side to end has made of it, unless we end it ourselves.
        self._ending: Outcome | None = None
        try:
            self._viewer, self._console = kind(self, viewer), kind(self, console)
        except BaseException:
            for leg in (viewer, console):
                leg.close(ground.dispatch)
            raise
        try:
            self._viewer.meet(self._console, console.leftover)
            self._console.meet(self._viewer, viewer.leftover)
            self._viewer.begin()
            self._console.begin()
        except BaseException:
            self._let_go()
            raise

    @property
    def from_viewer(self) -> int:
        """Bytes taken from the viewer so far."""
        return self._viewer.received

    @property
    def from_console(self) -> int:
        """Bytes taken from the console so far."""
        return self._console.received

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._viewer.over

    @property
    def progress(self) -> int:
        """A number that grows with every byte that is taken or delivered."""
        return sum([2 * side.received - side.waiting for side in (self._viewer, self._console)])

    def close(self, outcome: Outcome, *, cause: str = "", detail: str = "") -> None:
        """End now, with `outcome`; nothing more is delivered.  Harmless once it has ended."""
        if self.over:
            return
        self._let_go()
        self._owner.relay_ended(outcome, cause=cause, detail=detail)

    def _let_go(self) -> None:
        self.ground.timers.stop(self._timeouts.stall, self._viewer)
        self._viewer.close()
        self._console.close()

    # What its sides tell

    def left(self, side: Side) -> None:
        """End, since this side is no more: its connection broke, or both have ended."""
        self.close(self._ending or self._left_by(side))

    def tls_failed(self, side: Side, why: str) -> None:
        """End, since what this side says is no TLS that we can take."""
        cause = "viewer_tls" if side is self._viewer else "upstream_tls"
        self.close(self._ending or self._left_by(side), cause=cause, detail=why)

    def half_closed(self, side: Side) -> None:
        """`side` has ended."""
        if self._ending is None:
            self._ending = self._left_by(side)
            Closing(self, self._timeouts.close, self.ground.timers)

    def waits(self, sink: Side) -> None:
        """`sink` did not take all that it was offered, or only now some of it."""
        if sink is self._viewer:
            self.ground.timers.start(self._timeouts.stall, sink)

    def took(self, sink: Side) -> None:
        """`sink` has taken all that waited for it."""
        if sink is self._viewer:
            self.ground.timers.stop(self._timeouts.stall, sink)

    def expired(self) -> None:
        """See `closing.Progressing`: what is left does not move."""
        assert self._ending is not None
        self.close(self._ending)

    def _left_by(self, side: Side) -> Outcome:
        return Outcome.VIEWER_LEFT if side is self._viewer else Outcome.CONSOLE_LEFT


#: How a session starts its relay.
StartRelay = Callable[[Leg, Leg, RelayTimeouts, RelayOwner], Relay]
