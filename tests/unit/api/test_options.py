"""What may be said of the API in a configuration."""

from oslo_config import cfg
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.api.options import OPTS


class ListenTest(SynchronousTestCase):
    def setUp(self):
        [self.listen] = [option for option in OPTS["api"] if option.dest == "listen"]

    def test_an_address_stays_the_text_that_it_was(self):
        for address in ("127.0.0.1:8774", "[::1]:8774", "api.example.org:443"):
            conf = cfg.ConfigOpts()
            conf.register_opt(self.listen, "api")
            conf([])
            conf.set_override("listen", address, "api")
            self.assertEqual(conf.api.listen, address)

    def test_what_is_no_address_is_refused_with_what_is_wanted(self):
        for text in ("8774", "host", "host:0", "host:99999", "::1:8774", "[nonsense]:1"):
            error = self.assertRaises(ValueError, self.listen.type, text)
            self.assertTrue(str(error).startswith("must "), text)

    def test_it_is_off_unless_it_is_set(self):
        self.assertIs(self.listen.default, None)
