"""A peer that asks for a second TLS handshake in the middle of its session, as TLS 1.2 allows."""

from __future__ import annotations

import contextlib
import socket
from ssl import SSLContext

from OpenSSL import SSL
from twisted.trial.unittest import TestCase

from tests.certificates import Certificate
from tests.contracts.relay_rig import RelayRig
from tests.sockets import in_thread, tcp_pair
from xvpproxy.gateway.copying import CopyingSide
from xvpproxy.gateway.relay import Leg
from xvpproxy.gateway.sealed import Sealed
from xvpproxy.gateway.tls import viewer_context, xenserver_trust
from xvpproxy.model import Outcome


class Peer:
    """A peer inside TLS 1.2 at the other end of `leg`; the standard library cannot renegotiate, OpenSSL can."""

    def __init__(self, certificate: Certificate, context: SSLContext, *, viewer: bool) -> None:
        ours, self.socket = tcp_pair()
        self.socket.settimeout(10)
        own = SSL.Context(SSL.TLS_METHOD)
        own.set_max_proto_version(SSL.TLS1_2_VERSION)
        own.use_certificate_file(certificate.path)
        own.use_privatekey_file(certificate.path)
        self.tls = SSL.Connection(own, None)
        sealed = Sealed(context, server_side=viewer, name=None if viewer else "localhost")
        if viewer:
            self.tls.set_connect_state()
        else:
            self.tls.set_accept_state()
        said, done = b"" if viewer else sealed.take_reply(), False
        for _ in range(6):
            if not done:
                done = sealed.handshake(said) is not None
            self.hear(sealed.take_reply())
            self.shake_hands()
            said = self.words()
        assert done
        self.leg = Leg(ours, sealed=sealed)

    def shake_hands(self) -> None:
        with contextlib.suppress(SSL.WantReadError):
            self.tls.do_handshake()

    def hear(self, data: bytes) -> None:
        if data:
            self.tls.bio_write(data)

    def words(self) -> bytes:
        """What its TLS has to say."""
        with contextlib.suppress(SSL.WantReadError):
            return self.tls.bio_read(65536)
        return b""

    def ask_again(self) -> str:
        """Ask for a second handshake, go on as TLS does until the connection ends, and tell why it failed."""
        self.tls.renegotiate()
        self.shake_hands()
        self.socket.sendall(self.words())
        why = ""
        with contextlib.suppress(ConnectionResetError):
            while data := self.socket.recv(65536):
                self.hear(data)
                try:
                    self.tls.recv(65536)
                except SSL.WantReadError:
                    pass
                except SSL.Error as error:
                    why = why or str(error)
                    self.socket.sendall(self.words())
                    self.socket.shutdown(socket.SHUT_WR)
        return why


class Renegotiation(RelayRig, TestCase):
    kind = CopyingSide

    def setUp(self) -> None:
        super().setUp()
        self.certificate = Certificate(self.mktemp())

    def plain(self) -> Leg:
        ours, self.other = tcp_pair()
        self.addCleanup(self.other.close)
        return Leg(ours)

    async def is_refused(self, peer: Peer, outcome: Outcome, cause: str) -> None:
        self.addCleanup(peer.socket.close)
        asking = in_thread(peer.ask_again)
        for _ in range(5):  # what is for that side must not trip over a handshake that is under way
            with contextlib.suppress(BrokenPipeError):
                self.other.sendall(b"screen")
            await self.quiet(0.02)
        self.assertIn("no renegotiation", await asking)
        self.assertIs(await self.outcome(), outcome)
        self.assertEqual(self.owner.why[0], cause)
        self.assertIn("ALERT", self.owner.why[1])

    async def test_of_a_viewers_is_refused_and_its_end_is_no_fault_of_ours(self) -> None:
        context = viewer_context(
            cert=self.certificate.path, key=None, ciphers=None, minimum_version="default", required=True
        )
        peer = Peer(self.certificate, context, viewer=True)
        self.run_between(peer.leg, self.plain())
        await self.is_refused(peer, Outcome.VIEWER_LEFT, "viewer_tls")

    async def test_of_a_hosts_is_refused_and_its_end_is_no_fault_of_ours(self) -> None:
        known = xenserver_trust(ca_file=self.certificate.path, fingerprints=None, verify=True)
        for trust in (known, known.also(self.certificate.fingerprint)):
            peer = Peer(self.certificate, trust.context, viewer=False)
            self.run_between(self.plain(), peer.leg)
            await self.is_refused(peer, Outcome.CONSOLE_LEFT, "upstream_tls")
