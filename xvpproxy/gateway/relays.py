"""Which relay a session gets: the fastest one that can serve its two legs."""

from __future__ import annotations

from .copying import CopyingRelay
from .pipes import Pipes
from .relay import Leg, Relay, RelayGround, RelayOwner, RelayTimeouts
from .splicing import SplicingRelay


class Relays:
    """Starts relays: spliced between two legs in the clear, copied inside TLS and where splicing cannot be."""

    def __init__(self, ground: RelayGround) -> None:
        self._ground = ground
        self._pipes = Pipes()
        self._splices = ground.dispatch.edges  # an epoll, so this is Linux

    def start(self, viewer: Leg, console: Leg, timeouts: RelayTimeouts, owner: RelayOwner) -> Relay:
        """See `relay.StartRelay`."""
        if self._splices and viewer.sealed is None and console.sealed is None:
            return SplicingRelay(viewer, console, timeouts, owner, ground=self._ground, pipes=self._pipes)
        return CopyingRelay(viewer, console, timeouts, owner, ground=self._ground)

    def close(self) -> None:
        """Give the pipes back to the system; once the last relay has ended."""
        self._pipes.close()
