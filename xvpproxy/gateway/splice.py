"""One leg of a relay at kernel speed: small reads are copied, bulk is spliced.

One buffer of 64 KiB serves all sessions.  A read of 48 KiB or more sends that
direction through a leased pipe until the source runs dry: `splice` moves pages,
not bytes, and the pipe goes back.  Screen updates are mostly short and then
cost one `recv` and one `send`; a full screen costs no copy.

Events come edge triggered (`dispatch.py`), so every rule here is about not
losing an edge:

* A short read means that the source is drained, unless its end was told: then
  read on until the end itself is read.
* What the sink did not take waits in `held` or in the pipe; the source is not
  read then, and is pumped again once the sink has taken it.
* A pump that stops for fairness asks for another turn.
"""

from __future__ import annotations

import os
import select
import socket
from typing import TYPE_CHECKING

from xvpproxy.model import Outcome

from .pipes import PIPE_BYTES, Pipe
from .relay import Leg

if TYPE_CHECKING:
    from .splicing import SplicingRelay

#: Shared by all sessions: bytes are in it only within one call.
_BUFFER = memoryview(bytearray(65536))
_BULK_BYTES = 49152
#: Less than this through a pipe, and the direction goes back to copying.
_SMALL_BYTES = 16384
#: Reads that one side may do before the others get their turn.
_ROUNDS = 4
_MOVE = getattr(os, "SPLICE_F_MOVE", 0) | getattr(os, "SPLICE_F_NONBLOCK", 0)
_OUT, _ERR = getattr(select, "EPOLLOUT", 0), getattr(select, "EPOLLERR", 0)
_END = getattr(select, "EPOLLRDHUP", 0) | getattr(select, "EPOLLHUP", 0)


class Side:
    """One leg: the source of one direction and the sink of the other."""

    __slots__ = (
        "bulk", "end_told", "ended", "fd", "held", "peer", "pipe", "piped", "queued", "received", "relay", "shut",
        "socket",
    )  # fmt: skip

    def __init__(self, relay: SplicingRelay, leg: Leg) -> None:
        self.relay = relay
        self.socket = leg.socket
        self.fd = leg.socket.fileno()
        self.peer: Side
        #: Bytes that this side must be sent before anything else.
        self.held: bytes | None = leg.unsent or None
        #: The pipe with bytes from this side, and how many are in it.
        self.pipe: Pipe | None = None
        self.piped = 0
        self.received = 0
        #: The peer's FIN was told; was read; was passed on to this side.
        self.end_told = self.ended = self.shut = False
        self.bulk = self.queued = False

    def on(self, events: int) -> None:
        """See `dispatch.Owner`."""
        if events & _ERR:
            self.relay.lost(self)
            return
        if events & _END:
            self.end_told = True
        if events & _OUT and (self.held is not None or self.peer.piped):
            self.flush()
        if self.fd >= 0 and events & ~_OUT:
            self.pump()

    def again(self) -> None:
        """See `dispatch.Owner`."""
        self.queued = False
        if self.fd >= 0:
            self.pump()

    def failed(self) -> None:
        """See `dispatch.Owner`."""
        self.relay.close(Outcome.FAILED)

    def pump(self) -> None:  # noqa: C901, PLR0911  (every message of every session passes here: no calls in between)
        """Move what this side has, while the other one takes it, for some rounds."""
        sink = self.peer
        if self.ended or self.piped or sink.held is not None:
            return
        relay = self.relay
        for _ in range(_ROUNDS):
            if self.bulk and self.splice():
                return
            try:
                count = self.socket.recv_into(_BUFFER)
            except BlockingIOError:
                return
            except OSError:
                relay.lost(self)
                return
            if not count:
                self.end()
                return
            self.received += count
            try:
                sent = sink.socket.send(_BUFFER[:count])
            except BlockingIOError:
                sent = 0
            except OSError:
                relay.lost(sink)
                return
            if relay.timed:
                relay.progress()
            if sent < count:
                sink.held = bytes(_BUFFER[sent:count])
                relay.holding(sink)
                return
            self.bulk = count >= _BULK_BYTES
            if count < len(_BUFFER) and not self.end_told and not self.bulk:
                return
        self.turn()

    def splice(self) -> bool:
        """Move bulk through a pipe; False if it has to be copied after all."""
        pipe = self.pipe = self.relay.pipes.lease()
        if pipe is None:
            self.bulk = False
            return False
        sink, relay = self.peer, self.relay
        count = 0
        for _ in range(_ROUNDS):
            try:
                count = os.splice(self.fd, pipe.entry, PIPE_BYTES, flags=_MOVE)
                if not count:
                    self.end()
                    break
                self.received += count
                self.piped = count
                self.piped -= os.splice(pipe.exit, sink.fd, count, flags=_MOVE)
            except BlockingIOError:
                if not self.piped:
                    break
            except OSError:
                relay.lost(sink if self.piped else self)
                return True
            if relay.timed:
                relay.progress()
            if self.piped:
                relay.holding(sink)
                return True
        else:
            self.turn()
        if self.pipe is not None:
            self.give_pipe_back()
        self.bulk = count >= _SMALL_BYTES
        return True

    def flush(self) -> None:
        """The side is writable: send what waits for it, then let the other one go on."""
        source, relay = self.peer, self.relay
        try:
            if self.held is not None:
                sent = self.socket.send(self.held)
                self.held = self.held[sent:] or None
            if self.held is None and source.piped and source.pipe is not None:
                source.piped -= os.splice(source.pipe.exit, self.fd, source.piped, flags=_MOVE)
        except BlockingIOError:
            return
        except OSError:
            relay.lost(self)
            return
        relay.progress(self)
        if self.held is not None or source.piped:
            relay.holding(self)
            return
        if source.pipe is not None:
            source.give_pipe_back()
        if source.ended:
            self.pass_end_on()
        else:
            source.pump()

    def turn(self) -> None:
        """Ask for another turn."""
        if not self.queued:
            self.queued = True
            self.relay.dispatch.soon(self)

    def give_pipe_back(self) -> None:
        """End the lease."""
        pipe, self.pipe = self.pipe, None
        if pipe is not None:
            self.relay.pipes.give_back(pipe, empty=not self.piped)

    def end(self) -> None:
        """The side has ended: pass that on once its last bytes are out."""
        self.ended = True
        self.relay.half_closed(self)
        if self.peer.held is None and not self.piped:
            self.peer.pass_end_on()

    def pass_end_on(self) -> None:
        """The other side's FIN becomes ours."""
        self.shut = True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.relay.lost(self)
            return
        if self.peer.shut:
            self.relay.close(self.relay.left_by(self.peer))
