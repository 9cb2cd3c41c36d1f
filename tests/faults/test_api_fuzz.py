"""Thousands of broken requests at the console API: each gets an answer in Nova's shape, or the connection's end."""

import json
import random

from twisted.internet.testing import EventLoggingObserver
from twisted.logger import LogLevel, globalLogPublisher

from tests.api_door import BODY, GET, POST, SiteCase

SEED = 20120405
ROUNDS = 3000
WHOLE = POST + b"X-OpenStack-Nova-API-Version: 2.1\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
PIECES = (
    *(b"\r\n", b"\r\n\r\n", b"\x00", b"%00", b"%ff", b"//", b"/../", b"?", b"&=", b":", b" ", b"\t", b"\xff\xfe"),
    *(b"GET ", b" HTTP/1.1", b" HTTP/9.9", b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Host: ", b"X-Auth-Token: x\r\n", b"a" * 20000),
    *(b"OpenStack-API-Version: compute latest\r\n", b"latest", b"2.99", b"-1", b"limit=1", b"\x16\x03"),
    *(b"{", b"[" * 2000, b'"', b"\\ud800", b"null"),
)
#: Everything that these requests may be answered.
STATUSES = (200, 400, 403, 404, 406, 409, 413, 415, 429, 501)


class FuzzTest(SiteCase):
    def setUp(self):
        super().setUp()
        self.observer = EventLoggingObserver()
        globalLogPublisher.addObserver(self.observer)
        self.addCleanup(globalLogPublisher.removeObserver, self.observer)
        self.chance = random.Random(SEED)

    def mutated(self):
        """A request with a few places cut, doubled or replaced."""
        request = self.chance.choice((GET, WHOLE))
        for _ in range(self.chance.randint(1, 4)):
            start = self.chance.randrange(len(request) + 1)
            end = min(len(request), start + self.chance.choice((0, 0, 1, 5, 40)))
            request = request[:start] + self.chance.choice((*PIECES, request[start:end] * 2, b"")) + request[end:]
        return request

    def test_every_broken_request_is_answered_or_cut(self):
        statuses = set()
        for number in range(ROUNDS):
            request = self.mutated()
            cut = self.chance.randrange(len(request) + 1)
            connection, transport = self.connect()
            for piece in (request[:cut], request[cut:]):
                if piece and not transport.disconnecting:
                    connection.dataReceived(piece)
            for status, body in self.read(transport.value().replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")):
                statuses.add(status)
                self.assertIn(status, STATUSES, f"round {number}: {request!r}")
                if status != 200:
                    ((_, fault),) = body.items()
                    self.assertEqual((fault["code"], set(fault)), (status, {"code", "message"}), json.dumps(body))
            self.bench.clock.advance(60)
            self.assertTrue(transport.disconnecting, f"round {number}: {request!r}")
        self.assertTrue({200, 400, 404} <= statuses, statuses)
        self.assertEqual(self.bench.clock.getDelayedCalls(), [])
        self.assertEqual(self.door.connections, set())
        loud = [event for event in self.observer if event["log_level"] >= LogLevel.error]
        self.assertEqual(loud, [])
