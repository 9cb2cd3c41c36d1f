"""The Java viewer through the gateway, as a user has it: an access URL in, a picture or a sentence out."""

import hashlib
import os
import ssl
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from PIL import Image, ImageChops
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import SkipTest, TestCase

from tests import rocky
from tests.certificates import make_certificate
from tests.endpoint import LOOPBACK
from tests.gateway_process import CHECKOUT, GatewayProcess
from tests.integration import more_screens, peers, screens

#: Pixels along each side.
POINTER = 16
JAR = CHECKOUT / "java-client" / "VncViewer.jar"


class ViewerCase(TestCase):
    timeout = 180
    options: dict = {}  # noqa: RUF012

    async def setUp(self) -> None:
        self.java = peers.program("java", "openjdk-17-jre")
        if not JAR.exists():
            sentence = "needs java-client/VncViewer.jar: make jar"
            raise AssertionError(sentence) if os.environ.get("CI") == "true" else SkipTest(sentence)
        self.home = mkdtemp()
        self.addCleanup(rmtree, self.home)
        self.memcached = peers.start_memcached()
        self.addCleanup(self.memcached.stop)
        cache = {
            "enabled": True,
            "backend": "dogpile.cache.memcached",
            "memcache_servers": f"{LOOPBACK}:{self.memcached.port}",
        }
        self.gateway = GatewayProcess(self.mktemp(), {"cache": cache, **self.options})
        self.addCleanup(self.gateway.stop)
        await self.gateway.started()

    def started(self, peer: peers.Peer) -> peers.Peer:
        self.addCleanup(peer.stop)
        return peer

    def access_url(self, console: int, scheme: str = "http") -> str:
        token = rocky.stands(self.memcached.port, console)
        return f"{scheme}://{LOOPBACK}:{self.gateway.port}/console?token={token}"

    async def viewer(self, *arguments: str) -> tuple[int, str]:
        """Run the jar without a display: its exit status, and all that it says."""
        env = {"HOME": self.home, "PATH": os.environ["PATH"]}
        command = ["-Duser.home=" + self.home, "-jar", str(JAR), *arguments]
        output, errors, status = await getProcessOutputAndValue(self.java, command, env=env)
        said = (output + errors).decode()
        for argument in arguments:
            self.assertNotIn(argument.partition("token=")[2] or "no token", said)
        return status, said

    async def snapshot(self, url: str, *options: str) -> Image.Image:
        file = self.mktemp() + ".png"
        status, said = await self.viewer("--snapshot", file, *options, url)
        self.assertEqual((status, said), (0, ""))
        return _picture(file)


class Pictures(ViewerCase):
    """What the viewer shows is what another client sees without us."""

    async def shows(self, screen: peers.Peer) -> None:
        seen = await self.snapshot(self.access_url(screen.port))
        direct = await self._captured(screen.port)
        self.assertGreater(len(direct.getcolors(1 << 24)), 1, "a picture of one colour shows nothing")
        self.assertEqual(seen.size, direct.size)
        left, top, right, bottom = ImageChops.difference(seen, direct).getbbox() or (0, 0, 0, 0)
        # The pointer, which a server may have drawn into the one picture and left to the other client.
        self.assertLessEqual(max(right - left, bottom - top), POINTER)

    async def test_xvnc(self):
        await self.shows(self.started(screens.start_xvnc()))

    async def test_xtightvnc(self):
        await self.shows(self.started(more_screens.start_xtightvnc()))

    async def test_x11vnc(self):
        display = self.started(more_screens.start_display())
        await self.shows(self.started(more_screens.start_x11vnc(display)))

    async def test_qemu(self):
        await self.shows(self.started(screens.start_qemu()))

    async def _captured(self, port: int) -> Image.Image:
        file = self.mktemp() + ".png"
        vncdo = str(Path(sys.executable).with_name("vncdo"))
        command = ["-s", f"{LOOPBACK}::{port}", "capture", file]
        output, errors, status = await getProcessOutputAndValue(vncdo, command, env={"HOME": self.home})
        self.assertEqual(status, 0, (output + errors).decode())
        return _picture(file)


class Refusals(ViewerCase):
    """Each has its own sentence, and exit status 1."""

    async def refused(self, url: str) -> str:
        status, said = await self.viewer("--snapshot", self.mktemp(), url)
        self.assertEqual(status, 1, said)
        return said

    async def test_a_wrong_token(self):
        self.assertIn("401 Not Authorized", await self.refused(self.access_url(1)[:-4] + "0000"))

    async def test_a_dead_console(self):
        self.assertIn("502 Console Unreachable", await self.refused(self.access_url(peers.free_port())))

    async def test_a_stopped_store(self):
        url = self.access_url(1)
        self.memcached.stop()
        self.assertIn("503 Token Store Unavailable", await self.refused(url))

    async def test_no_gateway(self):
        self.assertIn(f"{LOOPBACK}:1", await self.refused(f"http://{LOOPBACK}:1/console?token=whatever"))


class InsideTLS(ViewerCase):
    """A gateway with a certificate of its own making."""

    async def setUp(self) -> None:
        folder = mkdtemp()
        self.addCleanup(rmtree, folder)
        self.cert, key = make_certificate(folder)
        self.options = {"DEFAULT": {"cert": self.cert, "key": key}}
        await super().setUp()
        self.fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.cert.read_text())).hexdigest()

    async def test_without_a_display_an_unknown_certificate_is_refused_by_its_fingerprint(self):
        status, said = await self.viewer("--snapshot", self.mktemp(), self.access_url(1, "https"))
        self.assertEqual(status, 1)
        self.assertIn(self.fingerprint, said.replace(":", "").lower())

    async def test_one_that_is_named_or_signed_by_a_named_authority_will_do(self):
        screen = self.started(screens.start_xvnc())
        for trusting in (("--fingerprint", self.fingerprint), ("--cacert", str(self.cert))):
            seen = await self.snapshot(self.access_url(screen.port, "https"), *trusting)
            self.assertEqual(seen.size, screens.GEOMETRY)
        self.assertEqual([closing[0] for closing in self.gateway.closings], ["viewer_left"] * 2)


def _picture(file: str) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")
