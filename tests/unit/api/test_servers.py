from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_api import DB, NOBODY, WEB, Bench, OneCaller
from xvpproxy.api.auth import Role
from xvpproxy.drivers.contract import Instance


class ListingTest(SynchronousTestCase):
    def setUp(self):
        self.bench = Bench()

    def ids(self, query="", path="/v2.1/servers"):
        status, body = self.bench.ask("GET", f"{path}{query}")
        self.assertEqual(status, 200, body)
        return [each["id"] for each in body["servers"]]

    def refused(self, query):
        status, body = self.bench.ask("GET", f"/v2.1/servers{query}")
        self.assertEqual(status, 400, query)
        return body["badRequest"]["message"]

    def test_shows_all_by_name(self):
        for path in ("/v2.1/servers", "/v2.1/servers/detail"):
            self.assertEqual(self.ids(path=path), [DB, WEB])

    def test_a_name_is_looked_for_inside_names(self):
        for pattern, found in (
            ("web1", [WEB]), ("WEB", [WEB]), ("b", [DB, WEB]), ("%5Eweb1%24", [WEB]), ("%5Eeb", []), ("b%24", [DB]),
            ("%5Ew", [WEB]), ("", [DB, WEB]), ("nobody", []), ("w.b1", []), ("(a%2B)%2B%24", []),
        ):  # fmt: skip
            self.assertEqual(self.ids(f"?name={pattern}"), found, pattern)

    def test_other_filters(self):
        self.assertEqual(self.ids("?status=active"), [WEB])
        self.assertEqual(self.ids(f"?uuid={DB.upper()}"), [DB])
        self.assertEqual(self.ids("?all_tenants=1&deleted=False&nonsense=x"), [DB, WEB])

    def test_pages(self):
        self.assertEqual(self.ids("?limit=1"), [DB])
        self.assertEqual(self.ids(f"?limit=1&marker={DB}"), [WEB])
        self.assertEqual(self.ids(f"?marker={WEB}"), [])
        self.assertEqual(self.ids("?limit=0"), [])
        _, body = self.bench.ask("GET", "/v2.1/p/servers/detail?limit=1")
        (link,) = body["servers_links"]
        self.assertEqual(link, {"rel": "next", "href": f"http://api:8774/v2.1/p/servers/detail?limit=1&marker={DB}"})
        self.assertNotIn("servers_links", self.bench.ask("GET", "/v2.1/servers?limit=2")[1])

    def test_a_page_is_bounded(self):
        self.bench.drivers.known = [
            Instance(f"{WEB[:-4]}{number:04x}", f"vm{number}", "ACTIVE", "static") for number in range(1500)
        ]
        self.assertEqual(len(self.ids("?limit=100000")), 1000)
        self.assertEqual(len(self.ids()), 1000)

    def test_a_bad_page_is_refused(self):
        self.assertIn("limit", self.refused("?limit=-1"))
        self.assertIn("limit", self.refused("?limit=" + "9" * 5000))
        self.assertIn(f"marker [{NOBODY}] not found", self.refused(f"?marker={NOBODY}"))

    def test_a_brief_entry_is_what_nova_gives(self):
        _, body = self.bench.ask("GET", "/v2.1/servers?name=web1")
        link = {"rel": "self", "href": f"http://api:8774/v2.1/servers/{WEB}"}
        self.assertEqual(body["servers"], [{"id": WEB, "name": "web1", "links": [link]}])


class ShowingTest(SynchronousTestCase):
    def test_has_what_command_lines_print(self):
        status, body = Bench().ask("GET", f"/v2.1/servers/{WEB.upper()}")
        server = body["server"]
        self.assertEqual((status, server["id"], server["name"], server["status"]), (200, WEB, "web1", "ACTIVE"))
        self.assertEqual((server["OS-EXT-STS:vm_state"], server["OS-EXT-STS:power_state"]), ("active", 1))
        self.assertEqual(server["OS-EXT-SRV-ATTR:host"], "h1")

    def test_hosts_are_for_admins(self):
        for role in (Role.CONSOLE, Role.READER):
            _, body = Bench(OneCaller(role)).ask("GET", f"/v2.1/servers/{WEB}")
            self.assertEqual([name for name in body["server"] if "host" in name], [])

    def test_every_state_has_novas_words(self):
        bench = Bench()
        for state in ("ACTIVE", "SHUTOFF", "PAUSED", "SUSPENDED", "MIGRATING", "UNKNOWN"):
            bench.drivers.known = [Instance(WEB, "web1", state, "static")]
            server = bench.ask("GET", f"/v2.1/servers/{WEB}")[1]["server"]
            self.assertEqual(server["status"], state)
            self.assertEqual(server["OS-EXT-STS:task_state"], "migrating" if state == "MIGRATING" else None)

    def test_only_a_uuid_finds_one(self):
        bench = Bench()
        bench.drivers.known.append(Instance(DB, NOBODY, "ACTIVE", "static"))
        for subject in ("web1", NOBODY, WEB[:-1], f"{WEB}%20", f"{WEB}%00", "%27%20OR%201=1", "x" * 5000):
            status, body = bench.ask("GET", f"/v2.1/servers/{subject}")
            self.assertEqual(status, 404, subject)
            self.assertIn("could not be found", body["itemNotFound"]["message"])
            self.assertLess(len(body["itemNotFound"]["message"]), 120)
