"""What every `ConsoleDriver` promises, as tests; a driver's own case says how to set its hypervisor up."""

from twisted.internet.defer import Deferred

from xvpproxy.drivers.contract import Console, Instance
from xvpproxy.errors import ConsoleUnavailable, InstanceNotFound

STATES = ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "MIGRATING", "UNKNOWN")
NOBODY = "00000000-0000-4000-8000-000000000000"


class DriverSuite:
    """Mix it into a `TestCase` (asynchronous) whose `setUp` gives these.

    Attributes:
        driver: the driver, opened.
        running: uuid and name of an instance that runs and has a console; no other has its name.
        twins: a name that two instances have, or None where names are unique.
    """

    twins = None

    def wait(self, answer):
        return Deferred.fromCoroutine(answer)

    async def test_lists_every_instance_once(self):
        found = await self.wait(self.driver.instances())
        self.assertEqual(len({each.uuid for each in found}), len(found))
        (ours,) = [each for each in found if each.uuid == self.running[0]]
        self.assertEqual((ours.name, ours.driver), (self.running[1], self.driver.name))
        for each in found:
            self.assertIsInstance(each, Instance)
            self.assertIn(each.state, STATES)
            self.assertEqual(each.uuid, each.uuid.lower())

    async def test_finds_by_uuid_in_any_case_and_by_name(self):
        uuid, name = self.running
        for wanted in (uuid, uuid.upper(), name):
            found = await self.wait(self.driver.find(wanted))
            self.assertEqual((found.uuid, found.name, found.state), (uuid, name, "ACTIVE"), wanted)

    async def test_says_that_there_is_no_such_instance(self):
        for wanted in (NOBODY, "nobody", "", self.running[1] + "x", self.running[0][:-1], "%", "*", "nobody' --"):
            await self.assertFailure(self.wait(self.driver.find(wanted)), InstanceNotFound)
        await self.assertFailure(self.wait(self.driver.locate(NOBODY)), InstanceNotFound)
        await self.assertFailure(self.wait(self.driver.open(NOBODY, again=False)), InstanceNotFound)

    async def test_refuses_to_choose_between_instances_of_one_name(self):
        if self.twins is None:
            return
        error = await self.assertFailure(self.wait(self.driver.find(self.twins)), ConsoleUnavailable)
        self.assertIn(self.twins, error.public)

    async def test_knows_where_the_console_is(self):
        console = await self.wait(self.driver.locate(self.running[0]))
        self.assertIsInstance(console, Console)
        self.assertTrue(console.host)
        self.assertNotIn("[", console.host)
        self.assertTrue(1 <= console.port <= 65535)
        self.assertIs(type(console.port), int)

    async def test_gives_no_session_at_mint(self):
        console = await self.wait(self.driver.locate(self.running[0]))
        self.assertIsNone(console.xen_login)
        self.assertNotIn("session", console.internal_access_path or "")

    async def test_opens_where_it_located(self):
        located = await self.wait(self.driver.locate(self.running[0]))
        for again in (False, True):
            opened = await self.wait(self.driver.open(self.running[0], again=again))
            self.assertEqual((opened.host, opened.port), (located.host, located.port))

    async def test_cancelling_is_safe(self):
        asking = self.wait(self.driver.find(self.running[0]))
        asking.addErrback(lambda _: None)
        asking.cancel()
        await asking
        self.assertEqual((await self.wait(self.driver.find(self.running[0]))).uuid, self.running[0])
