"""A XenServer's answers to CONNECT, from literal bytes: whole, in pieces, too long, and wrong."""

import time

from tests import viewers
from tests.consoles import BANNER, XENSERVER_200, Caller, xenserver
from tests.endpoint import pause
from tests.faults.suite import FaultCase

PATH = "/console?uuid=16b48cc3-f907-45b6-bbcc-1b6be436d8f2"
OPENING = XENSERVER_200 + BANNER
UNKNOWN = ("handshake_failed", 502, "upstream_status")
MALFORMED = ("handshake_failed", 502, "upstream_malformed")
NOT_LET_IN = ("handshake_failed", 502, "upstream_auth")

UNAUTHORISED = (
    b"HTTP/1.1 401 Unauthorised\r\ncontent-length: 96\r\ncontent-type: text/html\r\nconnection: close\r\n"
    b'cache-control: no-cache, no-store\r\nWWW-Authenticate: Basic realm="connect_console"\r\n\r\n'
    b"<html><body><h1>HTTP 401 unauthorised</h1>"
)
NOT_RUNNING = (
    b"HTTP/1.1 500 Internal Error\r\ncontent-length: 246\r\ncontent-type: text/html\r\nconnection: close\r\n"
    b"cache-control: no-cache, no-store\r\n\r\n<html><body><h1>HTTP 500 internal server error</h1>"
    b"<h1> Additional information </h1>Console.Failure</body></html>"
)
IN_USE = (
    b"HTTP/1.1 503 Connection Limit Exceeded\r\ncontent-length: 99\r\ncontent-type: text/html\r\n"
    b"connection: close\r\n\r\n<html><body><h1>Connection limit</h1>in use by <b>mallory</b></body></html>"
)

REFUSALS = {
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n": UNKNOWN,
    b"HTTP/1.1 201 Created\r\n\r\n": UNKNOWN,
    b"HTTP/1.1 204 No Content\r\n\r\n": UNKNOWN,
    b"HTTP/1.1 302 Found\r\nLocation: https://192.0.2.1/\r\n\r\n": UNKNOWN,
    b"HTTP/1.1 400 Bad Request\r\n\r\n": UNKNOWN,
    UNAUTHORISED: NOT_LET_IN,
    b"HTTP/1.0 401\r\n\r\n": NOT_LET_IN,
    b"HTTP/1.1 403 Forbidden\r\n\r\n": NOT_LET_IN,
    b"HTTP/1.1 404 Not Found\r\n\r\n": ("refused", 404, "vm_not_running"),
    NOT_RUNNING: ("refused", 409, "vm_not_running"),
    IN_USE: ("refused", 409, "console_busy"),
    b"HTTP/1.1 503 200\r\n\r\n": ("refused", 409, "console_busy"),
    b"HTTP/1.1 599 200 OK\r\n\r\n": UNKNOWN,
    b"HTTP/1.1 2000\r\n\r\n": MALFORMED,
    b"HTTP/1.1 20\r\n\r\n": MALFORMED,
    b"HTTP/1.1 +200 OK\r\n\r\n": MALFORMED,
    b"HTTP/1.1  200 OK\r\n\r\n": MALFORMED,
    b"HTTP/1.1 200OK\r\n\r\n": MALFORMED,
    "HTTP/1.1 \uff12\uff10\uff10 OK\r\n\r\n".encode(): MALFORMED,
    b"HTTP/2 200 OK\r\n\r\n": MALFORMED,
    b"http/1.1 200 OK\r\n\r\n": MALFORMED,
    b"200 OK\r\n\r\n": MALFORMED,
    b"HTTP/1.1 200 OK\n\n": MALFORMED,
    b"HTTP/1.1 200 OK\r\nno header\r\n\r\n": MALFORMED,
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n": MALFORMED,
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 65 + b"\r\n": MALFORMED,
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 8200 + b"\r\n\r\n": MALFORMED,
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000: MALFORMED,
    b"\r\n\r\n": MALFORMED,
    BANNER: MALFORMED,
}
REASONS = {404: "Console Not Found", 409: "Console Not Available", 502: "Console Unreachable"}

GOOD = [
    OPENING,
    b"HTTP/1.0 200 OK\r\n\r\n" + BANNER,
    b"HTTP/1.1 200\r\n\r\n" + BANNER,
    b"HTTP/1.1 200 \r\n\r\n" + BANNER,
    b"HTTP/1.1 200 Whatever it says\r\ncontent-length: 0\r\n\r\n" + BANNER,
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 64 + b"\r\n" + BANNER,
    b"HTTP/1.1 200 OK\r\nX: " + b"x" * (8192 - 24) + b"\r\n\r\n" + BANNER,
]


class XenServerReplies(FaultCase):
    async def test_only_200_opens_and_every_refusal_has_its_status(self):
        for reply, ending in REFUSALS.items():
            for then in ("end", "silence"):
                self.console(xenserver(reply + BANNER, then=then), path=PATH)
                told = await viewers.refused(self.port, viewers.request("the-token"))
                self.assertEqual((told.status, told.reason), (ending[1], REASONS[ending[1]]), reply)
                self.assertNotIn("mallory", told.raw.decode())
        await self.settled(*[ending for ending in REFUSALS.values() for _ in range(2)])

    async def test_who_holds_a_console_in_use_is_told_to_the_log_alone(self):
        self.console(xenserver(IN_USE, then="end"), path=PATH)
        told = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertNotIn("mallory", told.raw.decode())
        self.assertIn("in use by mallory", self.gateway.closed[-1]["detail"])
        await self.settled(("refused", 409, "console_busy"))

    async def test_an_endless_refusal_is_read_for_4_kib_and_no_more(self):
        async def endless(caller: Caller) -> None:
            await caller.read_through(b"\r\n\r\n")
            caller.write(IN_USE)
            while not caller.ended:
                caller.write(b"x" * 1000)
                await pause(0.005)

        self.console(endless, path=PATH)
        told = await viewers.refused(self.port, viewers.request("the-token"))
        self.assertEqual(told.status, 409)
        self.assertLess(len(self.gateway.closed[-1]["detail"]), 300)
        await self.settled(("refused", 409, "console_busy"))

    async def test_every_good_reply_opens(self):
        for reply in GOOD:
            self.console(xenserver(reply), path=PATH)
            await viewers.leave([await viewers.enter(self.port, "the-token")])
        await self.settled(*["viewer_left"] * len(GOOD))

    async def test_a_reply_split_anywhere_opens_and_the_version_comes_once(self):
        at = 0

        async def split(caller: Caller) -> None:
            await xenserver(OPENING[:at], OPENING[at:] + b"behind", gap=0.004)(caller)

        self.console(split, path=PATH)
        for at in range(len(OPENING)):  # noqa: B007  (the console reads it)
            viewer = await viewers.enter(self.port, "the-token")
            self.assertEqual(await viewer.read(6), b"behind")
            await viewers.leave([viewer])
            self.assertEqual(viewer.received, b"")
        await self.settled(*["viewer_left"] * len(OPENING))

    async def test_a_reply_that_comes_byte_by_byte_opens_and_does_not_spin(self):
        self.console(xenserver(*[OPENING[at : at + 1] for at in range(len(OPENING))], gap=0.02), path=PATH)
        spent = time.process_time()
        viewer = await viewers.enter(self.port, "the-token")
        self.assertLess(time.process_time() - spent, 1.5)  # 90 steps over 2 s, with the bystanders' talk
        await viewers.leave([viewer])
        await self.settled("viewer_left")

    async def test_the_request_is_the_path_a_host_and_nothing_else(self):
        console = self.console(xenserver(OPENING), path=PATH)
        viewer = await viewers.enter(self.port, "the-token")
        expected = f"CONNECT {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{console.port}\r\n\r\n"
        self.assertEqual(console.callers[0].request.decode(), expected)
        await viewers.leave([viewer])
        await self.settled("viewer_left")

    async def test_a_path_that_would_forge_a_header_is_not_sent(self):
        paths = ["/console?x=1 HTTP/1.1\r\nX: y", "/a b", "console", "/a\x00", "http://192.0.2.1/"]
        for path in paths:
            console = self.console(xenserver(OPENING), path=path)
            told = await viewers.refused(self.port, viewers.request("the-token"))
            self.assertEqual(told.status, 502)
            self.assertEqual(console.callers[0].heard, 0)
        await self.settled(*[("handshake_failed", 502, "bad_path")] * len(paths))
