"""A real desktop on the pool, seen by the real viewer."""

import os
from shutil import rmtree
from tempfile import mkdtemp

from PIL import Image
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import SkipTest

from tests.endpoint import LOOPBACK, eventually
from tests.gateway_process import CHECKOUT
from tests.integration import peers, screens
from tests.integration.test_screens import desktop_of
from tests.xenpool.gateway import GatewayCase

JAR = CHECKOUT / "java-client" / "VncViewer.jar"


class DesktopTest(GatewayCase):
    timeout = 180

    async def setUp(self):
        await super().setUp()
        desktop = screens.start_xvnc()
        self.addCleanup(desktop.stop)
        self.web.screen = desktop.port

    async def moved(self):
        self.pool.migrate(self.web, self.doors[1].host)
        await eventually(lambda: not self.web.operations, "it has moved")

    async def test_a_desktop_is_there_before_and_after_a_migration(self):
        token = await self.mint("t", self.web.uuid)
        viewer = await self.welcome(token)
        self.assertEqual(await desktop_of(viewer), (*screens.GEOMETRY, screens.DESKTOP))
        await self.moved()
        await viewer.read_all()
        viewer = await self.welcome(token)
        self.assertEqual(await desktop_of(viewer), (*screens.GEOMETRY, screens.DESKTOP))
        await self.leave(viewer)

    async def test_the_java_viewer_sees_it(self):
        java = peers.program("java", "openjdk-17-jre")
        if not JAR.exists():
            sentence = "needs java-client/VncViewer.jar: make jar"
            raise AssertionError(sentence) if os.environ.get("CI") == "true" else SkipTest(sentence)
        home = mkdtemp()
        self.addCleanup(rmtree, home)
        token = await self.mint("t", self.web.uuid)
        await self.moved()
        picture = f"{home}/picture.png"
        url = f"http://{LOOPBACK}:{self.gateway.port}/console?token={token}"
        options = [f"-Duser.home={home}", "-jar", str(JAR), "--snapshot", picture, url]
        environment = {"HOME": home, "PATH": os.environ["PATH"]}
        output, errors, status = await getProcessOutputAndValue(java, options, env=environment)
        self.assertEqual(status, 0, (output + errors).decode())
        with Image.open(picture) as seen:
            self.assertEqual(seen.size, screens.GEOMETRY)
            self.assertGreater(len(seen.convert("RGB").getcolors(1 << 20)), 1)
