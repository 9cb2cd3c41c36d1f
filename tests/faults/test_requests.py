"""What viewers say first: requests of every shape, and things that are none."""

import hashlib
import os

from tests import viewers
from tests.consoles import BANNER, rfb, xenserver
from tests.endpoint import dial, pause
from tests.faults.suite import FaultCase

START = b"CONNECT /console?token=the-token HTTP/1.0\r\n"

BAD_HEADS = {
    "another method": (b"POST /console?token=the-token HTTP/1.0\r\n\r\n", 400, "bad_method"),
    "lower case": (b"connect /console?token=the-token HTTP/1.0\r\n\r\n", 400, "bad_method"),
    "HTTP/2": (b"CONNECT /console?token=the-token HTTP/2.0\r\n\r\n", 400, "bad_head"),
    "no version": (b"CONNECT /console?token=the-token\r\n\r\n", 400, "bad_head"),
    "two spaces": (b"CONNECT  /console?token=the-token HTTP/1.0\r\n\r\n", 400, "bad_head"),
    "a bare LF": (b"CONNECT /console?token=the-token HTTP/1.0\n\n", 400, "bad_head"),
    "a bare LF in the headers": (START + b"Host: a\nX: b\r\n\r\n", 400, "bad_head"),
    "a bare CR": (START + b"Host: a\rb\r\n\r\n", 400, "bad_head"),
    "a NUL in the target": (b"CONNECT /console?token=the\x00token HTTP/1.0\r\n\r\n", 400, "bad_head"),
    "a NUL in a header": (START + b"Host: a\x00b\r\n\r\n", 400, "bad_head"),
    "a folded header": (START + b"Host: a\r\n b\r\n\r\n", 400, "bad_head"),
    "a blank in a header's name": (START + b"Host : a\r\n\r\n", 400, "bad_head"),
    "a header without a colon": (START + b"Host\r\n\r\n", 400, "bad_head"),
    "a header without a name": (START + b": a\r\n\r\n", 400, "bad_head"),
    "chunks": (START + b"Transfer-Encoding: chunked\r\n\r\n", 400, "bad_head"),
    "a body": (START + b"Content-Length: 5\r\n\r\nhello", 400, "bad_head"),
    "a negative body": (START + b"Content-Length: -1\r\n\r\n", 400, "bad_head"),
    "no token": (b"CONNECT /console HTTP/1.0\r\n\r\n", 400, "no_token"),
    "an empty token": (b"CONNECT /console?token= HTTP/1.0\r\n\r\n", 400, "no_token"),
    "the first token is empty": (b"GET /?token=&token=the-token HTTP/1.0\r\n\r\n", 400, "no_token"),
    "a token with a line end": (b"GET /?token=a%0d%0aX:%20b HTTP/1.0\r\n\r\n", 400, "bad_token"),
    "a token with a NUL": (b"GET /?token=the-token%00 HTTP/1.0\r\n\r\n", 400, "bad_token"),
    "a token that is not UTF-8": (b"GET /?token=%ff%fe HTTP/1.0\r\n\r\n", 400, "bad_token"),
    "8,193 bytes": (START + b"X: " + b"x" * (8193 - len(START) - 7) + b"\r\n\r\n", 431, "head_too_large"),
    "a target without end": (b"GET /?token=" + b"x" * 20_000, 431, "head_too_large"),
    "65 header lines": (START + b"X: y\r\n" * 65 + b"\r\n", 431, "head_too_large"),
    "a second token that is good": (b"GET /?token=other&token=the-token HTTP/1.0\r\n\r\n", 401, "token_unknown"),
    "an unknown token": (viewers.request("nobody-knows-it"), 401, "token_unknown"),
    "a TLS hello": (bytes.fromhex("16030102000100") + bytes(512), 400, "bad_method"),
    "RFB": (BANNER, 400, "bad_method"),
    "an SSH client": (b"SSH-2.0-OpenSSH_9.2\r\n", 400, "bad_method"),
    "zeros": (bytes(100), 400, "bad_method"),
    "a WebSocket": (b"GET /?token=the-token HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", 400, "browser"),
}

GOOD_HEADS = {
    "the old Java viewer": START + b"\r\n",
    "GET": b"GET /?token=the-token HTTP/1.1\r\n\r\n",
    "HTTP/1.1 with a Host": b"CONNECT /console?token=the-token HTTP/1.1\r\nHost: gateway.example:6081\r\n\r\n",
    "other parameters": b"GET /any/where?title=a%20b&token=the-token&x HTTP/1.0\r\n\r\n",
    "every character of the token encoded": b"GET /?token=%s HTTP/1.0\r\n\r\n"
    % b"".join(b"%%%02X" % byte for byte in b"the-token"),
    "the form that Nova mints for novnc": b"GET /vnc_lite.html?path=%3Ftoken%3Dthe-token HTTP/1.1\r\n\r\n",
    "a path with more in it": b"GET /?path=websockify%3Fa%3Db%26token%3Dthe-token HTTP/1.1\r\n\r\n",
    "a second token that is not good": b"GET /?token=the-token&token=other HTTP/1.0\r\n\r\n",
    "no body": START + b"Content-Length: 0\r\n\r\n",
    "8,192 bytes": START + b"X: " + b"x" * (8192 - len(START) - 7) + b"\r\n\r\n",
    "64 header lines": START + b"X: y\r\n" * 64 + b"\r\n",
}

REASONS = {400: "Invalid Request", 401: "Not Authorized", 431: "Request Header Fields Too Large"}


class Requests(FaultCase):
    async def test_every_bad_request_is_told_why_and_dials_nobody(self):
        console = self.console(rfb)
        for name, (head, status, cause) in BAD_HEADS.items():
            reply = await viewers.refused(self.port, head)
            self.assertEqual((reply.status, reply.reason), (status, REASONS[status]), name)
            self.assertEqual(self.gateway.closings[-1], ("refused", status, cause), name)
            self.assertEqual(self.gateway.closed[-1]["session_id"], reply.headers["X-Request-Id"], name)
        self.assertEqual(console.callers, [])
        await self.settled(*[("refused", status, cause) for _, status, cause in BAD_HEADS.values()])

    async def test_the_log_has_a_hint_for_who_came_to_the_wrong_door(self):
        await viewers.refused(self.port, BAD_HEADS["a TLS hello"][0])
        self.assertIn("no certificate", self.gateway.closed[-1]["detail"])
        await viewers.refused(self.port, BANNER)
        self.assertIn("access URL", self.gateway.closed[-1]["detail"])
        await self.settled("refused", "refused")

    async def test_every_good_request_opens_whole_or_in_small_pieces(self):
        self.console(rfb)
        for head in GOOD_HEADS.values():
            for size in (len(head), 1 + len(head) // 150):
                viewer = await dial(self.port)
                for at in range(0, len(head), size):
                    viewer.write(head[at : at + size])
                    await pause(0)
                await viewers.welcomed(viewer)
                await viewers.leave([viewer])
        await self.settled(*["viewer_left"] * 2 * len(GOOD_HEADS))

    async def test_early_bytes_are_delivered_once_in_order_behind_the_200(self):
        for size in (1, 64 << 10, 3 << 20):
            self.console(xenserver(b"HTTP/1.1 200 OK\r\n\r\n", BANNER, gap=0.05), path="/console?x=1")
            early = os.urandom(size)
            viewer = await viewers.knock(self.port, viewers.request("the-token") + early)
            await viewers.welcomed(viewer)
            echoed = await viewer.read(size)
            self.assertEqual(hashlib.sha256(echoed).digest(), hashlib.sha256(early).digest())
            await viewers.leave([viewer])
        await self.settled(*["viewer_left"] * 3)

    async def test_early_bytes_of_a_refused_viewer_reach_nobody(self):
        console = self.console(xenserver(b"HTTP/1.1 404 Not Found\r\n\r\n", then="end"), path="/console?x=1")
        reply = await viewers.refused(self.port, viewers.request("the-token") + os.urandom(64 << 10))
        self.assertEqual(reply.status, 404)
        self.assertEqual(console.callers[0].heard, len(console.callers[0].request))
        await self.settled(("refused", 404, "vm_not_running"))
