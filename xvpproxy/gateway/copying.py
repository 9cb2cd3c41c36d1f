"""The relay for every pair of legs, in the clear or inside TLS, on every reactor.

Here are the outcome and the time of a session; `carry.py` moves its bytes.
"""

from __future__ import annotations

from xvpproxy.model import Outcome

from .carry import Side
from .closing import Closing
from .relay import Leg, RelayGround, RelayOwner, RelayTimeouts


class CopyingRelay:
    """A `Relay` for two legs of any kind."""

    __slots__ = ("_console", "_outcome", "_owner", "_timeouts", "_viewer", "ground")

    def __init__(
        self, viewer: Leg, console: Leg, timeouts: RelayTimeouts, owner: RelayOwner, *, ground: RelayGround
    ) -> None:
        self.ground = ground
        self._timeouts = timeouts
        self._owner = owner
        self._outcome: Outcome | None = None
        self._viewer, self._console = Side(self, viewer), Side(self, console)
        self._viewer.meet(self._console, console.leftover)
        self._console.meet(self._viewer, viewer.leftover)
        self._viewer.begin()
        self._console.begin()

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
        self.ground.timers.stop(self._timeouts.stall, self._viewer)
        self._viewer.close()
        self._console.close()
        self._owner.relay_ended(self._outcome or outcome)

    def left(self, side: Side) -> None:
        """End, since this side is no more: its connection broke, or both have ended."""
        self.close(self._left_by(side))

    def half_closed(self, side: Side) -> None:
        """`side` has ended."""
        if self._outcome is None:
            self._outcome = self._left_by(side)
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
        """See `closing.Progressing`."""
        self.close(Outcome.IDLE)

    @property
    def over(self) -> bool:
        """See `closing.Progressing`."""
        return self._viewer.fd < 0

    @property
    def progress(self) -> int:
        """See `closing.Progressing`."""
        return sum(2 * side.received - len(side.held) for side in (self._viewer, self._console))

    def _left_by(self, side: Side) -> Outcome:
        return Outcome.VIEWER_LEFT if side is self._viewer else Outcome.CONSOLE_LEFT
