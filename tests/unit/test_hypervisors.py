"""Which drivers a configuration means."""

from tests.configs.case import ConfigTestCase
from xvpproxy import hypervisors
from xvpproxy.errors import ConfigurationError


class Driver:
    def __init__(self, name):
        self.name = name
        self.closed = False

    def close(self):
        self.closed = True


class OpeningTest(ConfigTestCase):
    def setUp(self):
        super().setUp()
        self.opened = []
        self.patch(
            hypervisors,
            "OPENERS",
            {"xenapi.XenAPIDriver": self.opener("xenapi"), "static": self.opener("static"), "broken": self.broken},
        )

    def opener(self, name):
        def opened(_conf, _reactor):
            self.opened.append(Driver(name))
            return self.opened[-1]

        return opened

    def broken(self, _conf, _reactor):
        raise ConfigurationError("[broken] url is not set")

    def open(self, value):
        return hypervisors.open_drivers(self.load(f"[DEFAULT]\ncompute_driver = {value}\n").conf, None)

    def problem(self, value):
        with self.assertRaises(ConfigurationError) as caught:
            self.open(value)
        return str(caught.exception)

    def test_takes_a_comma_list_in_its_order(self):
        self.assertEqual(self.open("static, xenapi.XenAPIDriver").names, ("static", "xenapi"))

    def test_takes_the_spelling_of_very_old_files_and_a_name_once(self):
        self.assertEqual(self.open("nova.virt.xenapi.XenAPIDriver,xenapi.XenAPIDriver").names, ("xenapi",))

    def test_static_consoles_need_no_name(self):
        line = "console = 6d7c0144-2a80-4db6-971e-07e62e622122 web1 192.0.2.7:5900"
        for name, opened in (("", ("static",)), ("static", ("static",)), ("xenapi.XenAPIDriver", ("xenapi", "static"))):
            loaded = self.load(f"[DEFAULT]\ncompute_driver = {name}\n[static]\n{line}\n")
            self.assertEqual(hypervisors.open_drivers(loaded.conf, None).names, opened)

    def test_an_unknown_name_is_said_with_what_there_is(self):
        self.assertIn("did you mean xenapi.XenAPIDriver?", self.problem("xenapi.XenApiDriver"))
        self.assertIn("there is: xenapi.XenAPIDriver, static", self.problem("vmwareapi.VMwareVCDriver"))

    def test_no_name_is_said_too(self):
        self.assertIn("compute_driver names no driver", self.problem(""))

    def test_every_problem_is_reported_and_what_was_opened_is_closed(self):
        problem = self.problem("static,broken,nonsense")
        self.assertIn("[broken] url is not set\n", problem)
        self.assertIn("compute_driver = nonsense", problem)
        self.assertTrue(self.opened[0].closed)
