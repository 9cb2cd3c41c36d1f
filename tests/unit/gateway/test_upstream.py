"""Reaching a console: addresses, timeouts, and what each failure is called."""

from __future__ import annotations

import errno
import hashlib
import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase, TestCase

from tests.certificates import make_certificate
from tests.sockets import PATIENCE, in_thread
from tests.tasks import run
from xvpproxy.blocking import InlinePool
from xvpproxy.drivers.contract import Console
from xvpproxy.errors import ConsoleUnavailable, HandshakeFailed, TooManyRequests, UpstreamTimeout, UpstreamUnreachable
from xvpproxy.gateway import upstream
from xvpproxy.gateway.dispatch import open_dispatch
from xvpproxy.gateway.keepalive import KeepAlive
from xvpproxy.gateway.relay import Leg
from xvpproxy.gateway.timers import Timers
from xvpproxy.gateway.tls import Trust, xenserver_trust
from xvpproxy.gateway.upstream import Upstream, tls_doors
from xvpproxy.model import ConnectInfo, Token

OK = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n"
BANNER = b"RFB 003.008\n"
PATH = "/console?uuid=u&session_id=OpaqueRef:s"


class UpstreamCase(TestCase):
    timeout = 2 * PATIENCE

    def setUp(self) -> None:
        self.dispatch, self.timers = open_dispatch(reactor), Timers(reactor)
        self.addCleanup(self.dispatch.close)
        self.addCleanup(self.timers.close)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(PATIENCE)
        self.addCleanup(self.server.close)
        self.port = self.server.getsockname()[1]

    def upstream(self, trust: Trust | None = None, doors: str = "", **seconds: float) -> Upstream:
        return Upstream(
            dispatch=self.dispatch,
            timers=self.timers,
            resolver=InlinePool(),
            trust=trust or xenserver_trust(ca_file=None, fingerprints=None, verify=True),
            tls_doors=tls_doors(doors),
            keepalive=KeepAlive(),
            **{"connect_timeout": PATIENCE, "handshake_timeout": PATIENCE, **seconds},
        )

    def info(self, host: str = "127.0.0.1", port: int = 0, path: str | None = None) -> ConnectInfo:
        return ConnectInfo(Token("T"), "u", "xvpvnc", host, port or self.port, path)

    def serve(self, play: Callable[[socket.socket], Any]) -> Deferred[Any]:
        """Accept one connection in a thread and play the console on it."""

        def accept() -> Any:
            peer, _address = self.server.accept()
            with peer:
                peer.settimeout(PATIENCE)
                return play(peer)

        return in_thread(accept)

    async def connect(self, upstream: Upstream, info: ConnectInfo) -> Leg:
        leg = await run(upstream.connect(info))
        self.addCleanup(self.close, leg)
        return leg

    def close(self, leg: Leg) -> None:
        """As a relay does."""
        self.dispatch.remove(leg.socket.fileno())
        leg.socket.close()


class Plain(UpstreamCase):
    async def test_a_console_that_says_its_version_is_reached(self) -> None:
        served = self.serve(lambda peer: peer.sendall(BANNER + b"\x01\x01"))
        leg = await self.connect(self.upstream(), self.info())
        await served
        self.assertTrue(leg.leftover.startswith(BANNER))
        self.assertFalse(leg.socket.getblocking())
        self.assertTrue(leg.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        self.assertTrue(leg.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    async def test_a_name_is_looked_up_and_its_addresses_tried_in_turn(self) -> None:
        """localhost is often ::1 first, where nobody listens."""
        served = self.serve(lambda peer: peer.sendall(BANNER))
        await self.connect(self.upstream(), self.info(host="localhost"))
        await served

    async def test_a_refused_connection_is_unreachable(self) -> None:
        self.server.close()
        with self.assertRaises(UpstreamUnreachable) as caught:
            await run(self.upstream().connect(self.info()))
        self.assertEqual(caught.exception.cause, "upstream_refused")

    async def test_says_where_it_leads(self) -> None:
        for host, place in (("127.0.0.1", f"127.0.0.1:{self.port}"), ("localhost", f"127.0.0.1:{self.port}")):
            served = self.serve(lambda peer: peer.sendall(BANNER))
            self.assertEqual((await self.connect(self.upstream(), self.info(host=host))).place, place)
            await served

    async def test_without_descriptors_it_is_too_many(self) -> None:
        def none_left(*_args: object) -> None:
            raise OSError(errno.EMFILE, "Too many open files")

        self.patch(upstream.socket, "socket", none_left)
        with self.assertRaises(TooManyRequests) as caught:
            await run(self.upstream().connect(self.info()))
        self.assertEqual(caught.exception.cause, "descriptors")

    def silent(self, host: str) -> int:
        """A port at which connections are never made: its queue is full."""
        server = socket.create_server((host, 0), backlog=0)
        self.addCleanup(server.close)
        for _ in range(3):
            waiting = socket.socket()
            self.addCleanup(waiting.close)
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        return server.getsockname()[1]

    async def test_an_address_that_does_not_answer_leaves_time_for_the_next(self) -> None:
        port = self.silent("127.0.0.2")
        self.server.close()
        self.server = socket.create_server(("127.0.0.1", port))
        self.addCleanup(self.server.close)
        served = self.serve(lambda peer: peer.sendall(BANNER))
        found = [(socket.AF_INET, 1, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
        self.patch(upstream.socket, "getaddrinfo", lambda *_args, **_given: found)
        leg = await self.connect(self.upstream(connect_timeout=1.0), self.info(host="console.example", port=port))
        await served
        self.assertTrue(leg.leftover.startswith(BANNER))

    async def test_a_connection_that_is_never_made_is_a_timeout(self) -> None:
        port = self.silent("127.0.0.1")
        with self.assertRaises(UpstreamTimeout) as caught:
            await run(self.upstream(connect_timeout=0.2).connect(self.info(port=port)))
        self.assertIn("no TCP connection", caught.exception.detail)

    async def test_a_name_that_has_no_address_is_unreachable(self) -> None:
        for host in ("no-such-host.invalid", "a..b", "x" * 300):
            with self.assertRaises(UpstreamUnreachable) as caught:
                await run(self.upstream().connect(self.info(host=host)))
            self.assertEqual(caught.exception.cause, "upstream_dns")

    async def test_a_port_that_is_none_means_that_there_is_no_console_now(self) -> None:
        """Nova's libvirt driver says -1 of a machine that is off."""
        for port in (-1, 65536, self.port + 65536):
            with self.assertRaises(ConsoleUnavailable):
                await run(self.upstream().connect(self.info(port=port)))

    async def test_silence_is_a_timeout(self) -> None:
        with self.assertRaises(UpstreamTimeout):
            await run(self.upstream(handshake_timeout=0.2).connect(self.info()))

    async def test_cancelling_closes_the_connection(self) -> None:
        served = self.serve(lambda peer: peer.recv(10))
        connecting = run(self.upstream().connect(self.info()))
        await deferLater(reactor, 0.05)
        connecting.cancel()
        with self.assertRaises(CancelledError):
            await connecting
        self.assertEqual(await served, b"")


class XenServer(UpstreamCase):
    async def test_a_path_means_connect_and_the_banner_stays_first(self) -> None:
        def play(peer: socket.socket) -> bytes:
            request = peer.recv(4096)
            peer.sendall(OK + BANNER)
            return request

        served = self.serve(play)
        leg = await self.connect(self.upstream(), self.info(path=PATH))
        expected = f"CONNECT {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n"
        self.assertEqual(await served, expected.encode())
        self.assertEqual(leg.leftover, BANNER)

    async def test_a_reply_split_anywhere_is_the_same(self) -> None:
        reply = OK + BANNER
        for cut in range(1, len(reply), 3):

            def play(peer: socket.socket, cut: int = cut) -> None:
                peer.recv(4096)
                peer.sendall(reply[:cut])
                peer.sendall(reply[cut:])

            served = self.serve(play)
            leg = await self.connect(self.upstream(), self.info(path=PATH))
            await served
            self.assertEqual(leg.leftover, BANNER, cut)


class XenServerWithTLS(UpstreamCase):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.cert, key = make_certificate(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.cert, key)
        self.doors = f"https://127.0.0.1:{self.port}"

    def play(self, peer: socket.socket) -> bytes:
        try:
            with self.context.wrap_socket(peer, server_side=True) as inside:
                request = inside.recv(4096)
                inside.sendall(OK + BANNER)
                inside.recv(1)
                return request
        except OSError:
            return b""

    def trust(self, **given: Any) -> Trust:
        return xenserver_trust(**{"ca_file": None, "fingerprints": None, "verify": True, **given})

    async def test_a_certificate_that_is_trusted_in_any_way_will_do(self) -> None:
        pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.cert.read_text())).hexdigest()
        for trust in (self.trust(ca_file=str(self.cert)), self.trust(fingerprints=[pin]), self.trust(verify=False)):
            served = self.serve(self.play)
            leg = await run(self.upstream(trust, self.doors).connect(self.info(path=PATH)))
            self.close(leg)
            self.assertTrue((await served).startswith(f"CONNECT {PATH} HTTP/1.1\r\n".encode()))
            self.assertIsNotNone(leg.sealed)

    async def test_another_certificate_is_refused_before_the_path_is_sent(self) -> None:
        """The path may hold a session of the pool's."""
        for trust in (self.trust(), self.trust(fingerprints=["ab" * 32])):
            served = self.serve(self.play)
            with self.assertRaises(HandshakeFailed) as caught:
                await run(self.upstream(trust, self.doors).connect(self.info(path=PATH)))
            self.assertEqual((caught.exception.status, caught.exception.cause), (502, "upstream_tls"))
            self.assertEqual(await served, b"")

    async def test_a_certificate_that_the_pool_has_told_is_trusted_and_no_other(self) -> None:
        pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.cert.read_text())).hexdigest()
        console = Console("127.0.0.1", self.port, "/console?uuid=u", xen_login="OpaqueRef:s", tls=True)
        served = self.serve(self.play)
        leg = await run(self.upstream(self.trust()).reach(replace(console, certificate=pin)))
        self.close(leg)
        self.assertIn(b"\r\nCookie: session_id=OpaqueRef:s\r\n\r\n", await served)
        served = self.serve(self.play)
        with self.assertRaises(HandshakeFailed) as caught:
            await run(self.upstream(self.trust()).reach(replace(console, certificate="ab" * 32)))
        self.assertEqual(caught.exception.cause, "upstream_tls")
        self.assertEqual(await served, b"")

    async def test_a_plain_console_on_the_same_host_stays_plain(self) -> None:
        served = self.serve(lambda peer: peer.sendall(BANNER))
        leg = await self.connect(self.upstream(doors=self.doors), self.info())
        await served
        self.assertIsNone(leg.sealed)

    async def test_a_host_that_stalls_within_tls_is_a_timeout(self) -> None:
        served = self.serve(lambda peer: peer.recv(4096) and peer.recv(4096))
        with self.assertRaises(UpstreamTimeout):
            await run(self.upstream(self.trust(), self.doors, handshake_timeout=0.2).connect(self.info(path=PATH)))
        await served


class TLSDoors(SynchronousTestCase):
    def test_takes_the_https_ones_with_their_ports(self) -> None:
        self.assertEqual(
            tls_doors("https://xen1.example, http://xen2.example, https://XEN3.example:8443,https://[2001:db8::1]"),
            {("xen1.example", 443), ("xen3.example", 8443), ("2001:db8::1", 443)},
        )

    def test_has_none_without_a_url(self) -> None:
        for url in (None, "", "unix://local", "https://host:port", "nonsense"):
            self.assertEqual(tls_doors(url), frozenset())
