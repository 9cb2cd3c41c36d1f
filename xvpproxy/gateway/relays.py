"""Which relay a session gets: the fastest one that can serve its two legs."""

from __future__ import annotations

from twisted.logger import Logger

from .copying import CopyingRelay
from .dispatch import attach
from .pipes import Pipes
from .reactor import SocketReactor
from .relay import Leg, Relay, RelayTimeouts
from .splicing import SplicingRelay
from .watch import Watch

log = Logger()


class Relays:
    """Starts relays: at kernel speed between two legs in the clear, the portable one inside TLS and elsewhere."""

    def __init__(self, reactor: SocketReactor, watch: Watch) -> None:
        self._reactor = reactor
        self._watch = watch
        self._pipes = Pipes()
        self._dispatch = attach(reactor)
        if self._dispatch is None:
            log.info("this reactor's poller cannot be shared: the portable relay is used for every session")

    def start(self, viewer: Leg, console: Leg, timeouts: RelayTimeouts) -> Relay:
        """See `relay.StartRelay`."""
        if self._dispatch is None or viewer.tls is not None or console.tls is not None:
            return CopyingRelay(viewer, console, timeouts, reactor=self._reactor, watch=self._watch)
        return SplicingRelay(
            viewer, console, timeouts, reactor=self._reactor, dispatch=self._dispatch, pipes=self._pipes
        )

    def close(self) -> None:
        """Give the reactor its poller back, and the pipes to the system; once the last relay has ended."""
        if self._dispatch is not None:
            self._dispatch.detach(self._reactor)
        self._pipes.close()
