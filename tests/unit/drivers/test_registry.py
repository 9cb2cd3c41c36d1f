"""Several drivers as one: who knows an instance, who cannot answer, and whose address still is the token's."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.drivers.contract import Console, Instance
from xvpproxy.drivers.registry import Drivers
from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, InstanceNotFound

WEB = "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11"
MAIL = "6d7c0144-2a80-4db6-971e-07e62e622122"


class Driver:
    """Knows the consoles that a test gives it, by uuid; `broken` is raised, or waited for, instead."""

    def __init__(self, name, consoles=(), names=(), broken=None):
        self.name = name
        self.consoles = dict(consoles)
        self.names = dict(names)
        self.broken = broken
        self.asked = 0
        self.closed = False

    async def instances(self):
        await self._asked()
        return [self._instance(uuid) for uuid in self.consoles]

    async def find(self, uuid_or_name):
        await self._asked()
        uuid = self.names.get(uuid_or_name, uuid_or_name)
        self._console(uuid)
        return self._instance(uuid)

    async def locate(self, uuid):
        await self._asked()
        return self._console(uuid)

    async def open(self, uuid, *, again):
        await self._asked()
        return self._console(uuid)

    def close(self):
        self.closed = True

    async def _asked(self):
        self.asked += 1
        if isinstance(self.broken, Exception):
            raise self.broken
        if self.broken is not None:
            await self.broken

    def _console(self, uuid):
        if uuid not in self.consoles:
            raise InstanceNotFound(f"{self.name} has none")
        if isinstance(self.consoles[uuid], Exception):
            raise self.consoles[uuid]
        return self.consoles[uuid]

    def _instance(self, uuid):
        return Instance(uuid, "web", "ACTIVE", self.name)


class Case(SynchronousTestCase):
    def answer(self, work):
        return self.successResultOf(Deferred.fromCoroutine(work))

    def refusal(self, work, kind):
        return self.failureResultOf(Deferred.fromCoroutine(work), kind).value

    def open(self, drivers, uuid=WEB, host="192.0.2.7", port=5900):
        return drivers.open(uuid, host=host, port=port, again=False)


class OpeningTest(Case):
    def test_the_driver_that_knows_the_instance_opens_its_console(self):
        here = Console("192.0.2.7", 5900)
        drivers = Drivers([Driver("a"), Driver("b", {WEB: here}), Driver("c")])
        self.assertIs(self.answer(self.open(drivers)), here)

    def test_afterwards_only_that_driver_is_asked(self):
        other, knowing = Driver("a"), Driver("b", {WEB: Console("192.0.2.7", 5900)})
        drivers = Drivers([other, knowing])
        for _ in range(3):
            self.answer(self.open(drivers))
        self.assertEqual((other.asked, knowing.asked), (1, 3))

    def test_an_instance_that_moved_to_another_driver_is_found_there(self):
        here = Console("192.0.2.7", 5900)
        old, new = Driver("a", {WEB: here}), Driver("b")
        drivers = Drivers([old, new])
        self.answer(self.open(drivers))
        new.consoles, old.consoles = old.consoles, {}
        self.assertIs(self.answer(self.open(drivers)), here)

    def test_an_instance_that_nobody_knows_is_404(self):
        error = self.refusal(self.open(Drivers([Driver("a"), Driver("b")])), InstanceNotFound)
        self.assertEqual((error.status, error.cause), (404, "identity"))

    def test_without_drivers_nobody_knows_anything(self):
        self.refusal(self.open(Drivers([])), InstanceNotFound)

    def test_one_that_cannot_answer_may_have_known_it(self):
        drivers = Drivers([Driver("a", broken=DriverUnavailable("a is down")), Driver("b")])
        self.assertEqual(self.refusal(self.open(drivers), DriverUnavailable).detail, "a is down")

    def test_one_that_hangs_delays_nobody_who_runs_elsewhere(self):
        given_up = []
        hanging = Driver("a", broken=Deferred(given_up.append))
        drivers = Drivers([hanging, Driver("b", {WEB: Console("192.0.2.7", 5900)})])
        self.answer(self.open(drivers))
        self.assertEqual(len(given_up), 1)

    def test_a_driver_that_has_no_console_now_is_a_final_answer(self):
        halted = ConsoleUnavailable("it is halted", cause="vm_not_running")
        drivers = Drivers([Driver("a", broken=Deferred()), Driver("b", {WEB: halted})])
        self.assertIs(self.refusal(self.open(drivers), ConsoleUnavailable), halted)

    def test_a_defect_is_not_taken_for_an_outage(self):
        drivers = Drivers([Driver("a", broken=ZeroDivisionError()), Driver("b", broken=DriverUnavailable())])
        self.refusal(self.open(drivers), ZeroDivisionError)


class IdentityTest(Case):
    def test_a_console_at_another_address_than_the_tokens_is_not_opened(self):
        """Between mint and connect the port went to somebody else."""
        drivers = Drivers([Driver("a", {WEB: Console("192.0.2.7", 5901), MAIL: Console("192.0.2.7", 5900)})])
        error = self.refusal(self.open(drivers), ConsoleUnavailable)
        self.assertEqual((error.status, error.cause), (409, "identity_mismatch"))
        self.refusal(self.open(drivers, host="192.0.2.8", port=5901), ConsoleUnavailable)

    def test_spellings_of_one_address_are_the_same(self):
        for one, other in (("Host.Example", "host.example"), ("2001:db8:0::1", "2001:db8::1")):
            drivers = Drivers([Driver("a", {WEB: Console(one, 5900)})])
            self.answer(self.open(drivers, host=other))

    def test_a_xenservers_console_may_be_anywhere_in_its_pool(self):
        console = Console("192.0.2.99", 443, f"/console?uuid={WEB}")
        self.assertIs(self.answer(self.open(Drivers([Driver("a", {WEB: console})]))), console)


class FindingTest(Case):
    def test_the_first_driver_that_knows_a_name_wins(self):
        drivers = Drivers([
            Driver("a"),
            Driver("b", {WEB: Console("h", 1)}, {"web": WEB}),
            Driver("c", {MAIL: Console("h", 2)}, {"web": MAIL}),
        ])  # fmt: skip
        self.assertEqual(self.answer(drivers.find("web")).driver, "b")

    def test_a_name_that_several_have_is_said_by_the_first_that_knows_it(self):
        several = ConsoleUnavailable("several", cause="ambiguous_name")
        drivers = Drivers([Driver("a", {"web": several}), Driver("b", {MAIL: Console("h", 2)}, {"web": MAIL})])
        self.refusal(drivers.find("web"), ConsoleUnavailable)

    def test_a_uuid_is_found_while_another_driver_hangs(self):
        drivers = Drivers([Driver("a", broken=Deferred()), Driver("b", {WEB: Console("h", 1)})])
        self.assertEqual(self.answer(drivers.find(WEB)).driver, "b")

    def test_a_name_is_looked_up_everywhere_before_it_is_unknown(self):
        self.refusal(Drivers([Driver("a"), Driver("b")]).find("web"), InstanceNotFound)
        down = Driver("a", broken=DriverUnavailable())
        self.refusal(Drivers([down, Driver("b")]).find("web"), DriverUnavailable)

    def test_a_console_is_located_by_the_driver_that_found_the_instance(self):
        drivers = Drivers([Driver("a", {WEB: Console("wrong", 1)}), Driver("b", {WEB: Console("right", 1)})])
        self.assertEqual(self.answer(drivers.locate(Instance(WEB, "web", "ACTIVE", "b"))).host, "right")
        self.refusal(drivers.locate(Instance(WEB, "web", "ACTIVE", "gone")), InstanceNotFound)


class ListingTest(Case):
    def test_a_list_has_the_instances_of_all_who_answer(self):
        a, b = Driver("a", {WEB: Console("h", 1)}), Driver("b", {MAIL: Console("h", 2)})
        drivers = Drivers([a, Driver("down", broken=DriverUnavailable("why")), b])
        self.assertEqual([each.driver for each in self.answer(drivers.instances())], ["a", "b"])

    def test_a_list_that_nobody_can_give_is_an_outage(self):
        self.refusal(Drivers([Driver("a", broken=DriverUnavailable())]).instances(), DriverUnavailable)
        self.assertEqual(self.answer(Drivers([]).instances()), [])

    def test_closing_closes_every_driver(self):
        a, b = Driver("a"), Driver("b")
        Drivers([a, b]).close()
        self.assertTrue(a.closed and b.closed)
