"""The relay at kernel speed: the outcome and the timers of a session; `splice.py` moves its bytes."""

from __future__ import annotations

from xvpproxy.model import Outcome

from .closing import Closing
from .dispatch import Dispatch
from .pipes import Pipes
from .relay import Leg, RelayGround, RelayOwner, RelayTimeouts
from .splice import Side


class SplicingRelay:
    """A `Relay` for Linux, between two legs in the clear."""

    __slots__ = ("_console", "_ground", "_outcome", "_owner", "_timeouts", "_viewer", "pipes")

    def __init__(
        self,
        viewer: Leg,
        console: Leg,
        timeouts: RelayTimeouts,
        owner: RelayOwner,
        *,
        ground: RelayGround,
        pipes: Pipes,
    ) -> None:
        self._ground = ground
        self.pipes = pipes
        self._owner = owner
        self._timeouts = timeouts
        self._outcome: Outcome | None = None
        self._viewer, self._console = Side(self, viewer), Side(self, console)
        self._viewer.meet(self._console, console.leftover)
        self._console.meet(self._viewer, viewer.leftover)
        self._viewer.begin(drained=viewer.drained)
        self._console.begin(drained=console.drained)

    @property
    def dispatch(self) -> Dispatch:
        """Where its sides get their events from."""
        return self._ground.dispatch

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
        if self.over:
            return
        self._ground.timers.stop(self._timeouts.stall, self)
        self._viewer.close()
        self._console.close()
        self._owner.relay_ended(self._outcome or outcome)

    def left_by(self, side: Side) -> Outcome:
        """The outcome if `side` is the first to end."""
        return Outcome.VIEWER_LEFT if side is self._viewer else Outcome.CONSOLE_LEFT

    def lost(self, side: Side) -> None:
        """The connection on this side broke."""
        self.close(self.left_by(side))

    # Time

    def holding(self, sink: Side) -> None:
        """`sink` does not take more; it has taken something, or takes nothing for the first time."""
        if sink is self._viewer:
            self._ground.timers.start(self._timeouts.stall, self)

    def taken(self, sink: Side) -> None:
        """`sink` has taken all there was."""
        if sink is self._viewer:
            self._ground.timers.stop(self._timeouts.stall, self)

    def expired(self) -> None:
        """See `timers.Timed` and `Closing`: what waits has not moved for too long."""
        self.close(Outcome.STALLED)

    def half_closed(self, side: Side) -> None:
        """`side` has ended."""
        if self._outcome is None:
            self._outcome = self.left_by(side)
            Closing(self, self._timeouts.close, self._ground.timers)

    @property
    def over(self) -> bool:
        """See `closing.Progressing`."""
        return self._viewer.socket is None

    @property
    def progress(self) -> int:
        """See `closing.Progressing`."""
        return sum(2 * side.received - side.waiting for side in (self._viewer, self._console))
