from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.api.messages import Fault
from xvpproxy.api.versions import NEWEST, OLDEST, negotiated, version_document, versions_document

NEW, OLD = "openstack-api-version", "x-openstack-nova-api-version"


class NegotiationTest(SynchronousTestCase):
    def refused(self, headers):
        with self.assertRaises(Fault) as caught:
            negotiated(headers)
        return caught.exception

    def test_none_is_the_oldest(self):
        self.assertEqual(negotiated({}), OLDEST)
        self.assertEqual(str(OLDEST), "2.1")

    def test_either_header_names_one(self):
        for headers in ({NEW: "compute 2.6"}, {OLD: "2.6"}, {NEW: "volume 3.1, Compute 2.6"}, {NEW: " compute  2.6 "}):
            self.assertEqual(negotiated(headers), (2, 6), headers)

    def test_the_new_header_wins(self):
        self.assertEqual(negotiated({NEW: "compute 2.6", OLD: "2.31"}), (2, 6))

    def test_the_new_header_of_another_service_says_nothing(self):
        self.assertEqual(negotiated({NEW: "volume 3.1", OLD: "2.31"}), (2, 31))
        self.assertEqual(negotiated({NEW: "volume 3.1"}), OLDEST)

    def test_latest_is_the_newest(self):
        self.assertEqual(negotiated({NEW: "compute latest"}), NEWEST)
        self.assertEqual(negotiated({OLD: "Latest"}), NEWEST)
        self.assertEqual(str(NEWEST), "2.99")

    def test_the_ends_are_in(self):
        self.assertEqual([str(negotiated({OLD: text})) for text in ("2.1", "2.99")], ["2.1", "2.99"])

    def test_outside_is_406(self):
        for text in ("2.0", "2.100", "1.9", "3.0", "999999999.999999999"):
            fault = self.refused({OLD: text})
            self.assertEqual(fault.status, 406, text)
            self.assertIn("Minimum is 2.1 and maximum is 2.99", fault.message)

    def test_malformed_is_400(self):
        for text in ("", "2", "2.", ".6", "2.06", "2.6.1", "v2.6", "-2.6", "2.x", "2." + "9" * 1000, "٢.٦"):
            self.assertEqual(self.refused({OLD: text}).status, 400, text)
        self.assertEqual(self.refused({NEW: "compute"}).status, 400)


class DocumentTest(SynchronousTestCase):
    def test_says_what_the_command_lines_read(self):
        version = version_document("http://api:8774")["version"]
        self.assertEqual((version["id"], version["status"]), ("v2.1", "CURRENT"))
        self.assertEqual((version["version"], version["min_version"]), ("2.99", "2.1"))
        self.assertEqual(version["links"], [{"rel": "self", "href": "http://api:8774/v2.1/"}])

    def test_the_list_has_that_one(self):
        (version,) = versions_document("http://api:8774")["versions"]
        self.assertEqual((version["id"], version["version"]), ("v2.1", "2.99"))
