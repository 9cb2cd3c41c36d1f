"""TLS between the gateway and XenServer hosts: whom it trusts, and what it says of the others."""

from twisted.internet.ssl import PrivateCertificate

from tests import viewers
from tests.certificates import Certificate
from tests.consoles import BANNER, XENSERVER_200, Console, Script, says, silent, xenserver
from tests.endpoint import LOOPBACK, eventually
from tests.faults.suite import FaultCase
from xvpproxy.gateway.tls import xenserver_trust

PATH = "/console?uuid=16b48cc3-f907-45b6-bbcc-1b6be436d8f2"
BAD = ("handshake_failed", 502, "upstream_tls")
OPENING = xenserver(XENSERVER_200 + BANNER)
ELSEWHERE = "DNS:elsewhere.example"


class ConsoleTLS(FaultCase):
    timeouts = {"handshake": 2.0}  # noqa: RUF012

    def host(self, script: Script = OPENING, *, tls: bool = True, names: str = "IP:127.0.0.1"):
        """A host at which the gateway expects TLS; its certificate is nobody's but its own."""
        certificate = Certificate(self.mktemp(), names=names)
        options = PrivateCertificate.loadPEM(certificate.pem).options() if tls else None
        console = self.console(script, path=PATH, tls=options)
        self.gateway.parts.upstream._tls_doors = frozenset({(LOOPBACK, console.port)})
        return console, certificate

    async def opens(self, *, ca_file: str | None = None, fingerprints: list[str] | None = None, verify: bool = True):
        self.trust(ca_file=ca_file, fingerprints=fingerprints, verify=verify)
        viewer = await viewers.enter(self.port, "the-token")
        viewer.write(b"x" * 100_000)
        self.assertEqual(await viewer.read(100_000), b"x" * 100_000)
        await viewers.leave([viewer])
        await self.settled("viewer_left")

    async def fails(self, saying: str, *, ca_file: str | None = None, fingerprints: list[str] | None = None):
        self.trust(ca_file=ca_file, fingerprints=fingerprints, verify=True)
        reply = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual((reply.status, reply.reason), (502, "Console Unreachable"))
        self.assertIn(saying, self.gateway.closed[-1]["detail"])
        await self.settled(BAD)

    def trust(self, **how: object) -> None:
        self.gateway.parts.upstream._trust = xenserver_trust(**how)

    async def test_a_host_that_the_authority_vouches_for_opens(self):
        _, certificate = self.host()
        await self.opens(ca_file=certificate.path)

    async def test_a_pinned_host_opens_whatever_its_name(self):
        _, certificate = self.host(names=ELSEWHERE)
        await self.opens(fingerprints=[certificate.fingerprint.upper()])

    async def test_any_host_opens_where_nothing_is_verified(self):
        self.host(names=ELSEWHERE)
        await self.opens(verify=False)

    async def test_a_certificate_of_an_unknown_authority_is_502(self):
        self.host()
        await self.fails("self-signed certificate")

    async def test_a_certificate_for_another_name_is_502(self):
        _, certificate = self.host(names=ELSEWHERE)
        await self.fails("IP address mismatch", ca_file=certificate.path)

    async def test_a_certificate_that_is_not_pinned_is_502_and_the_path_is_not_sent(self):
        console, certificate = self.host()
        await self.fails("fingerprints", ca_file=certificate.path, fingerprints=["0" * 64])
        self.assertEqual(console.callers[0].heard, 0)

    async def test_a_host_without_tls_is_502(self):
        self.host(says(b"HTTP/1.1 400 Bad Request\r\n\r\n", then="end"), tls=False)
        await self.fails("")

    async def test_an_end_within_the_handshake_is_502(self):
        self.host(says(b"\x16\x03\x03", then="end"), tls=False)
        await self.fails("the peer ended within the TLS handshake")

    async def test_silence_within_the_handshake_is_504(self):
        self.host(silent, tls=False)
        self.trust(ca_file=None, fingerprints=None, verify=True)
        reply = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual((reply.status, reply.reason), (504, "Console Timed Out"))
        await self.settled(("timed_out", 504, "upstream_timeout"))

    async def test_a_viewer_that_leaves_within_the_handshake_takes_the_host_along(self):
        console, _ = self.host(silent, tls=False)
        for way in ("finish", "close", "break_off"):
            viewer = await viewers.knock(self.port, viewers.request("the-token"))
            await eventually(lambda: self._said_hello(console), "the handshake is under way")
            getattr(viewer, way)()
            await eventually(lambda: console.connected == 0, "the host is left", within=1.9)
            viewer.close()
        await self.settled("viewer_left", "viewer_left", "viewer_left")

    def _said_hello(self, console: Console) -> bool:
        return any(caller.heard and not caller.ended for caller in console.callers)
