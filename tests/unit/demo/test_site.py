import socket
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from tests.endpoint import LOOPBACK
from tests.gateway_process import free_port
from xvpproxy import config
from xvpproxy.demo import site
from xvpproxy.demo.site import TOKEN_TTL, Site, door
from xvpproxy.errors import ConfigurationError, NotAuthorized


class DoorTests(SynchronousTestCase):
    def test_the_first_free_port_is_taken(self):
        with socket.create_server((LOOPBACK, 0)) as server:
            taken = server.getsockname()[1]
            free = free_port()
            self.assertEqual(door([taken, free]), free)
            self.assertNotIn(door([taken, 0]), (0, taken))

    def test_a_taken_port_is_refused_with_what_to_do(self):
        with socket.create_server((LOOPBACK, 0)) as server:
            taken = server.getsockname()[1]
            error = self.assertRaises(ConfigurationError, door, [taken])
        self.assertEqual(
            str(error),
            f"port {taken}: something else listens there; choose another --port, or leave it out for a free one",
        )

    def test_a_port_taken_on_every_address_counts_as_taken(self):
        with socket.create_server(("", 0)) as server:
            self.assertRaises(ConfigurationError, door, [server.getsockname()[1]])


class SiteTests(TestCase):
    def setUp(self):
        directory = Path(self.mktemp()).resolve()
        directory.mkdir()
        self.site = Site(directory, reactor, ports=[free_port()], api_ports=[0])
        self.addCleanup(lambda: Deferred.fromCoroutine(self.site.close()))

    async def test_every_console_has_a_name_a_uuid_and_a_door_of_its_own(self):
        self.site.open(12, set_log=lambda **_: None)
        exhibits = self.site.exhibits
        for names in zip(*((e.name, e.uuid, e.port) for e in exhibits), strict=True):
            self.assertEqual(len(set(names)), 12)
        self.assertEqual([exhibits[0].name, exhibits[5].name], ["marigold", "marigold-2"])
        for exhibit in exhibits:
            with socket.create_connection((LOOPBACK, exhibit.port), 5):
                pass

    async def test_its_configuration_is_a_file_that_others_can_load(self):
        self.site.open(1, set_log=lambda **_: None)
        conf = config.load([str(self.site.config_file)]).conf
        self.assertEqual((conf.vnc.xvpvncproxy_host, conf.vnc.xvpvncproxy_port), (LOOPBACK, self.site.port))
        self.assertEqual(conf.vnc.xvpvncproxy_base_url, f"http://127.0.0.1:{self.site.port}/console")
        self.assertEqual((conf.api.listen, conf.compute_driver), (f"127.0.0.1:{self.site.api_port}", "static"))
        ((name, port),) = [(each.name, each.port) for each in conf.static.console]
        self.assertEqual((name, port), (self.site.exhibits[0].name, self.site.exhibits[0].port))
        self.assertEqual((conf.state_path, conf.consoleauth.token_ttl), (str(self.site.config_file.parent), TOKEN_TTL))

    async def test_it_says_how_to_mint_another_token(self):
        self.site.open(1, set_log=lambda **_: None)
        (exhibit,) = self.site.exhibits
        self.assertEqual(
            self.site.minting(exhibit),
            f"token mint --config-file {self.site.config_file} --instance {exhibit.uuid} "
            f"--host 127.0.0.1 --port {exhibit.port}",
        )

    async def test_a_token_opens_its_console_until_it_is_revoked(self):
        self.site.open(2, set_log=lambda **_: None)
        exhibit = self.site.exhibits[1]
        token, url = await self.site.mint(exhibit)
        self.assertEqual(url, f"http://127.0.0.1:{self.site.port}/console?token={token.reveal()}")
        info = await self.site.consoleauth.check(token)
        self.assertEqual((info.instance_uuid, info.host, info.port), (exhibit.uuid, LOOPBACK, exhibit.port))
        self.assertEqual(await self.site.consoleauth.revoke(token), 1)
        with self.assertRaises(NotAuthorized):
            await self.site.consoleauth.check(token)

    async def test_closing_frees_every_port_also_when_opening_failed(self):
        (wanted,) = self.site._ports
        with socket.create_server((LOOPBACK, wanted)):
            error = self.assertRaises(ConfigurationError, self.site.open, 2, set_log=lambda **_: None)
        self.assertIn(f"port {wanted}: something else listens there", str(error))
        await self.site.close()
        self.assertEqual(len(self.site.exhibits), 2)
        for exhibit in self.site.exhibits:
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection((LOOPBACK, exhibit.port), 5)

    async def test_a_port_that_is_lost_in_the_last_moment_is_replaced(self):
        taken = socket.create_server((LOOPBACK, 0))
        self.addCleanup(taken.close)
        lost = taken.getsockname()[1]
        found = iter([lost, free_port(), free_port(), free_port()])
        self.patch(site, "door", lambda ports: next(found))
        self.site.open(1, set_log=lambda **_: None)
        self.assertNotEqual(self.site.port, lost)
        _, url = await self.site.mint(self.site.exhibits[0])
        self.assertIn(f":{self.site.port}/", url)

    async def test_another_fault_of_the_gateway_is_not_tried_again(self):
        def open_gateway(*args, **options):
            raise ConfigurationError("the store cannot work")

        self.patch(site.service, "open_gateway", open_gateway)
        error = self.assertRaises(ConfigurationError, self.site.open, 1, set_log=lambda **_: None)
        self.assertEqual(str(error), "the store cannot work")
