from twisted.internet.defer import Deferred

from tests.configs.case import ConfigTestCase
from xvpproxy.drivers import static
from xvpproxy.drivers.contract import Console
from xvpproxy.errors import ConfigurationError

UUID = "6d7c0144-2a80-4db6-971e-07e62e622122"
OTHER = "16b48cc3-f907-45b6-bbcc-1b6be436d8f2"


class OptionTest(ConfigTestCase):
    def test_may_be_given_many_times(self):
        loaded = self.load(f"[static]\nconsole = {UUID.upper()} web1 192.0.2.7:5900\nconsole = {OTHER} db [::1]:5901\n")
        self.assertEqual(
            loaded.conf.static.console,
            [static.StaticConsole(UUID, "web1", "192.0.2.7", 5900), static.StaticConsole(OTHER, "db", "::1", 5901)],
        )
        self.assertEqual(loaded.warnings, ())

    def test_a_bad_line_is_named_with_what_is_wrong(self):
        for line, words in (
            ("web1 192.0.2.7:5900", "must be UUID NAME HOST:PORT"),
            (f"{UUID} a name 192.0.2.7:5900", "must be UUID NAME HOST:PORT"),
            ("6d7c web1 192.0.2.7:5900", "'6d7c' in '6d7c web1 192.0.2.7:5900' is not a UUID"),
            (f"{UUID} web1 192.0.2.7", "'192.0.2.7' is not HOST:PORT"),
            (f"{UUID} web1 2001:db8::7:5900", "stands in brackets"),
            (f"{UUID} web1 192.0.2.7:0", "must be from 1 to 65535"),
            (f"{UUID} web1 192.0.2.7:65536", "must be from 1 to 65535"),
            (f"{UUID} web1 192.0.2.7:-1", "is not HOST:PORT"),
            (f"{UUID} web1 [192.0.2:x]:5900", "neither a host name nor an address"),
            (f"{UUID} web1 -h:5900", "neither a host name nor an address"),
        ):
            [problem] = self.problems(f"[static]\nconsole = {line}\n")
            self.assertIn("test.conf:2: [static] console", problem)
            self.assertIn(words, problem)

    def test_the_bad_line_of_several_is_the_one_that_is_named(self):
        [problem] = self.problems(f"[static]\nconsole = {UUID} web1 h\nconsole = {OTHER} db [::1]:5901\n")
        self.assertIn("'h' is not HOST:PORT", problem)
        self.assertNotIn(OTHER, problem)

    def test_two_lines_for_one_instance_are_refused(self):
        loaded = self.load(f"[static]\nconsole = {UUID} web1 192.0.2.7:5900\nconsole = {UUID} db [::1]:5901\n")
        with self.assertRaises(ConfigurationError) as caught:
            static.StaticDriver(loaded.conf.static.console)
        self.assertIn(f"given twice for instance {UUID}", str(caught.exception))


class DriverTest(ConfigTestCase):
    def test_gives_the_address_as_it_was_given(self):
        driver = static.StaticDriver([static.parse(f"{UUID} web1 [2001:DB8::7]:5900")])
        console = self.successResultOf(Deferred.fromCoroutine(driver.locate(UUID)))
        self.assertEqual(console, Console(host="2001:db8::7", port=5900))
        instance = self.successResultOf(Deferred.fromCoroutine(driver.find("web1")))
        self.assertEqual((instance.state, instance.host, instance.driver), ("ACTIVE", "2001:db8::7", "static"))

    def test_a_uuid_counts_before_a_name(self):
        driver = static.StaticDriver([static.parse(f"{OTHER} {UUID} h:1"), static.parse(f"{UUID} web1 h:2")])
        self.assertEqual(self.successResultOf(Deferred.fromCoroutine(driver.find(UUID))).name, "web1")
