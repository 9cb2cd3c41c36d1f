"""A relay that copies, on a dispatch that tells of its events when the test says so."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tests.sockets import tcp_pair
from xvpproxy.gateway.copying import CopyingSide
from xvpproxy.gateway.dispatch import IN, Owner
from xvpproxy.gateway.pipes import Pipes
from xvpproxy.gateway.relay import Leg, Relay, RelayGround, RelayTimeouts
from xvpproxy.gateway.sealed import TURN_BYTES
from xvpproxy.gateway.timers import Timers
from xvpproxy.model import Outcome


class ToldByHand:
    """A dispatch that tells nothing of its own accord."""

    edges = True

    def __init__(self) -> None:
        self.owners: dict[int, Owner] = {}
        self.turns: list[Owner] = []
        self.wanted: dict[tuple[str, int], bool] = {}

    def add(self, fd: int, owner: Owner, *, steady: bool = False) -> None:
        self.owners[fd] = owner

    def remove(self, fd: int) -> None:
        del self.owners[fd]

    def soon(self, owner: Owner) -> None:
        self.turns.append(owner)

    def reading(self, fd: int, *, wanted: bool) -> None:
        self.wanted["reading", fd] = wanted

    def writing(self, fd: int, *, wanted: bool) -> None:
        self.wanted["writing", fd] = wanted

    def close(self) -> None:
        """Nothing to give back."""


class CountingClock(Clock):
    asked = 0

    def seconds(self) -> float:
        self.asked += 1
        return super().seconds()


class Chatty:
    """The TLS of a peer that keeps asking for replies."""

    ended = False
    portion = TURN_BYTES

    def __init__(self, reply: bytes = b"", opens: Callable[[bytes], bytes] = bytes) -> None:
        self.reply = reply
        self.open = opens

    def seal(self, data: bytes) -> bytes:
        return bytes(data)

    def take_reply(self) -> bytes:
        return self.reply

    def end(self) -> bytes:
        return b"bye"


class Endless:
    """A socket that always has more, and takes everything."""

    def __init__(self) -> None:
        self.sent = 0

    def recv_into(self, buffer: memoryview, most: int) -> int:
        return min(len(buffer), most)

    def send(self, data: memoryview) -> int:
        self.sent += 1
        return len(data)

    def close(self) -> None:
        """Nothing is open."""


class Stalled(Endless):
    """A socket that has a little at each look, and takes nothing."""

    def recv_into(self, buffer: memoryview, _most: int) -> int:
        buffer[:4] = b"keys"
        return 4

    def send(self, _data: memoryview) -> int:
        raise BlockingIOError


class CarryCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = CountingClock()
        self.dispatch = ToldByHand()
        self.outcomes: list[Outcome] = []
        self.ground = RelayGround(self.dispatch, Timers(self.clock), Pipes())
        self.ours_viewer, self.viewer = tcp_pair()
        self.ours_console, self.console = tcp_pair()
        for each in (self.ours_viewer, self.viewer, self.ours_console, self.console):
            self.addCleanup(each.close)

    def relay_ended(self, outcome: Outcome, *, cause: str = "", detail: str = "") -> None:
        self.outcomes.append(outcome)
        self.why = (cause, detail)

    def begin(self, *, drained: bool = True, viewer_tls: Chatty | None = None, **leg: bytes) -> None:
        self.relay = Relay(
            Leg(self.ours_viewer, sealed=viewer_tls, drained=drained, **leg),
            Leg(self.ours_console, drained=drained),
            RelayTimeouts(close=4, stall=60),
            self,
            kind=CopyingSide,
            ground=self.ground,
        )
        self.addCleanup(self.relay.close, Outcome.SHUTDOWN)
        self.viewer_side = self.dispatch.owners[self.ours_viewer.fileno()]
        self.console_side = self.dispatch.owners[self.ours_console.fileno()]

    def arrives(self, ours: socket.socket) -> None:
        """Wait until something has come."""
        ours.settimeout(5)
        ours.recv(1, socket.MSG_PEEK)
        ours.setblocking(False)

    def breaks(self, ours: socket.socket) -> None:
        """Wait until a reset has come."""
        poll = select.poll()
        poll.register(ours, 0)
        self.assertTrue(poll.poll(5000))

    def fill_viewer(self) -> None:
        """Let the console send until the viewer takes no more."""
        self.console.setblocking(False)
        while not self.viewer_side.held:
            with contextlib.suppress(BlockingIOError):
                self.console.send(bytes(65536))
            self.console_side.on(IN)
        self.console.settimeout(5)

    def take_turns(self) -> None:
        turns, self.dispatch.turns = self.dispatch.turns, []
        for owner in turns:
            owner.again()
