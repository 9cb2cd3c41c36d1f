"""A gateway with memcached only, and a token that somebody mints into the embedded store all the same."""

import json
import subprocess
import sys
from pathlib import Path

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from tests import viewers
from tests.consoles import Console, rfb
from tests.endpoint import LOOPBACK
from tests.fakes_stores import INSTANCE
from tests.gateway_process import GatewayProcess
from tests.integration import peers


class Woken(TestCase):
    timeout = 100

    async def setUp(self) -> None:
        peers.empty_memcached()
        options = {
            "DEFAULT": {"memcached_servers": f"{peers.HOST}:{peers.memcached().port}"},
            "consoleauth": {"store_timeout": 10.0},  # on a busy machine the import may take longer than usual
        }
        self.gateway = GatewayProcess(self.mktemp(), options)
        self.addCleanup(self.gateway.stop)
        await self.gateway.started()
        self.console = Console(rfb)
        self.addCleanup(self.console.close)

    @property
    def embedded(self) -> Path:
        return self.gateway.file.parent / "xvpproxy.sqlite"

    async def token_command(self, *words: str, stdin: str = "") -> str:
        """What `xvpproxy token` prints, in a process of its own."""
        command = [sys.executable, "-m", "xvpproxy", "token", *words, "--config-file", str(self.gateway.file)]
        done = await deferToThread(
            subprocess.run, command, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout.strip()

    async def mint(self, *words: str) -> str:
        where = ("--instance", INSTANCE, "--host", LOOPBACK, "--port", str(self.console.port))
        return (await self.token_command("mint", *where, *words)).partition("token=")[2]

    async def check_unauthorized(self, token: str) -> None:
        reply = await viewers.refused(self.gateway.port, viewers.request(token))
        self.assertEqual((reply.status, reply.reason), (401, "Not Authorized"))

    async def test_a_token_of_another_process_is_found_after_a_miss_in_memcached(self) -> None:
        self.assertIn("tokens from memcached, database,", self.gateway.output)
        in_memcached = await self.mint()
        await viewers.leave([await viewers.enter(self.gateway.port, in_memcached)])
        await self.check_unauthorized("unknown")
        answer = json.loads(await self.token_command("check", stdin="unknown"))
        self.assertEqual(answer["cause"], "token_unknown")
        self.assertEqual(await self.token_command("revoke", stdin="unknown"), "0")
        self.assertFalse(self.embedded.exists(), "nobody put anything into it")

        token = await self.mint("--store", "database")
        self.assertTrue(self.embedded.exists())
        await viewers.leave([await viewers.enter(self.gateway.port, token)])
        await self.check_unauthorized("unknown")
        answer = json.loads(await self.token_command("check", stdin=token))
        self.assertEqual((answer["valid"], answer["store"]), (True, "database"))

        self.assertEqual(await self.token_command("revoke", "--instance", INSTANCE), "2")
        for each in (token, in_memcached):
            await self.check_unauthorized(each)
