"""The libvirt driver over several daemons, played in memory: whom it believes, and for whom it waits."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.blocking import InlinePool, PoolBusy
from xvpproxy.drivers.libvirt import TIMEOUT, LibvirtDriver
from xvpproxy.drivers.libvirt_domains import Domain, Uri
from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, InstanceNotFound

UUID = "6d7c0144-2a80-4db6-971e-07e62e622122"
OTHER = "16b48cc3-f907-45b6-bbcc-1b6be436d8f2"
XML = "<domain {}><devices><graphics type='vnc' port='{}' listen='0.0.0.0'/></devices></domain>"


class FakeDaemon:
    """A machine and the domains that it knows; `error` is raised instead."""

    def __init__(self, host):
        self.uri = Uri(f"qemu+tls://{host}/system", host)
        self.known = []
        self.error = None
        self.given_up = self.closed = False

    def add(self, name="web1", uuid=UUID, state="ACTIVE", port=5900):
        active = state != "SHUTOFF"
        xml = XML.format("id='1'" if active else "", port)
        self.known.append(Domain(uuid, name, state, active=active, uri=self.uri, node=self.uri.host, xml=xml))

    def domains(self, deadline):
        if self.error:
            raise self.error
        return list(self.known)

    def domain(self, uuid_or_name, deadline):
        found = [each for each in self.domains(deadline) if uuid_or_name.lower() in (each.uuid, each.name)]
        return found[0] if found else None

    def give_up(self):
        self.given_up = True

    def close(self):
        self.closed = True


class HangingPool(InlinePool):
    async def run(self, function, *args, **kwargs):
        return await Deferred()


class BusyPool(InlinePool):
    async def run(self, function, *args, **kwargs):
        raise PoolBusy("libvirt")


class LibvirtDriverTest(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.one, self.two = FakeDaemon("kvm1"), FakeDaemon("kvm2")
        self.driver = self.over((self.one, InlinePool()), (self.two, InlinePool()))

    def over(self, *hosts):
        return LibvirtDriver(hosts, local_address="127.0.0.1", clock=self.clock)

    def now(self, asking):
        return self.successResultOf(Deferred.fromCoroutine(asking))

    def refusal(self, asking, kind):
        return self.failureResultOf(Deferred.fromCoroutine(asking), kind).value

    def test_the_daemon_that_runs_a_domain_is_believed(self):
        for other in ("SHUTOFF", "MIGRATING"):
            self.one.known, self.two.known = [], []
            self.one.add(state=other, port=5901)
            self.two.add(port=5902)
            console = self.now(self.driver.locate(UUID))
            self.assertEqual((console.host, console.port), ("kvm2", 5902))
            (listed,) = self.now(self.driver.instances())
            for found in (listed, self.now(self.driver.find("web1")), self.now(self.driver.find(UUID.upper()))):
                self.assertEqual((found.state, found.host), ("ACTIVE", "kvm2"))

    def test_one_that_is_off_everywhere_runs_nowhere(self):
        self.one.add(state="SHUTOFF")
        self.two.add(state="SHUTOFF")
        self.assertEqual(self.refusal(self.driver.locate(UUID), ConsoleUnavailable).cause, "vm_not_running")
        self.assertEqual(self.now(self.driver.find("web1")).host, "")

    def test_two_domains_of_one_name_on_two_machines_need_a_uuid(self):
        self.one.add()
        self.two.add(uuid=OTHER)
        self.assertIn("use a uuid", self.refusal(self.driver.find("web1"), ConsoleUnavailable).public)
        self.assertEqual(self.now(self.driver.find(OTHER)).uuid, OTHER)

    def test_a_silent_daemon_does_not_hide_what_runs_elsewhere(self):
        self.one.error = DriverUnavailable("kvm1 is down")
        self.two.add()
        self.assertEqual(self.now(self.driver.locate(UUID)).host, "kvm2")
        self.assertEqual(self.now(self.driver.find("web1")).uuid, UUID)
        self.assertEqual(len(self.now(self.driver.instances())), 1)
        self.assertEqual(len(self.flushLoggedErrors()), 0)

    def test_what_runs_nowhere_else_may_run_at_the_silent_one(self):
        self.one.error = DriverUnavailable("kvm1 is down")
        for asking in (self.driver.find("web1"), self.driver.locate(UUID)):
            self.refusal(asking, DriverUnavailable)
        self.two.add(state="SHUTOFF")
        self.refusal(self.driver.locate(UUID), DriverUnavailable)

    def test_none_can_answer(self):
        self.one.error = self.two.error = DriverUnavailable("down")
        self.refusal(self.driver.instances(), DriverUnavailable)

    def test_a_domain_named_like_a_uuid_is_not_taken_for_the_one_with_it(self):
        self.one.add(name=OTHER)
        self.refusal(self.driver.locate(OTHER), InstanceNotFound)

    def test_one_that_hangs_is_given_up_and_delays_nobody_elsewhere(self):
        driver = self.over((self.one, HangingPool()), (self.two, InlinePool()))
        self.two.add()
        self.assertEqual(self.now(driver.open(UUID, again=False)).host, "kvm2")
        asking = Deferred.fromCoroutine(driver.locate(OTHER))
        self.assertNoResult(asking)
        self.clock.advance(TIMEOUT)
        error = self.failureResultOf(asking, DriverUnavailable).value
        self.assertEqual((error.cause, self.one.given_up), ("driver_timeout", True))
        self.assertIn("qemu+tls://kvm1/system did not answer within 10 s", error.detail)

    def test_too_many_questions_are_refused(self):
        driver = self.over((self.one, BusyPool()))
        self.assertEqual(self.refusal(driver.locate(UUID), DriverUnavailable).cause, "driver_busy")

    def test_closing_lets_every_daemon_go(self):
        self.driver.close()
        self.assertTrue(self.one.closed)
        self.assertTrue(self.two.closed)
