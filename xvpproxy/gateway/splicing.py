"""The relay at kernel speed: the outcome and the time of a session; `splice.py` moves its bytes."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from xvpproxy.model import Outcome

from .dispatch import Dispatch
from .patience import Patience
from .pipes import Pipes
from .reactor import SocketReactor
from .relay import Leg, RelayTimeouts
from .splice import Side


class SplicingRelay:
    """A `Relay` for Linux, between two legs in the clear."""

    __slots__ = (
        "_console", "_moved", "_outcome", "_patience", "_reactor", "_taken", "_timeouts", "_viewer", "dispatch",
        "ended", "pipes", "timed",
    )  # fmt: skip

    def __init__(
        self,
        viewer: Leg,
        console: Leg,
        timeouts: RelayTimeouts,
        *,
        reactor: SocketReactor,
        dispatch: Dispatch,
        pipes: Pipes,
    ) -> None:
        self.dispatch = dispatch
        self.pipes = pipes
        self._reactor = reactor
        self._timeouts = timeouts
        self._outcome: Outcome | None = None
        self._patience = Patience(reactor, self._expired)
        #: Whether a timer looks at when bytes last moved; when they did; when the viewer last took some.
        self.timed = False
        self._moved = self._taken = 0.0
        self.ended: Deferred[Outcome] = Deferred(lambda _: self.close(Outcome.CLOSED_BY_OPERATOR))
        self._viewer, self._console = Side(self, viewer), Side(self, console)
        self._viewer.peer, self._console.peer = self._console, self._viewer
        for sink, leftover in ((self._viewer, console.leftover), (self._console, viewer.leftover)):
            sink.peer.received += len(leftover)
            sink.held = (sink.held or b"") + leftover or None
        if timeouts.idle:
            self._look_at_progress("idle", timeouts.idle)
        # Registering tells what is already the case: that starts everything.
        for side in (self._viewer, self._console):
            dispatch.add(side.fd, side)

    @property
    def from_viewer(self) -> int:
        """See `Relay`."""
        return self._viewer.received

    @property
    def from_console(self) -> int:
        """See `Relay`."""
        return self._console.received

    def close(self, outcome: Outcome) -> None:
        """See `Relay`."""
        if self._viewer.fd < 0:
            return
        self._patience.end()
        for side in (self._viewer, self._console):
            self.dispatch.remove(side.fd)
            side.fd = -1
            side.socket.close()
            side.give_pipe_back()
        self.ended.callback(self._outcome or outcome)

    def left_by(self, side: Side) -> Outcome:
        """The outcome if `side` is the first to end."""
        return Outcome.VIEWER_LEFT if side is self._viewer else Outcome.CONSOLE_LEFT

    def lost(self, side: Side) -> None:
        """The connection on this side broke."""
        self.close(self.left_by(side))

    # Time

    def progress(self, sink: Side | None = None) -> None:
        """Bytes have moved, towards `sink` after it had been full."""
        self._moved = self._reactor.seconds()
        if sink is self._viewer:
            self._taken = self._moved

    def holding(self, sink: Side) -> None:
        """`sink` does not take more."""
        if sink is self._viewer:
            self._taken = self._reactor.seconds()
            self._patience.arm("stall", self._timeouts.stall, self._stalled_since)

    def half_closed(self, side: Side) -> None:
        """`side` has ended."""
        self._outcome = self._outcome or self.left_by(side)
        self._look_at_progress("close", self._timeouts.close)

    def _look_at_progress(self, name: str, seconds: float) -> None:
        if not self.timed:
            self.timed = True
            self._moved = self._reactor.seconds()
        self._patience.arm(name, seconds, lambda: self._moved)

    def _stalled_since(self) -> float | None:
        return self._taken if self._viewer.held is not None or self._console.piped else None

    def _expired(self, name: str) -> None:
        self.close(Outcome.STALLED if name == "stall" else Outcome.IDLE)
