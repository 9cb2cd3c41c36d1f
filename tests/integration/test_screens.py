"""Real viewers' bytes and pictures through the gateway, from real VNC servers, with tokens as Rocky wrote them."""

import struct
import sys
import time
from pathlib import Path
from urllib.parse import quote

from PIL import Image, ImageChops
from twisted.internet import reactor
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests import rocky, viewers
from tests.consoles import Console, in_front_of
from tests.endpoint import LOOPBACK, Endpoint, dial
from tests.forwarder import Forwarder
from tests.gateway_process import GatewayProcess
from tests.integration import peers, screens

PATH = "/console?ref=OpaqueRef:2c4f5417-81cf-46ab-b961-127c5377d86f&session_id=OpaqueRef:8d838654"


async def desktop_of(viewer: Endpoint) -> tuple[int, int, str]:
    """Speak RFB 3.8 behind the server's version: the desktop's width, height and name."""
    viewer.write(b"RFB 003.008\n")
    offered = await viewer.read((await viewer.read(1))[0])
    assert 1 in offered, offered
    viewer.write(b"\x01")
    assert await viewer.read(4) == bytes(4)
    viewer.write(b"\x01")
    width, height, length = struct.unpack(">HH16xI", await viewer.read(24))
    return width, height, (await viewer.read(length)).decode()


class Screens(TestCase):
    timeout = 150

    async def setUp(self) -> None:
        self.memcached = peers.memcached().port
        servers = f"{LOOPBACK}:{self.memcached}"
        cache = {"enabled": True, "backend": "dogpile.cache.memcached", "memcache_servers": servers}
        self.gateway = GatewayProcess(self.mktemp(), {"cache": cache})
        self.addCleanup(self.gateway.stop)
        await self.gateway.started()

    def started(self, peer: peers.Peer) -> int:
        self.addCleanup(peer.stop)
        return peer.port

    async def test_the_old_viewers_bytes_reach_a_desktop_with_a_token_that_rocky_wrote(self):
        desktop = self.started(screens.start_xvnc())
        token = rocky.stands(self.memcached, desktop)
        viewer = await dial(self.gateway.port)
        viewer.write(b"CONNECT /console?token=" + token.encode() + b" HTTP/1.0\r\n\r\n")
        opening = await viewer.read(19 + 12)
        self.assertEqual(opening, b"HTTP/1.1 200 OK\r\n\r\nRFB 003.008\n")
        self.assertEqual(await desktop_of(viewer), (*screens.GEOMETRY, screens.DESKTOP))
        await viewers.leave([viewer])

    async def test_they_reach_it_through_a_xenserver_too(self):
        host = Console(in_front_of(self.started(screens.start_xvnc())))
        self.addCleanup(host.close)
        token = rocky.stands(self.memcached, host.port, path=PATH)
        viewer = await viewers.enter(self.gateway.port, token)
        self.assertEqual(await desktop_of(viewer), (*screens.GEOMETRY, screens.DESKTOP))
        expected = f"CONNECT {PATH} HTTP/1.1\r\nHost: {LOOPBACK}:{host.port}\r\n\r\n"
        self.assertEqual(host.callers[0].request.decode(), expected)
        await viewers.leave([viewer])

    async def test_a_token_of_rockys_that_has_expired_is_401(self):
        token = rocky.stands(self.memcached, 1, ct=time.time() - 601)
        self.assertEqual((await viewers.refused(self.gateway.port, viewers.request(token))).status, 401)
        self.assertEqual(self.gateway.closings, [("refused", 401, "token_expired")])

    async def test_a_picture_of_xvnc_is_the_same_through_the_gateway(self):
        await self._same_picture(self.started(screens.start_xvnc()))

    async def test_a_picture_of_qemu_is_the_same_through_the_gateway(self):
        await self._same_picture(self.started(screens.start_qemu()))

    async def _same_picture(self, screen: int) -> None:
        token = rocky.stands(self.memcached, screen)
        forwarder = Forwarder(f"http://{LOOPBACK}:{self.gateway.port}/console?token={quote(token)}", reactor)
        self.addCleanup(forwarder.stop)
        direct, relayed = await self._capture(screen), await self._capture(forwarder.port)
        self.assertEqual(direct.size, relayed.size)
        self.assertGreater(len(direct.getcolors(1 << 24)), 1, "a picture of one colour shows nothing")
        self.assertIsNone(ImageChops.difference(direct, relayed).getbbox())

    async def _capture(self, port: int) -> Image.Image:
        file = self.mktemp() + ".png"
        vncdo = str(Path(sys.executable).with_name("vncdo"))
        command = ["-s", f"{LOOPBACK}::{port}", "capture", file]
        output, errors, status = await getProcessOutputAndValue(vncdo, command, env={"HOME": self.mktemp()})
        self.assertEqual(status, 0, (output + errors).decode())
        with Image.open(file) as picture:
            return picture.convert("RGB")
