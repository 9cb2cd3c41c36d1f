"""Which relay a session gets."""

from __future__ import annotations

import ssl

from twisted.internet import reactor
from twisted.logger import capturedLogs
from twisted.trial.unittest import TestCase

from tests.sockets import tcp_pair
from xvpproxy.gateway import relays
from xvpproxy.gateway.channel import TLS
from xvpproxy.gateway.copying import CopyingRelay
from xvpproxy.gateway.relay import Leg, RelayTimeouts
from xvpproxy.gateway.relays import Relays
from xvpproxy.gateway.splicing import SplicingRelay
from xvpproxy.gateway.watch import open_watch
from xvpproxy.model import Outcome


class Choice(TestCase):
    def setUp(self) -> None:
        self.watch = open_watch(reactor)
        self.addCleanup(self.watch.close)

    def started(self, *, tls: TLS | None = None) -> type:
        chosen = Relays(reactor, self.watch)
        self.addCleanup(chosen.close)
        legs = [tcp_pair(), tcp_pair()]
        relay = chosen.start(Leg(legs[0][0], tls=tls), Leg(legs[1][0]), RelayTimeouts())
        relay.close(Outcome.SHUTDOWN)
        for _ours, peer in legs:
            peer.close()
        return type(relay)

    def test_two_legs_in_the_clear_are_spliced(self) -> None:
        self.assertIs(self.started(), SplicingRelay)

    def test_a_leg_inside_tls_is_copied(self) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        unshaken = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        self.assertIs(self.started(tls=TLS(unshaken, incoming, outgoing)), CopyingRelay)

    def test_a_reactor_that_cannot_share_its_poller_copies_and_says_so(self) -> None:
        self.patch(relays, "attach", lambda _reactor: None)
        with capturedLogs() as events:
            self.assertIs(self.started(), CopyingRelay)
        self.assertEqual(len([event for event in events if "portable relay" in event.get("log_format", "")]), 1)
