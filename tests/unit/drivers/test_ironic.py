"""The Ironic driver over an Ironic in memory: what it waits for, and why there is no console."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tests.configs.case import ConfigTestCase
from xvpproxy import hypervisors
from xvpproxy.blocking import InlinePool, PoolBusy
from xvpproxy.drivers.ironic import TIMEOUT, IronicDriver
from xvpproxy.drivers.ironic_api import Node
from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, DriverUnavailable

UUID = "6d7c0144-2a80-4db6-971e-07e62e622122"


class FakeIronic:
    """One node, whose console starts after `looks` questions for it."""

    def __init__(self, node):
        self.known = node
        self.kind = "vnc"
        self.looks = 0
        self.starts = 0

    def nodes(self):
        return [self.known]

    def node(self, uuid_or_name):
        return self.known

    def console_type(self, uuid):
        self.looks -= 1
        return self.kind if self.looks < 0 else None

    def start_console(self, uuid):
        self.starts += 1

    def close(self):
        pass


class HangingPool(InlinePool):
    async def run(self, function, *args, **kwargs):
        return await Deferred()


class BusyPool(InlinePool):
    async def run(self, function, *args, **kwargs):
        raise PoolBusy("ironic")


class IronicDriverTest(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.api = FakeIronic(Node(UUID, "metal1", "power on", "192.0.2.1", 5900))

    def asking(self, verb="locate", *, threads=None, **keywords):
        driver = IronicDriver(self.api, threads or InlinePool(), clock=self.clock, start_timeout=5)
        return Deferred.fromCoroutine(getattr(driver, verb)(UUID, **keywords))

    def refusal(self, *args, **keywords):
        return self.failureResultOf(self.asking(*args, **keywords), ConsoleUnavailable).value

    def test_a_console_that_is_there_is_not_started(self):
        console = self.successResultOf(self.asking())
        self.assertEqual((console.host, console.port, self.api.starts), ("192.0.2.1", 5900, 0))

    def test_one_that_is_not_there_is_started_once_and_waited_for(self):
        self.api.looks = 3
        asking = self.asking()
        self.assertNoResult(asking)
        self.clock.pump([1, 1])
        self.assertEqual(self.successResultOf(asking).port, 5900)
        self.assertEqual(self.api.starts, 1)

    def test_one_that_does_not_start_in_time_is_said_with_ironics_reason(self):
        self.api.looks = 100
        self.api.known = Node(UUID, "metal1", "power on", last_error="no container could be started")
        asking = self.asking()
        self.clock.pump([1] * 5)
        error = self.failureResultOf(asking, ConsoleUnavailable).value
        self.assertEqual(error.cause, "no_console")
        self.assertIn("within 5 s: no container could be started", error.detail)

    def test_a_viewer_that_connects_starts_nothing(self):
        self.api.looks = 1
        error = self.refusal("open", again=False)
        self.assertEqual((error.cause, self.api.starts), ("console_ended", 0))

    def test_a_console_of_another_type_is_none(self):
        self.api.kind = "socat"
        for verb, keywords in (("locate", {}), ("open", {"again": True})):
            self.assertEqual(self.refusal(verb, **keywords).cause, "no_graphics")

    def test_one_without_an_address_is_none(self):
        for host, port in (("", 5900), ("192.0.2.1", 0), ("192.0.2.1", 65536)):
            self.api.known = Node(UUID, "metal1", "power on", host, port)
            self.assertEqual(self.refusal().cause, "no_console")

    def test_an_ironic_that_hangs_costs_its_time(self):
        asking = self.asking("find", threads=HangingPool())
        self.clock.advance(TIMEOUT)
        self.assertEqual(self.failureResultOf(asking, DriverUnavailable).value.cause, "driver_timeout")

    def test_too_many_questions_are_refused(self):
        error = self.failureResultOf(self.asking("find", threads=BusyPool()), DriverUnavailable).value
        self.assertEqual(error.cause, "driver_busy")

    def test_states_have_novas_names(self):
        for power, state in (("power on", "ACTIVE"), ("power off", "SHUTOFF"), ("", "UNKNOWN"), ("error", "UNKNOWN")):
            self.api.known = Node(UUID, "metal1", power)
            self.assertEqual(self.successResultOf(self.asking("find")).state, state)


class OptionsTest(ConfigTestCase):
    def problem(self, text):
        loaded = self.load(f"[DEFAULT]\ncompute_driver = ironic.IronicDriver\n[ironic]\n{text}\n")
        with self.assertRaises(ConfigurationError) as caught:
            hypervisors.open_drivers(loaded.conf, Clock())
        return str(caught.exception)

    def test_what_a_login_lacks_is_said(self):
        self.assertIn("[ironic] auth_type = none needs endpoint_override", self.problem("auth_type = none"))
        self.assertIn("auth_url", self.problem("auth_type = password\npassword = hunter2"))
        self.assertIn("[ironic] auth_type = nonsense: ", self.problem("auth_type = nonsense"))

    def test_a_login_with_all_it_needs_is_taken_without_asking_anybody(self):
        login = "auth_url = http://192.0.2.1:5000\nusername = u\npassword = p\nproject_name = s\n"
        login += "user_domain_name = Default\nproject_domain_name = Default\n"
        loaded = self.load(f"[DEFAULT]\ncompute_driver = ironic.IronicDriver\n[ironic]\n{login}")
        drivers = hypervisors.open_drivers(loaded.conf, Clock())
        self.assertEqual(drivers.names, ("ironic.IronicDriver",))
        drivers.close()
