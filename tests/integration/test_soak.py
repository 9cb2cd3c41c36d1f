"""A mixed load over a while leaves the gateway as it was, and every byte right; and the soak would notice otherwise."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.soak.viewer import BANNER, Broken, Viewer, WrongBytes
from tests.integration.peers import program

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 400.0
#: What the console of the benchmark sends first.
PATTERN = b"\x05\x04\x8b\xa2"


class SoakTest(SynchronousTestCase):
    timeout = PATIENCE

    def test_a_minute_of_mixed_load_leaves_nothing_behind(self):
        program("gcc", "gcc")
        program("memcached", "memcached")
        directory = Path(self.mktemp()).resolve()
        temporary = directory / "temporary"
        temporary.mkdir(parents=True)
        found = subprocess.run(
            [sys.executable, "-m", "bench.soak", "--minutes", "0.75", "--json", directory / "soak.json"],
            cwd=CHECKOUT,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(found.returncode, 0, found.stdout)
        report = json.loads((directory / "soak.json").read_text())
        for what in ("sessions", "tls_sessions", "idle", "screen", "bulk", "strangers", "end_half_close", "end_reset"):
            self.assertGreater(report["counts"].get(what, 0), 0, what)
        self.assertGreater(len(report["samples"]), 45)
        self.assertEqual(list(temporary.iterdir()), [])


class ViewerTest(SynchronousTestCase):
    """The soak's own eyes."""

    def visit(self, reply, visit):
        """Let a viewer visit somebody who says `reply` and ends."""

        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply)
            writer.close()

        async def meet():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            async with server:
                viewer = await Viewer.enter(server.sockets[0].getsockname()[1], "a-token", None)
                await visit(viewer)
                await viewer.leave()

        asyncio.run(meet())

    def test_sees_what_the_console_sent(self):
        self.visit(b"HTTP/1.1 200 OK\r\n\r\n" + BANNER + PATTERN, lambda viewer: viewer._expect(4))

    def test_sees_a_wrong_byte(self):
        damaged = PATTERN[:2] + b"\0" + PATTERN[3:]
        with self.assertRaises(WrongBytes):
            self.visit(b"HTTP/1.1 200 OK\r\n\r\n" + BANNER + damaged, lambda viewer: viewer._expect(4))

    def test_sees_a_byte_too_many(self):
        with self.assertRaises(WrongBytes):
            self.visit(b"HTTP/1.1 200 OK\r\n\r\n" + BANNER + PATTERN, lambda viewer: viewer._ended())

    def test_sees_an_early_end(self):
        with self.assertRaises(Broken):
            self.visit(b"HTTP/1.1 200 OK\r\n\r\n" + BANNER + PATTERN, lambda viewer: viewer._expect(5))

    def test_sees_a_refusal(self):
        with self.assertRaises(Broken):
            self.visit(b"HTTP/1.1 401 Not Authorized\r\n\r\n", lambda viewer: viewer.leave())
