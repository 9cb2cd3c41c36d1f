"""The portable relay: read a chunk from one socket, offer it to the other.

Each direction is in one of three states:

    open      bytes move; a source whose sink is full is not read from
    draining  the source has ended, its last bytes wait for the sink
    done      the sink got the FIN
"""

from __future__ import annotations

import socket
from enum import Enum

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadWriteDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from xvpproxy.model import Outcome

from .channel import Channel
from .patience import Patience
from .reactor import SocketReactor
from .relay import Leg, RelayTimeouts
from .watch import Watch

#: Chunks one side may move before the other sessions get their turn.
ROUNDS = 4


class _State(Enum):
    OPEN = "open"
    DRAINING = "draining"
    DONE = "done"


@implementer(IReadWriteDescriptor)
class _Side:
    """One leg: the source of one direction and the sink of the other."""

    def __init__(self, relay: CopyingRelay, leg: Leg, left: Outcome) -> None:
        self.channel = Channel(leg.socket, leg.tls, leg.unsent)
        self.fd = leg.socket.fileno()
        self.leftover = leg.leftover
        #: The outcome if this side is the first to end.
        self.left = left
        #: The state of the direction whose source this is.
        self.state = _State.OPEN
        #: Bytes read from this side, and when one last moved towards it.
        self.received = 0
        self.progress = relay.now()
        self.peer: _Side
        self._relay = relay

    def fileno(self) -> int:
        return self.fd

    def doRead(self) -> None:  # noqa: N802
        self._relay.pump(self)

    def doWrite(self) -> None:  # noqa: N802
        self._relay.flush(self)

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        self._relay.lost(self)

    def logPrefix(self) -> str:  # noqa: N802
        return "relay"


class CopyingRelay:
    """A `Relay` on any reactor."""

    def __init__(
        self, viewer: Leg, console: Leg, timeouts: RelayTimeouts, *, reactor: SocketReactor, watch: Watch
    ) -> None:
        self._reactor = reactor
        self._watch = watch
        self._timeouts = timeouts
        self._outcome: Outcome | None = None
        self._patience = Patience(reactor, self._expired)
        self.now = reactor.seconds
        self.ended: Deferred[Outcome] = Deferred(lambda _: self.close(Outcome.CLOSED_BY_OPERATOR))
        self._viewer = _Side(self, viewer, Outcome.VIEWER_LEFT)
        self._console = _Side(self, console, Outcome.CONSOLE_LEFT)
        self._viewer.peer, self._console.peer = self._console, self._viewer
        if timeouts.idle:
            self._patience.arm("idle", timeouts.idle, self._last_progress)
        for side in (self._viewer, self._console):
            self._start(side)

    @property
    def from_viewer(self) -> int:
        return self._viewer.received

    @property
    def from_console(self) -> int:
        return self._console.received

    def close(self, outcome: Outcome) -> None:
        if self.ended.called or self._viewer.fd < 0:
            return
        self._patience.end()
        for side in (self._viewer, self._console):
            self._watch.remove(side.fd)
            self._reactor.removeReader(side)
            self._reactor.removeWriter(side)
            side.fd = -1
            side.channel.socket.close()
        self.ended.callback(self._outcome or outcome)

    # Moving bytes

    def _start(self, source: _Side) -> None:
        if source.fd < 0:
            return
        leftover, source.leftover = source.leftover, b""
        if leftover:
            self._deliver(source, leftover)
        if source.fd >= 0 and not source.peer.channel.unsent:
            self._reactor.addReader(source)
        # Inside TLS, bytes may wait that the socket knows nothing of.
        self.pump(source)

    def pump(self, source: _Side) -> None:
        """Move what is there, while the sink takes it, for some rounds."""
        for _ in range(ROUNDS):
            if source.fd < 0 or source.state is not _State.OPEN:
                return
            if source.peer.channel.unsent:
                self._hold(source)
                return
            try:
                data = source.channel.receive()
            except OSError:
                self.lost(source)
                return
            if source.channel.unsent:
                self._reactor.addWriter(source)  # TLS had something to say of its own
            if data is None:
                return
            if data:
                self._deliver(source, data)
            else:
                self._source_ended(source)
        if source.channel.tls is not None:
            self._reactor.callLater(0, self.pump, source)

    def _deliver(self, source: _Side, data: bytes) -> None:
        """Offer `data` to the sink; the source waits if not all of it was taken."""
        source.received += len(data)
        source.peer.progress = self.now()
        try:
            if not source.peer.channel.send(data):
                self._hold(source)
        except OSError:
            self.lost(source.peer)

    def _hold(self, source: _Side) -> None:
        """The sink is full: stop reading, keep watching, wait for room."""
        self._reactor.removeReader(source)
        self._watch.add(source.fd, lambda: self._hung_up(source), fin=False)
        self._reactor.addWriter(source.peer)
        if source.peer is self._viewer:
            self._patience.arm("stall", self._timeouts.stall, self._stalled_since)

    def flush(self, sink: _Side) -> None:
        """The sink is writable again."""
        if sink.fd < 0:
            return
        before = sink.channel.unsent
        try:
            empty = sink.channel.flush()
        except OSError:
            self.lost(sink)
            return
        if sink.channel.unsent < before:
            sink.progress = self.now()
        if not empty:
            return
        self._reactor.removeWriter(sink)
        source = sink.peer
        if source.state is _State.DRAINING:
            self._shut(source)
        elif source.state is _State.OPEN:
            self._watch.remove(source.fd)
            self._reactor.addReader(source)
            if source.channel.tls is not None:
                self.pump(source)

    # Ends

    def _source_ended(self, source: _Side) -> None:
        """FIN from `source`: pass it on once its last bytes are out."""
        self._reactor.removeReader(source)
        self._watch.add(source.fd, lambda: self._hung_up(source), fin=False)
        self._outcome = self._outcome or source.left
        source.state = _State.DRAINING
        self._patience.arm("close", self._timeouts.close, self._last_progress)
        if not source.peer.channel.unsent:
            self._shut(source)

    def _shut(self, source: _Side) -> None:
        sink = source.peer
        try:
            sink.channel.end_tls()
            if not sink.channel.flush():
                self._reactor.addWriter(sink)
                return
            sink.channel.shut()
        except OSError:
            self.lost(sink)
            return
        source.state = _State.DONE
        if sink.state is _State.DONE:
            self.close(source.left)

    def lost(self, side: _Side) -> None:
        """The connection on this side broke."""
        self.close(side.left)

    def _hung_up(self, side: _Side) -> None:
        error = side.channel.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        # Without an error both directions have merely ended: the unread bytes are still good.
        if error:
            self.lost(side)

    # Time

    def _last_progress(self) -> float:
        return max(self._viewer.progress, self._console.progress)

    def _stalled_since(self) -> float | None:
        return self._viewer.progress if self._viewer.channel.unsent else None

    def _expired(self, name: str) -> None:
        self.close(Outcome.STALLED if name == "stall" else Outcome.IDLE)
