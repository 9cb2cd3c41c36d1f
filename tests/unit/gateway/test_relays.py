"""Which relay a session gets."""

from __future__ import annotations

import ssl

from twisted.internet import reactor
from twisted.logger import capturedLogs
from twisted.trial.unittest import TestCase

from tests.sockets import tcp_pair
from xvpproxy.gateway.copying import CopyingRelay
from xvpproxy.gateway.dispatch import Dispatch, ReactorDispatch, open_dispatch
from xvpproxy.gateway.relay import Leg, RelayGround, RelayTimeouts
from xvpproxy.gateway.relays import Relays
from xvpproxy.gateway.sealed import Sealed
from xvpproxy.gateway.splicing import SplicingRelay
from xvpproxy.gateway.timers import Timers
from xvpproxy.model import Outcome


class Choice(TestCase):
    def relay_ended(self, outcome: Outcome) -> None:
        self.assertIs(outcome, Outcome.SHUTDOWN)

    def started(self, *, viewer: Sealed | None = None, console: Sealed | None = None, dispatch: Dispatch) -> type:
        timers = Timers(reactor)
        chosen = Relays(RelayGround(dispatch, timers))
        legs = [tcp_pair(), tcp_pair()]
        ours = [Leg(pair[0], sealed=sealed) for pair, sealed in zip(legs, (viewer, console), strict=True)]
        relay = chosen.start(*ours, RelayTimeouts(), self)
        relay.close(Outcome.SHUTDOWN)
        for _ours, peer in legs:
            peer.close()
        for part in (chosen, timers, dispatch):
            part.close()
        return type(relay)

    def sealed(self) -> Sealed:
        return Sealed(ssl.create_default_context(), server_side=False, name="localhost")

    def test_two_legs_in_the_clear_are_spliced(self) -> None:
        self.assertIs(self.started(dispatch=open_dispatch(reactor)), SplicingRelay)

    def test_a_leg_inside_tls_is_copied(self) -> None:
        self.assertIs(self.started(viewer=self.sealed(), dispatch=open_dispatch(reactor)), CopyingRelay)
        self.assertIs(self.started(console=self.sealed(), dispatch=open_dispatch(reactor)), CopyingRelay)

    def test_without_edges_it_is_copied(self) -> None:
        self.assertIs(self.started(dispatch=ReactorDispatch(reactor)), CopyingRelay)

    def test_a_reactor_that_cannot_share_its_poller_is_told_of(self) -> None:
        with capturedLogs() as events:
            self.assertIsInstance(open_dispatch(object()), ReactorDispatch)
        said = [event["log_format"] for event in events]
        self.assertEqual(len([line for line in said if "poller cannot be shared" in line]), 1)
