from hashlib import sha256

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_api import NEW, WEB, Bench, OneCaller
from tests.secrets import leaks
from xvpproxy.api import app
from xvpproxy.api.auth import Role, read_tokens
from xvpproxy.errors import DriverUnavailable

SERVER = f"/v2.1/servers/{WEB}"
REMOTE = {"remote_console": {"protocol": "vnc", "type": "xvpvnc"}}
ALICE, BOB = "alices-token-5d0c3690", "bobs-token-846de67b"


def tokens():
    lines = [f"alice admin {sha256(ALICE.encode()).hexdigest()}", f"bob reader {sha256(BOB.encode()).hexdigest()}"]
    return read_tokens("\n".join(lines), "/etc/t")


class AnswersTest(SynchronousTestCase):
    def test_documents_need_no_token(self):
        bench = Bench(tokens())
        for path, key in (("/", "versions"), ("/v2.1", "version"), ("/v2.1/", "version")):
            status, body = bench.ask("GET", path)
            self.assertEqual((status, list(body)), (200, [key]), path)

    def test_everything_else_needs_one(self):
        bench = Bench(tokens())
        for path in (
            "/v2.1/servers",
            "/v2.1/servers/detail",
            SERVER,
            "/v2.1/nothing",
            "/v2.1/os-console-auth-tokens/x",
        ):
            self.assertEqual(bench.ask("GET", path)[0], 401, path)
            self.assertEqual(bench.ask("GET", path, headers={"X-Auth-Token": "wrong"})[0], 401, path)
        self.assertEqual(bench.ask("GET", SERVER, headers={"X-Auth-Token": ALICE})[0], 200)

    def test_what_each_role_gets(self):
        calls = (
            *(("GET", "/v2.1/servers"), ("GET", "/v2.1/servers/detail"), ("GET", SERVER)),
            *(("POST", f"{SERVER}/remote-consoles"), ("GET", "/v2.1/os-console-auth-tokens/x")),
        )
        for role, statuses in (
            (Role.ADMIN, [200, 200, 200, 200, 404]),
            (Role.CONSOLE, [200, 200, 200, 200, 403]),
            (Role.READER, [200, 200, 200, 403, 403]),
        ):
            bench = Bench(OneCaller(role))
            got = [bench.ask(method, path, REMOTE, NEW)[0] for method, path in calls]
            self.assertEqual(got, statuses, role)
        bench = Bench(OneCaller(Role.READER))
        self.assertEqual(bench.ask("POST", f"{SERVER}/action", {"os-getVNCConsole": {"type": "novnc"}})[0], 403)

    def test_every_answer_has_an_id_and_its_version(self):
        bench = Bench()
        seen = set()
        for path, version in ((SERVER, "2.6"), ("/v2.1", "2.6"), ("/v2.1/nothing", "2.6"), ("/", None), ("/x", None)):
            answer = self.successResultOf(bench.asking("GET", path, headers=NEW))
            request_id = answer.headers["x-openstack-request-id"]
            self.assertRegex(request_id, r"\Areq-[0-9a-f-]{36}\Z")
            self.assertEqual(answer.headers["X-Request-Id"], request_id)
            seen.add(request_id)
            self.assertEqual(answer.headers.get("X-OpenStack-Nova-API-Version"), version, path)
            if version:
                self.assertEqual(answer.headers["OpenStack-API-Version"], "compute 2.6")
                self.assertEqual(answer.headers["Vary"], "OpenStack-API-Version, X-OpenStack-Nova-API-Version")
        self.assertEqual(len(seen), 5)

    def test_an_outage_says_when_to_try_again(self):
        bench = Bench()
        bench.drivers.failure = DriverUnavailable("no answer")
        answer = self.successResultOf(bench.asking("GET", SERVER))
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, "5"))
        self.assertEqual(list(answer.body), ["serviceUnavailable"])

    def test_a_gateway_that_stops_says_so(self):
        bench = Bench()
        bench.draining = True
        for path in ("/", "/v2.1", SERVER):
            self.assertEqual(bench.ask("GET", path)[0], 503)

    def test_a_defect_is_500_with_a_traceback_in_the_log(self):
        bench = Bench()
        bench.drivers.failure = KeyError("secret detail")
        status, body = bench.ask("GET", SERVER)
        self.assertEqual((status, list(body)), (500, ["computeFault"]))
        self.assertNotIn("secret", str(body))
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)


class WaitingTest(SynchronousTestCase):
    def setUp(self):
        self.bench = Bench()
        self.cancelled = []
        self.bench.drivers.hanging = Deferred(self.cancelled.append)

    def test_a_call_that_takes_too_long_is_given_up(self):
        asking = self.bench.asking("GET", SERVER)
        self.assertNoResult(asking)
        self.bench.clock.advance(app.CALL_SECONDS)
        self.assertEqual(self.successResultOf(asking).status, 503)
        self.assertEqual(len(self.cancelled), 1)

    def test_a_caller_who_leaves_cancels_what_runs(self):
        asking = self.bench.asking("GET", SERVER)
        asking.cancel()
        self.failureResultOf(asking, CancelledError)
        self.assertEqual(len(self.cancelled), 1)
        self.assertEqual(self.bench.clock.getDelayedCalls(), [])


class LimitsTest(SynchronousTestCase):
    def test_one_caller_is_slowed_down_and_not_another(self):
        bench = Bench(tokens(), per_second=2)
        statuses = [bench.ask("GET", SERVER, headers={"X-Auth-Token": ALICE})[0] for _ in range(8)]
        self.assertEqual(statuses, [200] * 6 + [429] * 2)
        self.assertEqual(bench.ask("GET", SERVER, headers={"X-Auth-Token": BOB})[0], 200)
        answer = self.successResultOf(bench.asking("GET", SERVER, headers={"X-Auth-Token": ALICE}))
        self.assertEqual((list(answer.body), answer.headers["Retry-After"]), (["overLimit"], "1"))
        bench.clock.advance(1)
        self.assertEqual(bench.ask("GET", SERVER, headers={"X-Auth-Token": ALICE})[0], 200)

    def test_who_guesses_at_tokens_is_held_up_even_with_a_right_one(self):
        bench = Bench(tokens())
        guesses = [bench.ask("GET", SERVER, headers={"X-Auth-Token": str(number)})[0] for number in range(30)]
        self.assertEqual(guesses, [401] * 20 + [429] * 10)
        good = {"X-Auth-Token": ALICE}
        self.assertEqual(bench.ask("GET", SERVER, headers=good)[0], 429)
        self.assertEqual(bench.ask("GET", SERVER, headers=good, address="192.0.2.2")[0], 200)
        bench.clock.advance(1)
        self.assertEqual(bench.ask("GET", SERVER, headers=good)[0], 200)


class LogTest(SynchronousTestCase):
    def test_a_call_is_a_line_that_names_the_caller_and_what_was_called(self):
        bench = Bench(tokens())
        with capturedLogs() as events:
            bench.ask("GET", SERVER, headers={"X-Auth-Token": BOB})
        (line,) = map(formatEvent, events)
        for words in ("GET /servers/*", "status=200", "from=192.0.2.1", "caller=bob", "request_id=req-"):
            self.assertIn(words, line)

    def test_no_token_and_no_access_url_is_in_any_line(self):
        bench = Bench(tokens())
        secret = "5d0c3690-2cdf-4d8a-a7a8-0fc38e4a89be"
        with capturedLogs() as events:
            _, body = bench.ask("POST", f"{SERVER}/remote-consoles", REMOTE, {**NEW, "X-Auth-Token": ALICE})
            for path in (f"/v2.1/os-console-auth-tokens/{secret}", f"/v2.1/{secret}", f"/{secret}?token={secret}"):
                bench.ask("GET", path, headers={"X-Auth-Token": ALICE, "OpenStack-API-Version": "compute 2.31"})
                bench.ask("GET", path, headers={"X-Auth-Token": secret})
        minted = body["remote_console"]["url"].partition("token=")[2]
        lines = [*map(formatEvent, events), *map(repr, events)]
        self.assertEqual(leaks(lines, secret, minted, ALICE), [])
        self.assertIn("minted fingerprint=", "\n".join(lines))
