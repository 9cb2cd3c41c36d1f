from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.api.address import is_loopback, parse_address, written


class AddressTest(SynchronousTestCase):
    def test_host_and_port(self):
        for text, parsed in (
            ("127.0.0.1:8774", ("127.0.0.1", 8774)), ("api.example.net:1", ("api.example.net", 1)),
            ("[::1]:65535", ("::1", 65535)), ("[2001:DB8::0]:80", ("2001:db8::", 80)),
        ):  # fmt: skip
            self.assertEqual(parse_address(text), parsed)

    def test_anything_else_is_refused(self):
        for text in (
            "",
            "8774",
            ":8774",
            "127.0.0.1",
            "127.0.0.1:0",
            "h:65536",
            "::1:8774",
            "[::1]",
            "[h]:1",
            "h:1x",
            "a b:1",
        ):
            self.assertRaises(ValueError, parse_address, text)

    def test_written_and_read_back(self):
        for host in ("127.0.0.1", "::1"):
            self.assertEqual(parse_address(written(host, 8774)), (host, 8774))

    def test_loopback(self):
        answers = [is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "192.0.2.1")]
        self.assertEqual(answers, [True, True, True, False, False, False])
