from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_api import DB, NEW, NOBODY, PATH, WEB, Bench
from tests.fakes_stores import connect_info
from xvpproxy.drivers.contract import Console
from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, InstanceNotFound, StoreUnavailable
from xvpproxy.model import Token

OLD_CALL = f"/v2.1/servers/{WEB}/action"
NEW_CALL = f"/v2.1/servers/{WEB}/remote-consoles"


def remote(console_type="xvpvnc", protocol="vnc", **more):
    return {"remote_console": {"protocol": protocol, "type": console_type, **more}}


class ConsolesCase(SynchronousTestCase):
    def setUp(self):
        self.bench = Bench()

    def minted(self, url):
        """What the token in an access URL opens."""
        secret = url.replace("%3D", "=").partition("token=")[2]
        return self.successResultOf(Deferred.fromCoroutine(self.bench.consoleauth.check(Token(secret))))

    def refused(self, status, *args, **kwargs):
        answer, body = self.bench.ask("POST", *args, **kwargs)
        self.assertEqual(answer, status, body)
        ((_, fault),) = body.items()
        self.assertEqual(fault["code"], status)
        return fault["message"]


class OldCallTest(ConsolesCase):
    def test_gives_an_access_url_for_each_type(self):
        for console_type, start in (
            ("xvpvnc", "http://gw:6081/console?token="),
            ("novnc", "http://gw:6080/vnc.html?path="),
        ):
            status, body = self.bench.ask("POST", OLD_CALL, {"os-getVNCConsole": {"type": console_type}})
            self.assertEqual((status, body["console"]["type"]), (200, console_type))
            self.assertTrue(body["console"]["url"].startswith(start), body)
            info = self.minted(body["console"]["url"])
            self.assertEqual((info.instance_uuid, info.host, info.port), (WEB, "192.0.2.7", 5900))
            self.assertEqual((info.internal_access_path, info.console_type), (PATH, console_type))

    def test_what_does_not_fit_the_schema_is_400(self):
        good = {"type": "xvpvnc"}
        for body in (
            {}, [], "x", None, 7, {"os-getVNCConsole": None}, {"os-getVNCConsole": []}, {"os-getVNCConsole": {}},
            {"os-getVNCConsole": {"type": None}}, {"os-getVNCConsole": {"type": "vnc"}},
            {"os-getVNCConsole": {"type": ["xvpvnc"]}}, {"os-getVNCConsole": {"type": "spice-html5"}},
            {"os-getVNCConsole": {**good, "x": 1}}, {"os-getVNCConsole": good, "x": {}},
            b"", b"{", b"\xff",
        ):  # fmt: skip
            self.refused(400, OLD_CALL, body)

    def test_console_types_that_are_not_there_are_unavailable(self):
        for action, kind in (
            *(("os-getSPICEConsole", "spice-html5"), ("os-getRDPConsole", "rdp-html5")),
            ("os-getSerialConsole", "serial"),
        ):
            self.assertEqual(self.refused(400, OLD_CALL, {action: {"type": kind}}), f"Unavailable console type {kind}.")

    def test_other_actions_are_not_implemented(self):
        self.assertIn("reboot", self.refused(501, OLD_CALL, {"reboot": {"type": "HARD"}}))


class NewCallTest(ConsolesCase):
    def test_gives_an_access_url_for_each_type(self):
        for console_type in ("xvpvnc", "novnc"):
            status, body = self.bench.ask("POST", NEW_CALL, remote(console_type), NEW)
            console = body["remote_console"]
            self.assertEqual((status, console["protocol"], console["type"]), (200, "vnc", console_type))
            self.assertEqual(self.minted(console["url"]).console_type, console_type)

    def test_what_does_not_fit_the_schema_is_400(self):
        for body in (
            {}, [], {"remote_console": []}, {"remote_console": {}}, {"remote_console": {"protocol": "vnc"}},
            {"remote_console": {"type": "xvpvnc"}}, remote(x=1), remote("x"), remote(protocol="x"), remote(1),
            {**remote(), "x": 1}, {"os-getVNCConsole": {"type": "xvpvnc"}},
        ):  # fmt: skip
            self.refused(400, NEW_CALL, body, NEW)

    def test_words_come_with_their_versions(self):
        for kind, protocol, version in (("webmks", "mks", "2.8"), ("spice-direct", "spice", "2.99")):
            headers = {"OpenStack-API-Version": f"compute {version}"}
            self.assertIn("Invalid input", self.refused(400, NEW_CALL, remote(kind, protocol), NEW))
            self.assertIn("Unavailable console type", self.refused(400, NEW_CALL, remote(kind, protocol), headers))

    def test_protocol_and_type_that_do_not_go_together_are_400(self):
        self.assertEqual(self.refused(400, NEW_CALL, remote("serial"), NEW), "Invalid console type serial")
        self.assertEqual(self.refused(400, NEW_CALL, remote("novnc", "spice"), NEW), "Unavailable console type novnc.")

    def test_what_stands_in_the_way_has_its_status(self):
        for failure, status, words in (
            (InstanceNotFound("gone"), 404, "could not be found"),
            (ConsoleUnavailable("halted", public="It is halted; start it."), 409, "It is halted; start it."),
            (DriverUnavailable("no answer from pool 192.0.2.200"), 503, "could not be looked up"),
            (NotImplementedError(), 501, "cannot do that"),
        ):
            self.bench.drivers.failure = failure
            message = self.refused(status, NEW_CALL, remote(), NEW)
            self.assertIn(words, message)
            self.assertNotIn("192.0.2.200", message)

    def test_an_unknown_instance_is_404(self):
        self.assertIn(NOBODY, self.refused(404, f"/v2.1/servers/{NOBODY}/remote-consoles", remote(), NEW))

    def test_a_console_that_is_gone_since_the_look_up_is_404(self):
        async def gone(instance):
            raise InstanceNotFound("no such VM")

        self.bench.drivers.locate = gone
        self.refused(404, NEW_CALL, remote(), NEW)

    def test_a_store_that_cannot_answer_is_503(self):
        self.bench.store.failure = StoreUnavailable("memcached: refused")
        self.assertIn("token store cannot answer", self.refused(503, NEW_CALL, remote(), NEW))

    def test_options_that_cannot_make_a_url_are_our_fault(self):
        self.bench.consoleauth.lifetimes.token_ttl = 0
        self.assertIn("above 0 seconds", self.refused(500, NEW_CALL, remote(), NEW))
        self.bench.drivers.console = Console("not a host", 5900)
        self.refused(500, NEW_CALL, remote(), NEW)


class TokenTest(ConsolesCase):
    def ask(self, token, version, query=""):
        headers = {"OpenStack-API-Version": f"compute {version}"}
        return self.bench.ask("GET", f"/v2.1/os-console-auth-tokens/{token}{query}", headers=headers)

    def mint(self, **changes):
        token = Token("5d0c3690-2cdf-4d8a-a7a8-0fc38e4a89be")
        info = connect_info(token, instance_uuid=DB, expires_at=self.bench.clock.seconds() + 9, **changes)
        self.successResultOf(Deferred.fromCoroutine(self.bench.store.put(token, info)))
        return token.reveal()

    def test_shows_what_a_token_opens(self):
        token = self.mint(internal_access_path=PATH)
        console = {"instance_uuid": DB, "host": "192.0.2.7", "port": 5900, "internal_access_path": PATH}
        for version in ("2.31", "2.99"):
            self.assertEqual(self.ask(token, version), (200, {"console": console}))

    def test_before_2_31_only_those_of_rdp(self):
        self.assertEqual(self.ask(self.mint(), "2.30")[0], 401)
        self.assertEqual(self.ask(self.mint(console_type="rdp-html5"), "2.1")[0], 200)

    def test_an_unknown_and_an_expired_token_are_not_found(self):
        token = self.mint()
        self.assertEqual(self.ask("no-such-token", "2.31")[0], 404)
        self.bench.clock.advance(10)
        self.assertEqual(self.ask(token, "2.31"), (404, {"itemNotFound": {"code": 404, "message": "Token not found"}}))

    def test_from_2_99_on_a_query_is_refused(self):
        token = self.mint()
        self.assertEqual([self.ask(token, version, "?x=1")[0] for version in ("2.98", "2.99")], [200, 400])

    def test_a_store_that_cannot_answer_is_503(self):
        self.bench.store.failure = StoreUnavailable("memcached: refused")
        self.assertEqual(self.ask("some-token", "2.31")[0], 503)
