"""Which relay a session gets: the fastest one that can serve its two legs."""

from __future__ import annotations

from .copying import CopyingSide
from .relay import Leg, Relay, RelayGround, RelayOwner, RelayTimeouts
from .splicing import SplicingSide


class Relays:
    """Starts relays: spliced between two legs in the clear, copied inside TLS and where splicing cannot be."""

    def __init__(self, ground: RelayGround) -> None:
        self._ground = ground
        self._splices = ground.dispatch.edges  # an epoll, so this is Linux

    def start(self, viewer: Leg, console: Leg, timeouts: RelayTimeouts, owner: RelayOwner) -> Relay:
        """See `relay.StartRelay`."""
        clear = self._splices and viewer.sealed is None and console.sealed is None
        kind = SplicingSide if clear else CopyingSide
        return Relay(viewer, console, timeouts, owner, kind=kind, ground=self._ground)
