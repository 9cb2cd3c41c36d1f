"""The gateway as operators run it, with the pool as its driver: an instance in, its screen out, no session anywhere."""

import json
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

from tests import viewers
from tests.endpoint import LOOPBACK, eventually
from tests.gateway_process import GatewayProcess, free_port
from tests.secrets import leaks
from tests.xenpool.bench import PASSWORD, USER, PoolCase, blocking, url


class ProcessTest(PoolCase):
    async def setUp(self):
        await super().setUp()
        self.api_port = free_port()
        self.gateway = GatewayProcess(
            self.mktemp(),
            {
                "DEFAULT": {"debug": True, "compute_driver": "xenapi.XenAPIDriver"},
                "api": {"listen": f"{LOOPBACK}:{self.api_port}", "auth_strategy": "noauth2"},
                "xenserver": {
                    "connection_url": ",".join(url(door) for door in self.doors),
                    "connection_username": USER,
                    "connection_password": PASSWORD,
                    "fingerprints": ",".join(self.pins),
                },
            },
        )
        self.addCleanup(self.gateway.stop)
        await self.gateway.started()

    async def console_url(self, name):
        """What `nova get-vnc-console NAME xvpvnc` asks of the API."""

        def ask():
            base = f"http://{LOOPBACK}:{self.api_port}/v2.1/servers"
            with urllib.request.urlopen(f"{base}?name={name}", timeout=20) as answer:
                (server,) = json.load(answer)["servers"]
            body = json.dumps({"os-getVNCConsole": {"type": "xvpvnc"}}).encode()
            request = urllib.request.Request(
                f"{base}/{server['id']}/action", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)["console"]["url"]

        return await blocking(ask)

    async def test_an_instances_name_becomes_its_screen_and_no_session_is_anywhere(self):
        access_url = await self.console_url("web")
        (token,) = parse_qs(urlsplit(access_url).query)["token"]
        viewer = await viewers.enter(self.gateway.port, token)
        self.pool.migrate(self.web, self.doors[1].host)
        await viewer.read_all()
        self.pool.forget_sessions()
        second = await viewers.enter(self.gateway.port, token)
        second.write(b"hello")
        self.assertEqual(await second.read(5), b"hello")
        self.assertGreaterEqual(len(self.pool.ever), 2)
        self.assertEqual(len(self.doors[1].heads), 1)

        directory = self.gateway.file.parent
        places = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
        self.assertIn("xvpproxy.sqlite", places)
        self.assertIn(self.web.uuid.encode(), b"".join(places.values()))
        for name in ("cmdline", "environ"):
            places[name] = self.gateway.proc(name).read_bytes()
        sessions = [session.removeprefix("OpaqueRef:") for session, _login in self.pool.ever]
        self.assertEqual(leaks(places.values(), *sessions), [])
        del places[self.gateway.file.name]
        self.assertEqual(leaks(places.values(), PASSWORD), [])
        for each in (viewer, second):
            each.close()

        await self.gateway.stop()
        await eventually(lambda: not self.pool.logins, "the gateway has logged out")

    async def test_a_machine_that_is_off_has_no_url(self):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            await self.console_url("database")
        self.assertEqual(caught.exception.code, 409)
