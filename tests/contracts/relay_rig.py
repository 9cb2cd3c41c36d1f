"""One relay between two peers, on real sockets, in the clear or inside TLS."""

from __future__ import annotations

import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from tests.certificates import make_certificate
from tests.sockets import PATIENCE, tcp_pair
from tests.tls_peers import TLSPeer, shaken
from xvpproxy.gateway.dispatch import Dispatch, open_dispatch
from xvpproxy.gateway.pipes import Pipes
from xvpproxy.gateway.relay import Leg, Relay, RelayGround, RelayTimeouts, Side
from xvpproxy.gateway.sealed import Sealed
from xvpproxy.gateway.timers import Timers
from xvpproxy.model import Outcome

Peer = socket.socket | TLSPeer


class Owner:
    """Whom the relay belongs to."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.why = ("", "")
        self.ended: Deferred[Outcome] = Deferred()

    def relay_ended(self, outcome: Outcome, *, cause: str = "", detail: str = "") -> None:
        self.outcomes.append(outcome)
        self.why = (cause, detail)
        if len(self.outcomes) == 1:
            self.ended.callback(outcome)


class RelayRig:
    """One relay between two peers.

    `viewer` and `console` are the peers' ends; `relay` runs between them.
    """

    timeout = 4 * PATIENCE
    #: Whether a side speaks TLS.
    viewer_tls = console_tls = False

    #: Makes the relay's sides: what is tested.
    kind: Callable[[Relay, Leg], Side]

    def open_dispatch(self) -> Dispatch:
        return open_dispatch(reactor)

    def setUp(self) -> None:
        self.dispatch = self.open_dispatch()
        self.ground = RelayGround(self.dispatch, Timers(reactor), Pipes())
        self.addCleanup(self.ground.close)
        if self.viewer_tls or self.console_tls:
            folder = tempfile.mkdtemp()
            self.addCleanup(shutil.rmtree, folder)
            cert, key = make_certificate(folder)
            self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.server.load_cert_chain(cert, key)
            self.client = ssl.create_default_context(cafile=cert)

    def begin(
        self, *, from_viewer: bytes = b"", from_console: bytes = b"", unsent: bytes = b"", **seconds: float
    ) -> None:
        """Start a relay; `from_...` are its leftovers, `unsent` is for the viewer."""
        viewer = self.viewer_leg(from_viewer, unsent)
        console = self.console_leg(from_console)
        self.run_between(viewer, console, **seconds)

    def viewer_leg(self, leftover: bytes = b"", unsent: bytes = b"") -> Leg:
        """Connect a new `viewer`."""
        self.ours_viewer, self.viewer = tcp_pair()
        self.addCleanup(self.viewer.close)
        if not self.viewer_tls:
            return Leg(self.ours_viewer, leftover, unsent=unsent)
        sealed = Sealed(self.server, server_side=True, name=None)
        self.viewer = TLSPeer(self.viewer, self.client, server_hostname="localhost")
        self.addCleanup(self.viewer.close)
        leftover += shaken(self.ours_viewer, sealed, self.viewer)
        return Leg(self.ours_viewer, leftover, sealed, unsent and sealed.seal(unsent))

    def console_leg(self, leftover: bytes = b"") -> Leg:
        """Connect a new `console`."""
        ours, self.console = tcp_pair()
        self.addCleanup(self.console.close)
        if not self.console_tls:
            return Leg(ours, leftover)
        sealed = Sealed(self.client, server_side=False, name="localhost")
        self.console = TLSPeer(self.console, self.server, server_side=True)
        self.addCleanup(self.console.close)
        leftover += shaken(ours, sealed, self.console)
        return Leg(ours, leftover, sealed)

    def run_between(self, viewer: Leg, console: Leg, **seconds: float) -> None:
        timeouts = RelayTimeouts(**{"close": PATIENCE, "stall": PATIENCE, **seconds})
        self.owner = Owner()
        self.relay = Relay(viewer, console, timeouts, self.owner, kind=self.kind, ground=self.ground)
        self.assertEqual(self.owner.outcomes, [], "it has ended before it was made")
        self.addCleanup(self.relay.close, Outcome.SHUTDOWN)

    async def outcome(self) -> Outcome:
        self.owner.ended.addTimeout(PATIENCE, reactor)
        outcome = await self.owner.ended
        await self.quiet(0)
        self.assertEqual(self.owner.outcomes, [outcome], "it has ended more than once")
        return outcome

    async def quiet(self, seconds: float) -> None:
        """Let the reactor run: for what must not happen."""
        await deferLater(reactor, seconds)
