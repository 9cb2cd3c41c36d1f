"""`xvpproxy demo --xenserver`: a pool to play with, by typing."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from tests import viewers
from tests.endpoint import eventually
from tests.gateway_process import CHECKOUT
from xvpproxy.demo.xenpool import Host, Machine, Pool
from xvpproxy.demo.xenpool_commands import HELP, Lines, obey

PATIENCE = 60.0


class CommandTest(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.pool = Pool(self.clock, accounts={}, gap=2.0)
        self.xen1, self.xen2 = (self.pool.add_host(Host(name, "192.0.2.1", 443)) for name in ("xen1", "xen2"))
        self.web = self.pool.add_machine(Machine("web", self.xen1, 5900))

    def test_a_machine_migrates_to_the_other_host(self):
        self.assertEqual(obey(self.pool, "migrate web"), "web is on its way to xen2; it takes 2 s")
        self.assertEqual(obey(self.pool, "reboot web"), "web is busy: pool_migrate")
        self.clock.advance(2)
        self.assertIs(self.web.host, self.xen2)

    def test_a_machine_reboots_stops_and_starts(self):
        self.assertEqual(obey(self.pool, "reboot web"), "web reboots; it takes 2 s")
        self.clock.advance(2)
        self.assertEqual(obey(self.pool, "stop web"), "web is off")
        self.assertEqual(obey(self.pool, "stop web"), "web is Halted, not Running")
        self.assertEqual(obey(self.pool, "start web"), "web runs on xen1")

    def test_another_host_becomes_the_master(self):
        self.assertEqual(obey(self.pool, "master xen2"), "xen2 is the master now, and knows no session")
        self.assertIn("xen2           192.0.2.1:443  master", obey(self.pool, "list"))

    def test_what_is_mistyped_is_told_with_what_there_is(self):
        self.assertEqual(obey(self.pool, "migrate wbe"), "there is no machine 'wbe'; there is: web")
        self.assertEqual(obey(self.pool, "master xen9"), "there is no host 'xen9'; there is: xen1, xen2")
        for line in ("help", "what now", "migrate"):
            self.assertIn(obey(self.pool, line), (HELP, "there is no machine ''; there is: web"))


class LinesTest(TestCase):
    async def test_lines_come_whole_and_the_end_ends_them(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        seen = []
        lines = Lines(reading, reactor, seen.append)
        lines.start()
        for piece in (b"li", b"st\n\n  migrate web \nreb", b"oot\n"):
            os.write(writing, piece)
            await eventually(lambda piece=piece: piece.endswith(b"\n") <= bool(seen), "they are read")
        await eventually(lambda: seen == ["list", "migrate web", "reboot"], "all have come")
        os.close(writing)
        await eventually(lambda: lines not in reactor.getReaders(), "nobody waits any more")

    async def test_nothing_to_read_is_the_end(self):
        null = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(os.close, null)
        lines = Lines(null, reactor, self.fail)
        lines.start()
        await eventually(lambda: lines not in reactor.getReaders(), "nobody waits")


class DemoTest(TestCase):
    timeout = 180

    def setUp(self):
        self.directory = Path(self.mktemp()).resolve()
        self.temporary = self.directory / "tmp"
        self.temporary.mkdir(parents=True)
        environment = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONPATH": str(CHECKOUT)}
        with (self.directory / "out").open("wb") as out, (self.directory / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "xvpproxy", "demo", "--xenserver", "--port", "0"],
                cwd=self.directory,
                env=environment | {"HOME": str(self.directory)},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
            )
        self.addCleanup(self.kill)

    async def ready(self):
        await eventually(lambda: "type here" in self.said("err") or self.ended, "it is ready", within=PATIENCE)
        assert not self.ended, self.said("err")

    def said(self, name):
        return (self.directory / name).read_text()

    @property
    def ended(self):
        return self.process.poll() is not None

    def kill(self):
        self.process.stdin.close()
        if not self.ended:
            self.process.kill()
            self.process.wait()

    async def type(self, line, answer):
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()
        await eventually(lambda: answer in self.said("err"), answer, within=PATIENCE)

    async def test_a_viewer_follows_a_machine_that_is_migrated_and_rebooted_by_typing(self):
        await self.ready()
        (port, token), *others = re.findall(
            r"^ +http://127.0.0.1:(\d+)/console\?token=(\S+)$", self.said("out"), re.MULTILINE
        )
        self.assertEqual(len(others), 1)
        viewer = await viewers.enter(int(port), token)
        await self.type("migrate marigold", "marigold is on its way to xen2")
        await viewer.read_all()
        viewer = await viewers.enter(int(port), token)
        await self.type("reboot marigold", "marigold reboots")
        await viewer.read_all()
        await self.type("stop cornflower", "cornflower is off")
        answer = await viewers.refused(int(port), viewers.request(others[0][1]))
        self.assertEqual(answer.status, 409)
        await self.type("master xen2", "xen2 is the master now")
        viewer = await viewers.enter(int(port), token)
        self.process.send_signal(signal.SIGINT)
        await viewer.read_all()
        await eventually(lambda: self.ended, "it ends", within=PATIENCE)
        self.assertEqual((self.process.returncode, list(self.temporary.iterdir())), (0, []))
        self.assertNotIn("Traceback", self.said("err"))
        self.assertNotIn(token, self.said("err"))
