"""A leg of a relay that copies: read, open, seal, send.

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
from typing import TYPE_CHECKING

from xvpproxy.model import Outcome

from .dispatch import END, ERR, HUP, OUT
from .sealed import OPEN_BYTES, TLSFailed

if TYPE_CHECKING:
    from .relay import Leg, Relay

#: Shared by all sessions: bytes are in it only within one call.
_BUFFER = memoryview(bytearray(OPEN_BYTES))
#: Reads that one side may do before the others get their turn; inside TLS it is one.
_ROUNDS = 4
#: What may wait for one side: a sealed buffer, and as much of what TLS itself has to say.
_MOST_HELD_BYTES = 262144


class CopyingSide:
    """One leg: the source of one direction and the sink of the other."""

    __slots__ = (
        "ended", "fd", "held", "peer", "queued", "read_on", "received", "relay", "sealed", "shut", "socket",
    )  # fmt: skip

    def __init__(self, relay: Relay, leg: Leg) -> None:
        self.relay = relay
        self.socket = leg.socket
        self.fd = leg.socket.fileno()
        self.sealed = leg.sealed
        self.peer = self  # until they meet
        #: Bytes (ciphertext inside TLS) that this side must be sent before anything else.
        self.held: bytes | memoryview = leg.unsent
        self.received = len(leg.leftover)
        #: Whether a short read does not mean that nothing more is there.
        self.read_on = not leg.drained
        #: This side's FIN was read; the other one's was passed on to it.
        self.ended = self.shut = False
        self.queued = False

    def meet(self, peer: CopyingSide, said: bytes) -> None:
        """Know the other side, and what it has said already."""
        self.peer = peer
        if said:
            self.held = bytes(self.held) + (said if self.sealed is None else self.sealed.seal(said))

    def begin(self) -> None:
        """Take the events over; nothing moves, and nothing can end, before the next turn."""
        dispatch = self.relay.ground.dispatch
        dispatch.add(self.fd, self, steady=True)
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

    @property
    def over(self) -> bool:
        """See `relay.Side`."""
        return self.fd < 0

    @property
    def waiting(self) -> int:
        """See `relay.Side`."""
        return len(self.held)

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
        sealed = self.sealed
        most, rounds = (OPEN_BYTES, _ROUNDS) if sealed is None else (sealed.portion, 1)
        for _ in range(rounds):
            try:
                count = self.socket.recv_into(_BUFFER, most)
            except BlockingIOError:
                self.read_on = False
                return
            except OSError:
                self.relay.left(self)
                return
            if not count:
                self.end()
                return
            if sealed is None:
                self.received += count
                taken = sink.offer(_BUFFER[:count])
            else:
                taken = self.open(_BUFFER[:count])
            if not taken or (count < most and not self.read_on):
                return
        self.turn()

    def open(self, data: memoryview) -> bool:
        """Offer the other side what is sealed in `data`; False if nothing more is to be read now."""
        sealed = self.sealed
        assert sealed is not None
        try:
            plain = sealed.open(data)
        except TLSFailed as error:
            self.say(sealed.take_reply())
            if self.fd >= 0:
                self.relay.tls_failed(self, str(error))
            return False
        self.received += len(plain)
        taken = not plain or self.peer.offer(plain)
        reply = sealed.take_reply()
        if reply and self.fd >= 0:
            self.say(reply)
        if sealed.ended and self.fd >= 0:
            self.end()
        return taken and not self.ended and self.fd >= 0

    def offer(self, data: memoryview) -> bool:
        """Send this side what the other one has said; False if not all of it was taken."""
        return self.send(data if self.sealed is None else self.sealed.seal(data))

    def say(self, data: bytes) -> None:
        """Send this side what its TLS has to say, behind what waits; in vain where it can hear no more."""
        if not data or self.shut:
            return
        if len(self.held) + len(data) > _MOST_HELD_BYTES:
            self.relay.left(self)  # it asks for replies, and reads none
        elif self.held:
            self.held = bytes(self.held) + data
        else:
            self.send(data)

    def send(self, data: bytes | memoryview) -> bool:
        """Send what nothing waits in front of; False if not all of it was taken."""
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
        self.held = bytes(rest) if self.sealed is None else rest  # the shared buffer will not stay as it is
        dispatch = self.relay.ground.dispatch
        dispatch.writing(self.fd, wanted=True)
        dispatch.reading(self.peer.fd, wanted=False)
        self.relay.waits(self)
        return False

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
        """Pass on that this side has ended, behind its last bytes."""
        self.ended = True
        sink = self.peer
        self.relay.half_closed(self)
        self.relay.ground.dispatch.reading(self.fd, wanted=False)
        if sink.sealed is not None:
            sink.say(sink.sealed.end())
        if sink.fd >= 0 and not sink.held:
            sink.finish()

    def finish(self) -> None:
        """End the connection to this side, which has got everything."""
        self.shut = True
        if self.peer.shut:
            self.relay.left(self.peer)  # both have ended, and closing says it as well
            return
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.relay.left(self)
