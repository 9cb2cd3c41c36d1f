"""The composition root, from a configuration file to a gateway and back."""

from __future__ import annotations

import resource
import socket
import tempfile
from pathlib import Path
from shutil import rmtree

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs
from twisted.trial.unittest import TestCase

from tests.certificates import Certificate
from tests.sockets import in_thread, read_exactly, read_to_end
from xvpproxy import config, service, settings
from xvpproxy.errors import ConfigurationError
from xvpproxy.restart import keep_until_restart, needing_restart

REQUEST = b"CONNECT /console?token=no-such-token HTTP/1.0\r\n\r\n"


class ServiceCase(TestCase):
    timeout = 30

    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.addCleanup(rmtree, self.folder)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log_settings: list[dict[str, object]] = []

    def write(self, text: str = "", default: str = "") -> str:
        """A configuration file: a loopback door, its state in the folder, and `text`."""
        path = Path(self.folder, "xvpproxy.conf")
        path.write_text(
            f"[DEFAULT]\nstate_path = {self.folder}/state\n{default}\n"
            f"[vnc]\nxvpvncproxy_host = 127.0.0.1\nxvpvncproxy_port = {self.port}\n{text}\n"
        )
        return str(path)

    def open(self, text: str = "") -> service.GatewayService:
        def load() -> config.Configuration:
            return config.load([self.path], [])

        self.path = self.write(text)
        return service.open_gateway(
            load(), reactor=reactor, reload=load, set_log=lambda **given: self.log_settings.append(given)
        )

    def start(self, text: str = "") -> service.GatewayService:
        gateway = self.open(text)
        gateway.startService()
        self.addCleanup(gateway.stopService)
        return gateway

    def connect(self) -> socket.socket:
        viewer = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.addCleanup(viewer.close)
        return viewer

    async def status(self) -> bytes:
        viewer = self.connect()
        viewer.sendall(REQUEST)
        reply = await in_thread(read_to_end, viewer)
        return reply.partition(b"\r\n")[0]


class Starting(ServiceCase):
    async def test_serves_viewers_with_the_embedded_store(self) -> None:
        gateway = self.start()
        self.assertEqual(gateway.addresses, [f"127.0.0.1:{self.port}"])
        self.assertEqual(await self.status(), b"HTTP/1.1 401 Not Authorized")

    async def test_says_what_an_operator_wants_to_know(self) -> None:
        with capturedLogs() as events:
            self.start("[gateway]\nmax_sessions = 7\n[xenserver]\nverify = false")
        said = [event["log_format"].format(**event) for event in events if "ready" in event.get("log_format", "")]
        self.assertEqual(len(said), 1)
        self.assertIn(f"127.0.0.1:{self.port}", said[0])
        self.assertIn("at most 7 sessions", said[0])
        self.assertIn("verify = false", " ".join(str(event.get("note")) for event in events))

    async def test_a_door_whose_port_is_0_is_off(self) -> None:
        self.port = 0
        self.assertEqual(self.start().addresses, [])

    async def test_a_taken_port_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)), self.assertRaises(ConfigurationError) as caught:
            self.open()
        self.assertIn(str(self.port), str(caught.exception))

    async def test_the_descriptors_that_there_are_limit_the_sessions(self) -> None:
        gateway = self.start()
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE)[0], hard)
        self.assertLessEqual(2 * gateway.sessions.limits.sessions, hard)
        self.assertGreater(gateway.sessions.limits.sessions, 100)


class Stopping(ServiceCase):
    async def test_leaves_nothing_open(self) -> None:
        gateway = self.start()
        viewer = self.connect()
        viewer.sendall(b"CONN")
        while not gateway.sessions.connections:
            await self.turn()
        gateway.stopService()
        gateway.stopService()
        self.assertEqual(await in_thread(read_to_end, viewer), b"")
        self.assertRaises(ConnectionRefusedError, socket.create_connection, ("127.0.0.1", self.port))

    async def turn(self) -> None:
        passed: Deferred[None] = Deferred()
        reactor.callLater(0, passed.callback, None)
        await passed

    async def test_draining_does_not_wait_for_viewers_without_a_session(self) -> None:
        gateway = self.start("[gateway]\ndrain_timeout = 20")
        waiting = self.connect()
        waiting.sendall(b"CONN")
        while not gateway.sessions.connections:
            await self.turn()
        draining = Deferred.fromCoroutine(gateway.drain())
        await draining
        self.assertTrue(gateway.draining)
        self.assertEqual(await in_thread(read_exactly, waiting, 1), b"")
        self.assertEqual(await self.status(), b"HTTP/1.1 503 Shutting Down")


class Reloading(ServiceCase):
    async def test_takes_over_limits_timeouts_and_the_log(self) -> None:
        gateway = self.start()
        self.write("[gateway]\nmax_sessions = 3\npreamble_timeout = 0.2", "debug = true")
        gateway.reload()
        self.assertEqual(gateway.sessions.limits.sessions, 3)
        self.assertEqual(self.log_settings, [{"debug": True, "log_format": "text"}])
        viewer = self.connect()
        viewer.sendall(b"CONN")
        self.assertTrue((await in_thread(read_to_end, viewer)).startswith(b"HTTP/1.1 408 "))

    async def test_a_bad_file_changes_nothing_and_is_told(self) -> None:
        gateway = self.start("[gateway]\nmax_sessions = 5")
        self.write("[gateway]\nmax_sessions = 3\npreamble_timeout = soon")
        with capturedLogs() as events:
            gateway.reload()
        self.assertEqual(gateway.sessions.limits.sessions, 5)
        self.assertEqual(len([event for event in events if "preamble_timeout" in str(event.get("problem"))]), 1)
        self.assertEqual(await self.status(), b"HTTP/1.1 401 Not Authorized")

    async def test_names_what_takes_a_restart(self) -> None:
        gateway = self.start()
        old, self.port = self.port, 1
        self.write("[consoleauth]\nstore_timeout = 1.5")
        with capturedLogs() as events:
            gateway.reload()
        self.port = old
        named = {event["option"] for event in events if "option" in event}
        self.assertEqual(named, {"[vnc] xvpvncproxy_port", "[consoleauth] store_timeout"})

    def test_what_takes_a_restart_can_keep_its_old_value(self) -> None:
        console = "6d7c0144-2a80-4db6-971e-07e62e622122 web1 192.0.2.7:5900"
        old = config.load([self.write(f"[static]\nconsole = {console}\n[cache]\nmemcache_servers = a:1,b:2")]).conf
        self.port = 1
        new = config.load([self.write("[consoleauth]\nstores = memcached\n[gateway]\nmax_sessions = 3")]).conf
        keep_until_restart(old, new)
        self.assertEqual(needing_restart(old, new), [])
        self.assertEqual(new.gateway.max_sessions, 3)
        self.assertEqual([each.name for each in new.static.console], ["web1"])
        self.assertEqual((new.cache.memcache_servers, new.consoleauth.stores), (["a:1", "b:2"], None))

    def test_tickets_stay_good_until_what_they_rest_on_changes(self) -> None:
        certificate = Certificate(self.folder)

        def load(text: str = "") -> settings.ViewerTLS:
            conf = config.load([self.write(text, f"cert = {certificate.path}")]).conf
            return settings.viewer_tls(conf, before)

        before = None
        before = load()
        self.assertIs(load("[gateway]\nmax_sessions = 3"), before)
        self.assertIsNot(load("[console]\nssl_minimum_version = tlsv1_3").context, before.context)
        Path(certificate.path).write_bytes(Certificate(self.folder).pem)
        self.assertIsNot(load().context, before.context)
