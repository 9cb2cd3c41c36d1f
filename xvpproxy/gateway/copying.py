"""The relay for every pair of legs, in the clear or inside TLS, on every reactor.

One buffer of 128 KiB serves all sessions: a read fills it, TLS opens or seals
all of it at once, and one `send` takes the result.

Events may come once per change (`dispatch.py`), so every rule here is about not
losing one:

* A short read means that the source is drained, unless its end was told or its
  former owner left it undrained: then read on until it says so.
* What the sink did not take waits in `held`; the source is not read then, and
  is pumped again once the sink has taken it.
* A pump that stops for fairness asks for another turn.
"""

from __future__ import annotations

import socket

from xvpproxy.model import Outcome

from .dispatch import END, ERR, HUP, OUT
from .relay import Leg, RelayGround, RelayOwner, RelayTimeouts
from .sealed import OPEN_BYTES, TLSFailed

#: Shared by all sessions: bytes are in it only within one call.
_BUFFER = memoryview(bytearray(OPEN_BYTES))
#: Reads that one side may do before the others get their turn.
_ROUNDS = 4
#: What may wait for one side: a sealed buffer, and as much of what TLS itself has to say.
_MOST_HELD_BYTES = 262144
#: How often progress is looked for within `close_timeout`.
_LOOKS = 4


class CopyingRelay:
    """A `Relay` for two legs of any kind."""

    __slots__ = ("_console", "_looks", "_moved", "_outcome", "_owner", "_timeouts", "_viewer", "ground")

    def __init__(
        self, viewer: Leg, console: Leg, timeouts: RelayTimeouts, owner: RelayOwner, *, ground: RelayGround
    ) -> None:
        self.ground = ground
        self._timeouts = timeouts
        self._owner = owner
        self._outcome: Outcome | None = None
        #: Once one side has ended: `_count` at the last look, and the looks since that found it the same.
        self._moved = self._looks = 0
        self._viewer, self._console = _Side(self, viewer), _Side(self, console)
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
        if self._viewer.fd < 0:
            return
        self.ground.timers.stop(self._timeouts.stall, self._viewer)
        if self._outcome is not None:
            self.ground.timers.stop(self._timeouts.close / _LOOKS, self)
        self._viewer.close()
        self._console.close()
        self._owner.relay_ended(self._outcome or outcome)

    def left(self, side: _Side) -> None:
        """This side is no more: its connection broke, or both have ended."""
        self.close(self._left_by(side))

    def half_closed(self, side: _Side) -> None:
        """`side` has ended."""
        if self._outcome is None:
            self._outcome = self._left_by(side)
            self._moved = self._count()
            self.ground.timers.start(self._timeouts.close / _LOOKS, self)

    def waits(self, sink: _Side) -> None:
        """`sink` did not take all that it was offered, or only now some of it."""
        if sink is self._viewer:
            self.ground.timers.start(self._timeouts.stall, sink)

    def took(self, sink: _Side) -> None:
        """`sink` has taken all that waited for it."""
        if sink is self._viewer:
            self.ground.timers.stop(self._timeouts.stall, sink)

    def expired(self) -> None:
        """See `timers.Timed`: time to look whether a session that is ending still makes progress."""
        moved, self._moved = self._moved, self._count()
        self._looks = self._looks + 1 if moved == self._moved else 0
        if self._looks == _LOOKS:
            self.close(Outcome.IDLE)
        else:
            self.ground.timers.start(self._timeouts.close / _LOOKS, self)

    def _count(self) -> int:
        """Another number whenever bytes have moved."""
        return sum(side.received - len(side.held) for side in (self._viewer, self._console))

    def _left_by(self, side: _Side) -> Outcome:
        return Outcome.VIEWER_LEFT if side is self._viewer else Outcome.CONSOLE_LEFT


class _Side:
    """One leg: the source of one direction and the sink of the other."""

    __slots__ = (
        "ended", "fd", "held", "peer", "queued", "read_on", "received", "relay", "sealed", "shut", "socket",
    )  # fmt: skip

    def __init__(self, relay: CopyingRelay, leg: Leg) -> None:
        self.relay = relay
        self.socket = leg.socket
        self.fd = leg.socket.fileno()
        self.sealed = leg.sealed
        self.peer: _Side
        #: Bytes (ciphertext inside TLS) that this side must be sent before anything else.
        self.held: bytes | memoryview = leg.unsent
        self.received = len(leg.leftover)
        #: Whether a short read does not mean that nothing more is there.
        self.read_on = not leg.drained
        #: This side's FIN was read; the other one's was passed on to it.
        self.ended = self.shut = False
        self.queued = False

    def meet(self, peer: _Side, said: bytes) -> None:
        """Know the other side, and what it has said already."""
        self.peer = peer
        if said:
            self.held = self.held + (said if self.sealed is None else self.sealed.seal(said))

    def begin(self) -> None:
        """Take the events over; nothing moves, and nothing can end, before the next turn."""
        dispatch = self.relay.ground.dispatch
        dispatch.add(self.fd, self)
        dispatch.reading(self.fd, wanted=not self.peer.held)
        dispatch.writing(self.fd, wanted=bool(self.held))
        if self.held:
            self.relay.waits(self)
        if self.held or self.read_on:
            self.turn()

    def close(self) -> None:
        """Close the socket, and let go of the others."""
        self.relay.ground.dispatch.remove(self.fd)
        self.fd = -1
        self.socket.close()
        self.held, self.sealed = b"", None
        del self.relay, self.peer

    # What happens

    def on(self, events: int) -> None:
        """See `dispatch.Owner`."""
        if self.fd < 0:
            return
        if events & (END | ERR | HUP):
            self.read_on = True
            # A hang-up without an error is two ends: the bytes before them are still good.
            if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self.relay.left(self)
                return
        if events & OUT and self.held:
            self.flush()
        if events & ~OUT and self.fd >= 0:
            self.pump()

    def again(self) -> None:
        """See `dispatch.Owner`."""
        self.queued = False
        if self.fd >= 0 and self.held:
            self.flush()
        if self.fd >= 0:
            self.pump()

    def failed(self) -> None:
        """See `dispatch.Owner`."""
        if self.fd >= 0:
            self.relay.close(Outcome.FAILED)

    def expired(self) -> None:
        """See `timers.Timed`: this is the viewer, and it has taken nothing for too long."""
        self.relay.close(Outcome.STALLED)

    # Moving bytes

    def pump(self) -> None:
        """Move what this side has, while the other one takes it, for some rounds."""
        sink = self.peer
        if self.ended or sink.held:
            return
        for _ in range(_ROUNDS):
            try:
                count = self.socket.recv_into(_BUFFER)
            except BlockingIOError:
                self.read_on = False
                return
            except OSError:
                self.relay.left(self)
                return
            if not count:
                self.end()
                return
            if self.sealed is None:
                self.received += count
                taken = sink.offer(_BUFFER[:count])
            else:
                taken = self.open(_BUFFER[:count])
            if not taken or (count < OPEN_BYTES and not self.read_on):
                return
        self.turn()

    def open(self, data: memoryview) -> bool:
        """Offer the other side what is sealed in `data`; False if nothing more is to be read now."""
        sealed = self.sealed
        assert sealed is not None
        try:
            plain = sealed.open(data)
        except TLSFailed:
            self.say(sealed.take_reply())
            if self.fd >= 0:
                self.relay.left(self)
            return False
        self.received += len(plain)
        taken = not plain or self.peer.offer(plain)
        reply = sealed.take_reply()
        if reply and self.fd >= 0:
            self.say(reply)
        if sealed.ended and self.fd >= 0:
            self.end()
        return taken and not self.ended and self.fd >= 0

    def offer(self, data: bytes | memoryview) -> bool:
        """Send this side what the other one has said; False if not all of it was taken."""
        if self.sealed is not None:
            data = self.sealed.seal(data)
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.relay.left(self)
            return False
        if sent == len(data):
            return True
        rest = memoryview(data)[sent:]
        self.hold(bytes(rest) if self.sealed is None else rest)  # the shared buffer will not stay as it is
        return False

    def say(self, data: bytes) -> None:
        """Send this side what its TLS has to say, behind what waits; in vain where it can hear no more."""
        if self.shut:
            return
        if len(self.held) + len(data) > _MOST_HELD_BYTES:
            self.relay.left(self)  # it asks for replies, and reads none
        elif self.held:
            self.held = bytes(self.held) + data
        else:
            self.hold(data)
            self.flush()

    def hold(self, data: bytes | memoryview) -> None:
        """`data` waits: the other side is not read meanwhile."""
        self.held = data
        dispatch = self.relay.ground.dispatch
        dispatch.writing(self.fd, wanted=True)
        dispatch.reading(self.peer.fd, wanted=False)
        self.relay.waits(self)

    def flush(self) -> None:
        """Send what waits, then let the other side go on."""
        relay, source = self.relay, self.peer
        try:
            sent = self.socket.send(self.held)
        except BlockingIOError:
            return
        except OSError:
            relay.left(self)
            return
        if sent < len(self.held):
            self.held = self.held[sent:]
            relay.waits(self)
            return
        self.held = b""
        relay.took(self)
        relay.ground.dispatch.writing(self.fd, wanted=False)
        if source.ended:
            self.finish()
        else:
            relay.ground.dispatch.reading(source.fd, wanted=True)
            source.pump()

    def turn(self) -> None:
        """Ask for another turn."""
        if not self.queued:
            self.queued = True
            self.relay.ground.dispatch.soon(self)

    # Ends

    def end(self) -> None:
        """This side has ended: the other one is told behind its last bytes."""
        self.ended = True
        sink = self.peer
        self.relay.half_closed(self)
        self.relay.ground.dispatch.reading(self.fd, wanted=False)
        if sink.sealed is not None:
            sink.say(sink.sealed.end())
        elif not sink.held:
            sink.finish()

    def finish(self) -> None:
        """This side has got everything: its connection ends."""
        self.shut = True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.relay.left(self)
            return
        if self.peer.shut:
            self.relay.left(self.peer)
