"""The Ironic driver against a real Ironic with its fake graphical console."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from tests.configs.case import ConfigTestCase
from tests.contracts.driver_suite import DriverSuite
from tests.integration import ironicd
from tests.integration.peers import PATIENCE, free_port
from xvpproxy import hypervisors
from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable


class IronicTest(DriverSuite, ConfigTestCase, TestCase):
    timeout = 150

    async def setUp(self) -> None:
        ConfigTestCase.setUp(self)
        self.ironic = ironicd.shared()
        await deferToThread(self.add_nodes)
        self.driver = self.opened(self.ironic.url)
        await self.until_it_is_on()

    def add_nodes(self) -> None:
        for node in self.ironic.call("GET", "/nodes")["nodes"]:
            self.ironic.call("DELETE", f"/nodes/{node['uuid']}")
        self.blind = self.ironic.add_node("blind", "no-console")
        self.running = (self.ironic.add_node("metal1", "fake-graphical"), "metal1")

    async def until_it_is_on(self) -> None:
        deadline = reactor.seconds() + PATIENCE
        for uuid in (self.running[0], self.blind):
            while (state := (await self.driver.find(uuid)).state) != "ACTIVE":
                self.assertLess(reactor.seconds(), deadline, state)
                await deferLater(reactor, 0.1)

    def opened(self, url: str):
        """The driver as a configuration opens it."""
        options = f"[ironic]\nauth_type = none\nendpoint_override = {url}\nvnc_console_state_timeout = 60\n"
        loaded = self.load(f"[DEFAULT]\ncompute_driver = ironic.IronicDriver\n{options}")
        drivers = hypervisors.open_drivers(loaded.conf, reactor)
        self.addCleanup(drivers.close)
        return drivers._drivers[0]

    async def test_the_console_is_started_and_found_where_ironic_put_it(self) -> None:
        uuid = self.running[0]
        states = f"/nodes/{uuid}/states/console"
        self.assertFalse((await deferToThread(self.ironic.call, "GET", states))["console_enabled"])
        console = await self.driver.locate(uuid)
        self.assertEqual((console.host, console.port), ironicd.CONSOLE)
        self.assertTrue((await deferToThread(self.ironic.call, "GET", states))["console_enabled"])

    async def test_a_console_that_ironic_has_ended_is_not_opened_and_not_started(self) -> None:
        uuid = self.running[0]
        error = await self.assertFailure(self.wait(self.driver.open(uuid, again=False)), ConsoleUnavailable)
        self.assertEqual(error.cause, "console_ended")
        self.assertFalse(
            (await deferToThread(self.ironic.call, "GET", f"/nodes/{uuid}/states/console"))["console_enabled"]
        )

    async def test_a_node_without_a_console_interface_has_none(self) -> None:
        error = await self.assertFailure(self.wait(self.driver.locate(self.blind)), ConsoleUnavailable)
        self.assertEqual(error.cause, "no_graphics")

    async def test_an_ironic_that_is_not_there_is_an_outage(self) -> None:
        driver = self.opened(f"http://127.0.0.1:{free_port()}")
        for asking in (driver.instances(), driver.find("metal1"), driver.locate(self.running[0])):
            await self.assertFailure(self.wait(asking), DriverUnavailable)

    async def test_opens_where_it_located(self) -> None:
        await Deferred.fromCoroutine(self.driver.locate(self.running[0]))
        await super().test_opens_where_it_located()
