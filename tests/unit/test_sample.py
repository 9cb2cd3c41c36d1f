"""The files in `etc/` stay true to the code."""

import configparser
from pathlib import Path

from oslo_config import generator
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy import config

CHECKOUT = Path(__file__).parent.parent.parent
SAMPLE = CHECKOUT / "etc/xvpproxy.conf.sample"


class SampleTest(SynchronousTestCase):
    def test_is_what_the_generator_makes_of_the_options(self):
        fresh = Path(self.mktemp())
        generator.main(["--namespace", "xvpproxy", "--wrap-width", "100", "--output-file", str(fresh)])
        self.assertEqual(fresh.read_text(), SAMPLE.read_text(), "type: make sample-config")

    def test_names_every_option(self):
        text = SAMPLE.read_text()
        for group, options in config.list_opts():
            self.assertIn(f"[{group}]\n", text)
            for option in options:
                self.assertIn(f"#{option.name} = ".rstrip(), text)

    def test_starts_the_gateway_as_it_is(self):
        loaded = config.load([str(SAMPLE)])
        self.assertEqual(loaded.warnings, ())


class UnitTest(SynchronousTestCase):
    def setUp(self):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read(CHECKOUT / "etc/xvpproxy.service")
        self.service = unit["Service"]

    def test_waits_longer_than_the_drain(self):
        drain = config.load([str(SAMPLE)]).conf.gateway.drain_timeout
        self.assertGreater(int(self.service["TimeoutStopSec"]), drain)

    def test_a_reload_is_a_hangup_and_the_state_has_a_place(self):
        self.assertIn("-HUP", self.service["ExecReload"])
        self.assertEqual(self.service["StateDirectory"], "xvpproxy")
        self.assertIn("twistd --nodaemon", self.service["ExecStart"])
