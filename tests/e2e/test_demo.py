"""`xvpproxy demo` as a person meets it: a process, its output, real VNC clients, and what is left afterwards."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from PIL import Image
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests.endpoint import LOOPBACK, dial, eventually, pause
from tests.forwarder import Forwarder
from tests.gateway_process import CHECKOUT
from xvpproxy.demo.console import DemoConsole

#: Seconds: many times what is needed on a machine that is not busy.
PATIENCE = 60.0
VNCDO = Path(sys.executable).with_name("vncdo")
#: vncdotool asks for Raw; this one asks for ZRLE and decodes it.
VNCDO_ZRLE = (
    "from vncdotool import client, command, rfb; client.VNCDoToolClient.encoding = rfb.Encoding.ZRLE; command.vncdo()"
)
GREETING = b"RFB 003.008\n\x01\x01"
WHOLE_SCREEN = bytes.fromhex("03 00 0000 0000 0320 0258")
SCREEN_BYTES = 800 * 600 * 4


def hears_sighup():
    """Tests that run under nohup must not hand that on."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class DemoProcess:
    """`xvpproxy demo` with a temporary directory of its own for temporary directories."""

    def __init__(self, directory, *options):
        self.directory = Path(directory).resolve()
        self.temporary = self.directory / "tmp"
        self.temporary.mkdir(parents=True)
        self.environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONPATH": str(CHECKOUT)}
        self.environment["HOME"] = str(self.directory)
        with (self.directory / "out").open("wb") as out, (self.directory / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "xvpproxy", "demo", *options],
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                preexec_fn=hears_sighup,  # noqa: PLW1509  (nothing else runs in this process)
            )

    @property
    def out(self):
        return (self.directory / "out").read_text()

    @property
    def err(self):
        return (self.directory / "err").read_text()

    @property
    def urls(self):
        return re.findall(r"^ +(http://\S+)$", self.out, re.MULTILINE)

    @property
    def left(self):
        return list(self.temporary.iterdir())

    def command(self, title):
        """What stands below a title that starts so."""
        return re.search(rf"^  {title}.*\n    (.*)$", self.out, re.MULTILINE)[1]

    async def ready(self):
        await eventually(lambda: "listens at" in self.err or self.ended, "the demo is ready", within=PATIENCE)
        assert not self.ended, self.err

    @property
    def ended(self):
        return self.process.poll() is not None

    async def end(self, number):
        """Send a signal; the exit status."""
        self.process.send_signal(number)
        await eventually(lambda: self.ended, "the demo ends", within=PATIENCE)
        return self.process.returncode

    def kill(self):
        if not self.ended:
            self.process.kill()
            self.process.wait()


class DemoTestCase(TestCase):
    timeout = 180

    def demo(self, *options):
        demo = DemoProcess(self.mktemp(), *options)
        self.addCleanup(demo.kill)
        return demo

    async def run_command(self, *command, environment=None):
        return await getProcessOutputAndValue(str(command[0]), command[1:], env=environment or os.environ)

    async def capture(self, port, *actions, vncdo=(VNCDO,)):
        """What vncdotool sees after it has done something."""
        path = f"{self.mktemp()}.png"
        out, err, code = await self.run_command(*vncdo, "-s", f"{LOOPBACK}::{port}", *actions, "capture", path)
        self.assertEqual(code, 0, (out, err))
        with Image.open(path) as picture:
            return picture.convert("RGB")


class ScreenTests(DemoTestCase):
    def assert_is_the_card(self, picture):
        self.assertEqual(picture.size, (800, 600))
        self.assertGreater(len(picture.getcolors(100_000)), 100)
        bars = [picture.getpixel((62 + 60 * place, 170)) for place in range(8)]
        self.assertEqual(bars[0], (255, 255, 255))
        self.assertEqual(bars[5:], [(235, 16, 16), (16, 16, 235), (0, 0, 0)])

    def console(self):
        """A console in this process, and its port."""
        console = DemoConsole(
            "web", "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11", "amber", clock=reactor, local_time=time.localtime
        )
        listening = reactor.listenTCP(0, console, interface=LOOPBACK)
        self.addCleanup(lambda: eventually_gone(console))
        self.addCleanup(listening.stopListening)
        return console, listening.getHost().port

    async def test_vncdotool_sees_the_console_types_and_draws(self):
        console, port = self.console()
        typing = ["type", "hello", "key", "enter", "key", "f1"]
        drawing = ["move", "500", "450", "mousedown", "1", "move", "600", "500", "mouseup", "1"]
        picture = await self.capture(port, *typing, *drawing)
        self.assert_is_the_card(picture)
        self.assertEqual(console.card.echo.text, "hello\n[F1]")
        self.assertEqual(picture.getpixel((550, 475)), (255, 184, 84))

    async def test_the_picture_is_the_same_in_zrle(self):
        _, port = self.console()
        below_the_clock = (0, 130, 800, 600)
        raw = await self.capture(port)
        zrle = await self.capture(port, vncdo=(sys.executable, "-c", VNCDO_ZRLE))
        self.assert_is_the_card(zrle)
        self.assertEqual(raw.crop(below_the_clock).tobytes(), zrle.crop(below_the_clock).tobytes())

    async def test_a_viewer_that_asks_and_never_reads_costs_one_update(self):
        console, port = self.console()
        viewer = await dial(port)
        viewer.write(GREETING)
        await eventually(lambda: console.viewers, "the console has a viewer")
        viewer.transport.pauseProducing()
        (remote,) = console.viewers
        held = 0
        for _ in range(100):
            viewer.write(WHOLE_SCREEN)
            await pause(0.01)
            held = max(held, len(remote.transport.dataBuffer) + remote.transport._tempDataLen)
        self.assertGreater(held, 0, "the viewer's own buffers took everything: nothing was proved")
        self.assertLess(held, SCREEN_BYTES + 100_000)
        viewer.transport.abortConnection()

    async def test_vncdotool_sees_the_console_through_the_gateway(self):
        demo = self.demo("--port", "0")
        await demo.ready()
        forwarder = Forwarder(demo.urls[0], reactor)
        self.addCleanup(lambda: Deferred.fromCoroutine(forwarder.stop()))
        self.assert_is_the_card(await self.capture(forwarder.port, "type", "hello"))
        self.assertEqual(forwarder.refusals, [])


class PasteTests(DemoTestCase):
    async def shell(self, demo, line):
        out, err, _ = await self.run_command("/bin/sh", "-c", line, environment=demo.environment)
        return out.decode(), err.decode()

    async def test_the_printed_lines_work_as_they_stand(self):
        demo = self.demo("--port", "0", "--consoles", "2")
        await demo.ready()
        self.assertEqual(len(demo.urls), 2)
        out, _ = await self.shell(demo, demo.command("check it"))
        self.assertEqual(out.split(), ["HTTP/1.1", "200", "OK", "RFB", "003.008"])
        out, err = await self.shell(demo, demo.command("mint another"))
        self.assertRegex(out, r"\Ahttp://127\.0\.0\.1:\d+/console\?token=\S+\n\Z", err)
        self.assertNotIn(out.strip(), demo.urls)
        again, _ = await self.shell(demo, demo.command("check it").replace(demo.urls[0], out.strip()))
        self.assertIn("RFB 003.008", again)
        out, err = await self.shell(demo, demo.command("or with curl"))
        self.assertRegex(out, r'"url": "http://127\.0\.0\.1:\d+/console\?token=\S+"', err)

    async def test_no_token_reaches_the_log(self):
        demo = self.demo("--port", "0", "--debug")
        await demo.ready()
        await self.shell(demo, demo.command("check it"))
        await eventually(lambda: "outcome=viewer_left" in demo.err, "the session is logged", within=PATIENCE)
        self.assertNotIn(demo.urls[0].partition("token=")[2], demo.err)


class EndTests(DemoTestCase):
    async def test_every_way_to_end_it_leaves_nothing_behind(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            demo = self.demo("--port", "0")
            await demo.ready()
            self.assertEqual(len(demo.left), 1)
            with socket.create_connection((LOOPBACK, int(demo.urls[0].split(":")[2].split("/")[0])), PATIENCE):
                began = time.monotonic()
                self.assertEqual(await demo.end(number), 0, demo.err)
                self.assertLess(time.monotonic() - began, 10)
            self.assertEqual(demo.left, [])
            self.assertNotIn("Traceback", demo.err)
            with self.assertRaises(ProcessLookupError):
                os.killpg(demo.process.pid, 0)

    async def test_a_signal_at_any_moment_of_the_start_leaves_nothing_behind(self):
        for delay in (0.05, 0.15, 0.3, 0.5, 0.7, 0.9):
            demo = self.demo("--port", "0")
            await pause(delay)
            await demo.end(signal.SIGTERM)
            self.assertEqual(demo.left, [], f"after {delay} s: {demo.err}")

    async def test_a_wanted_port_that_is_taken_is_refused_with_what_to_do(self):
        with socket.create_server((LOOPBACK, 0)) as server:
            taken = server.getsockname()[1]
            demo = self.demo("--port", str(taken))
            await eventually(lambda: demo.ended, "the demo ends", within=PATIENCE)
        self.assertEqual(demo.process.returncode, 1)
        remedy = "choose another --port, or leave it out for a free one"
        last = demo.err.splitlines()[-1]
        self.assertEqual(last, f"xvpproxy: port {taken}: something else listens there; {remedy}")
        self.assertNotIn("Traceback", demo.err)
        self.assertEqual((demo.left, demo.out), ([], ""))

    async def test_two_demos_run_side_by_side(self):
        demos = [self.demo(), self.demo()]
        for demo in demos:
            await demo.ready()
        self.assertEqual(len({url for demo in demos for url in demo.urls}), 2)
        ports = {url.split(":")[2].split("/")[0] for demo in demos for url in demo.urls}
        self.assertEqual(len(ports), 2)


class CheckTests(DemoTestCase):
    async def test_the_check_passes_in_seconds_with_a_line_for_each_step(self):
        demo = self.demo("--check")
        await eventually(lambda: demo.ended, "the demo ends", within=PATIENCE)
        *steps, verdict = demo.out.splitlines()
        self.assertEqual((demo.process.returncode, verdict, demo.err), (0, "PASS", ""))
        self.assertEqual(len(steps), 7)
        for step in steps:
            self.assertRegex(step, r"\A[a-z ]{12} +\d+\.\d ms  \S")
        self.assertEqual(demo.left, [])


def eventually_gone(console):
    return Deferred.fromCoroutine(eventually(lambda: not console.viewers, "the viewer has left"))
