"""Which relay a session gets."""

from __future__ import annotations

import ssl

from twisted.internet import reactor
from twisted.logger import capturedLogs
from twisted.trial.unittest import TestCase

from tests.sockets import tcp_pair
from xvpproxy.gateway.copying import CopyingSide
from xvpproxy.gateway.dispatch import Dispatch, ReactorDispatch, open_dispatch
from xvpproxy.gateway.pipes import Pipes
from xvpproxy.gateway.relay import Leg, RelayGround, RelayTimeouts
from xvpproxy.gateway.relays import Relays
from xvpproxy.gateway.sealed import Sealed
from xvpproxy.gateway.splicing import SplicingSide
from xvpproxy.gateway.timers import Timers
from xvpproxy.model import Outcome


class Choice(TestCase):
    def relay_ended(self, outcome: Outcome, *, cause: str = "", detail: str = "") -> None:
        self.assertIs(outcome, Outcome.SHUTDOWN)

    def started(self, *, viewer: Sealed | None = None, console: Sealed | None = None, dispatch: Dispatch) -> type:
        ground = RelayGround(dispatch, Timers(reactor), Pipes())
        legs = [tcp_pair(), tcp_pair()]
        ours = [Leg(pair[0], sealed=sealed) for pair, sealed in zip(legs, (viewer, console), strict=True)]
        relay = Relays(ground).start(*ours, RelayTimeouts(), self)
        kind = type(relay._viewer)
        relay.close(Outcome.SHUTDOWN)
        for _ours, peer in legs:
            peer.close()
        ground.close()
        return kind

    def sealed(self) -> Sealed:
        return Sealed(ssl.create_default_context(), server_side=False, name="localhost")

    def test_two_legs_in_the_clear_are_spliced(self) -> None:
        self.assertIs(self.started(dispatch=open_dispatch(reactor)), SplicingSide)

    def test_a_leg_inside_tls_is_copied(self) -> None:
        self.assertIs(self.started(viewer=self.sealed(), dispatch=open_dispatch(reactor)), CopyingSide)
        self.assertIs(self.started(console=self.sealed(), dispatch=open_dispatch(reactor)), CopyingSide)

    def test_without_edges_it_is_copied(self) -> None:
        self.assertIs(self.started(dispatch=ReactorDispatch(reactor)), CopyingSide)

    def test_a_reactor_that_cannot_share_its_poller_is_told_of(self) -> None:
        with capturedLogs() as events:
            self.assertIsInstance(open_dispatch(object()), ReactorDispatch)
        said = [event["log_format"] for event in events]
        self.assertEqual(len([line for line in said if "poller cannot be shared" in line]), 1)
