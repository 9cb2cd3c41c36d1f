"""One leg of a relay at kernel speed: small reads are copied, bulk is spliced.

One buffer of 64 KiB serves all sessions.  A read of 48 KiB or more sends that
direction through a leased pipe: `splice` moves pages, not bytes.  The pipe goes
back when the source runs dry, and the direction is copied again once it gives
little at a time.  Screen updates are mostly short and then cost one `recv` and
one `send`; a full screen costs no copy.

Events come edge triggered (`dispatch.py`), so every rule here is about not
losing an edge:

* A short read means that the source is drained, unless its end was told or its
  former owner left it undrained: then read on until it says so.
* What the sink did not take is `held` for it, as bytes or in the pipe; the
  source is not read then, and is looked at again once the sink has taken it.
* One that stops for fairness asks for another turn.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from xvpproxy.model import Outcome

from .dispatch import END, ERR, HUP
from .pipes import PIPE_BYTES, Pipe

if TYPE_CHECKING:
    from .relay import Leg, Relay

#: Shared by all sessions: bytes are in it only within one call.
_BUFFER = memoryview(bytearray(65536))
#: A read of so much is the beginning of bulk; a visit that found less than so little, its end.
_BULK_BYTES, _TRICKLE_BYTES = 49152, 16384
#: Reads that one side may do before the others get their turn.
_ROUNDS = 4
_MOVE = getattr(os, "SPLICE_F_MOVE", 0) | getattr(os, "SPLICE_F_NONBLOCK", 0)
_RARE = END | HUP | ERR


class SplicingSide:
    """One leg: the source of one direction and the sink of the other."""

    __slots__ = ("bulk", "ended", "held", "peer", "queued", "read_on", "received", "relay", "shut", "socket")

    def __init__(self, relay: Relay, leg: Leg) -> None:
        self.relay = relay
        #: None once the relay has ended.
        self.socket: socket.socket | None = leg.socket
        self.peer = self  # until they meet
        #: What this side must be sent before anything else: bytes, or the pipe that they are in.
        self.held: bytes | Pipe | None = leg.unsent or None
        self.received = len(leg.leftover)
        #: Whether a short read does not mean that nothing more is there.
        self.read_on = not leg.drained
        #: This side's FIN was read; the other one's was passed on to it.
        self.ended = self.shut = False
        #: Bytes come in bulk; another turn has been asked for.
        self.bulk = self.queued = False

    def meet(self, peer: SplicingSide, said: bytes) -> None:
        """Know the other side, and what it has said already."""
        self.peer = peer
        if said:
            self.held = self.held + said if isinstance(self.held, bytes) else said

    def begin(self) -> None:
        """Take the events over, and send what waits; nothing can end before the next turn."""
        connected = self.socket
        assert connected is not None
        self.relay.ground.dispatch.add(connected.fileno(), self, steady=True)
        if isinstance(self.held, bytes):
            with suppress(OSError):  # that the connection is lost is told in its turn
                self.held = self.held[connected.send(self.held) :] or None
        if self.held is not None:
            self.relay.waits(self)
        if self.held is not None or self.read_on:
            self.turn()

    def close(self) -> None:
        """Close the socket, and let go of the others."""
        connected, self.socket = self.socket, None
        if connected is not None:
            self.relay.ground.dispatch.remove(connected.fileno())
            connected.close()
        self.drop_held()
        del self.relay, self.peer

    @property
    def over(self) -> bool:
        """See `relay.Side`."""
        return self.socket is None

    @property
    def waiting(self) -> int:
        """See `relay.Side`."""
        return self.held.filled if isinstance(self.held, Pipe) else len(self.held or b"")

    def on(self, events: int) -> None:  # noqa: C901, PLR0911, PLR0912  (every message of every session: no calls in between)
        """See `dispatch.Owner`: move what this side has, while the other one takes it, for some rounds."""
        source = self.socket
        if events & _RARE and source is not None:
            self.read_on = True
            if events & ERR and self.broken(source):
                return
        if self.held is not None:
            self.flush()
            source = self.socket
        if source is None or self.ended:
            return
        sink = self.peer
        target = sink.socket
        if sink.held is not None or target is None:
            return
        for _ in range(_ROUNDS):
            if self.bulk and self.splice(source, target):
                return
            try:
                count = source.recv_into(_BUFFER)
            except BlockingIOError:
                self.read_on = False
                return
            except OSError:
                self.relay.left(self)
                return
            if not count:
                self.end()
                return
            self.received += count
            try:
                sent = target.send(_BUFFER[:count])
            except BlockingIOError:
                sent = 0
            except OSError:
                self.relay.left(sink)
                return
            if sent < count:
                sink.held = bytes(_BUFFER[sent:count])
                self.relay.waits(sink)
                return
            if count >= _BULK_BYTES:
                self.bulk = True
            elif not self.read_on:
                return
        self.turn()

    def again(self) -> None:
        """See `dispatch.Owner`."""
        self.queued = False
        self.on(0)

    def failed(self) -> None:
        """See `dispatch.Owner`."""
        if self.socket is not None:
            self.relay.close(Outcome.FAILED)

    def expired(self) -> None:
        """See `timers.Timed`: this is the viewer, and it has taken nothing for too long."""
        self.relay.close(Outcome.STALLED)

    def splice(self, source: socket.socket, target: socket.socket) -> bool:
        """Move bulk through a pipe; False if it has to be copied after all."""
        pipes, sink, relay = self.relay.ground.pipes, self.peer, self.relay
        pipe = pipes.lease()
        if pipe is None:
            self.bulk = False
            return False
        origin, destination = source.fileno(), target.fileno()
        began = self.received
        for _ in range(_ROUNDS):
            try:
                count = os.splice(origin, pipe.entry, PIPE_BYTES, flags=_MOVE)
            except BlockingIOError:
                break
            except OSError:
                pipes.give_back(pipe)
                relay.left(self)
                return True
            if not count:
                pipes.give_back(pipe)
                self.end()
                return True
            self.received += count
            pipe.filled = count
            try:
                pour(pipe, destination)
            except OSError:
                pipes.give_back(pipe)
                relay.left(sink)
                return True
            if pipe.filled:
                sink.held = pipe
                relay.waits(sink)
                return True
        else:
            self.turn()
        pipes.give_back(pipe)
        self.bulk = self.received - began >= _TRICKLE_BYTES
        return True

    def flush(self) -> None:
        """Send what waits for this side; once it is out the other one may go on."""
        held, connected = self.held, self.socket
        if held is None or connected is None:
            return
        try:
            if isinstance(held, Pipe):
                if not pour(held, connected.fileno()):
                    return
                waits = held.filled > 0
            else:
                held = held[connected.send(held) :]
                waits = bool(held)
        except BlockingIOError:
            return
        except OSError:
            self.relay.left(self)
            return
        if waits:
            self.held = held
            self.relay.waits(self)
            return
        self.drop_held()
        self.relay.took(self)
        if self.peer.ended:
            self.pass_end_on()
        else:
            self.peer.on(0)

    def drop_held(self) -> None:
        """Nothing waits for this side any more; a pipe that is not empty is never used again."""
        held, self.held = self.held, None
        if isinstance(held, Pipe):
            self.relay.ground.pipes.give_back(held)

    def turn(self) -> None:
        """Ask for another turn."""
        if not self.queued:
            self.queued = True
            self.relay.ground.dispatch.soon(self)

    def broken(self, connected: socket.socket) -> bool:
        """Whether the connection has an error, which ends the relay."""
        if connected.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.relay.left(self)
        return self.socket is None

    def end(self) -> None:
        """The side has ended: pass that on once its last bytes are out."""
        self.ended = True
        self.relay.half_closed(self)
        if self.peer.held is None:
            self.peer.pass_end_on()

    def pass_end_on(self) -> None:
        """The other side's FIN becomes ours."""
        if self.socket is None:
            return
        self.shut = True
        if self.peer.shut:
            self.relay.left(self.peer)  # both have ended, and closing says it as well
            return
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.relay.left(self)


def pour(pipe: Pipe, destination: int) -> bool:
    """Move what is in `pipe` until the socket takes no more; False if it has taken nothing.

    A signal can end a splice before that: then no edge would tell when to go on.
    """
    filled = pipe.filled
    try:
        while pipe.filled:
            pipe.filled -= os.splice(pipe.exit, destination, pipe.filled, flags=_MOVE)
    except BlockingIOError:
        pass
    return pipe.filled < filled
