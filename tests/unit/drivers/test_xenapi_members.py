from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.drivers.xenapi_members import Member, Members, is_suspicious
from xvpproxy.errors import ConfigurationError


class MembersTest(SynchronousTestCase):
    def test_takes_a_comma_list_with_ports_and_ipv6(self):
        members = Members.parse(
            "https://xen1.example, http://192.0.2.2:8080/,https://[2001:db8::3],https://xen1.example"
        )
        self.assertEqual(
            members.configured,
            (Member("xen1.example", 443, True), Member("192.0.2.2", 8080, False), Member("2001:db8::3", 443, True)),
        )
        self.assertEqual(members.configured[2].url, "https://[2001:db8::3]:443")

    def test_every_bad_url_is_named_without_its_password(self):
        with self.assertRaises(ConfigurationError) as caught:
            Members.parse("https://xen1,unix://local,https://xen2:port,https://,https://root:hunter2@xen3")
        self.assertEqual(len(caught.exception.problems), 4)
        self.assertNotIn("hunter2", str(caught.exception))
        self.assertIn("https://xen1.example", str(self.assertRaises(ConfigurationError, Members.parse, None)))

    def test_knows_an_address_of_its_own_and_of_a_name_of_its_own(self):
        members = Members.parse("https://192.0.2.1:8443,https://localhost:9443,https://[2001:db8:0::3]")
        self.assertEqual(members.at("192.0.2.1").port, 8443)
        self.assertEqual(members.at("127.0.0.1").port, 9443)
        self.assertEqual(members.at("2001:db8::3").port, 443)
        self.assertIsNone(members.at("192.0.2.9"))

    def test_others_are_at_the_usual_port(self):
        self.assertEqual(Members.parse("https://a:8443").usual("192.0.2.9"), Member("192.0.2.9", 443, True))
        self.assertEqual(Members.parse("http://a").usual("192.0.2.9"), Member("192.0.2.9", 80, False))


class SuspiciousTest(SynchronousTestCase):
    def test_no_other_machine_is_at_these(self):
        for address in ("127.0.0.1", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", ""):
            self.assertTrue(is_suspicious(address), address)
        for address in ("192.0.2.1", "10.0.0.1", "2001:db8::1", "xen1.example"):
            self.assertFalse(is_suspicious(address), address)
