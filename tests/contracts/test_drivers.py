"""Every driver that needs no hypervisor keeps the promises of `ConsoleDriver`."""

from twisted.trial.unittest import TestCase

from tests.contracts.driver_suite import DriverSuite
from xvpproxy.drivers.static import StaticConsole, StaticDriver

UUID = "6d7c0144-2a80-4db6-971e-07e62e622122"


class StaticDriverTest(DriverSuite, TestCase):
    running = (UUID, "web1")
    twins = "twin"

    def setUp(self):
        others = [StaticConsole(f"{UUID[:-1]}{digit}", "twin", "192.0.2.8", 5900 + digit) for digit in (5, 6)]
        self.driver = StaticDriver([*others, StaticConsole(UUID, "web1", "2001:db8::7", 5901)])
        self.addCleanup(self.driver.close)
