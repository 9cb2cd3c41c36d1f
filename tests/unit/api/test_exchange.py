from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from tests.api_door import BODY, GET, POST, SiteCase
from tests.fakes_api import WEB
from tests.secrets import leaks
from xvpproxy.api.messages import MAX_BODY_BYTES


class RequestsTest(SiteCase):
    def test_one_connection_serves_several_calls(self):
        statuses = [status for status, _ in self.answers(GET, GET + GET, GET.replace(WEB.encode(), b"x"))]
        self.assertEqual(statuses, [200, 200, 200, 404])
        self.assertFalse(self.transport.disconnecting)

    def test_head_has_no_body(self):
        connection, transport = self.connect()
        connection.dataReceived(GET.replace(b"GET", b"HEAD"))
        head, _, body = transport.value().partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 OK"))
        self.assertRegex(head, rb"Content-Length: [1-9]")
        self.assertEqual(body, b"")

    def test_a_call_may_come_byte_by_byte(self):
        request = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
        ((status, body),) = self.answers(*(request[at : at + 1] for at in range(len(request))))
        self.assertEqual((status, body["console"]["type"]), (200, "xvpvnc"))

    def test_a_body_may_come_in_chunks(self):
        chunks = b"5\r\n" + BODY[:5] + b"\r\n%x\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\n\r\n"
        self.assertEqual(self.answers(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)[0][0], 200)

    def test_a_body_that_is_too_long_is_told_and_not_kept(self):
        huge = b" " * (MAX_BODY_BYTES * 3)
        head = POST + b"Content-Length: %d\r\n\r\n" % len(huge)
        ((status, body),) = self.answers(head, huge)
        self.assertEqual((status, body["overLimit"]["code"]), (413, 413))
        chunk = b"%x\r\n" % len(huge) + huge + b"\r\n"
        self.assertEqual(
            self.answers(POST + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk, b"0\r\n\r\n")[0][0], 413
        )

    def test_what_is_no_request_of_ours_gets_no_traceback(self):
        long = b"x" * 70000
        for garbage in (
            b"\r\n\r\n\r\n", b"\x00\x01\x02\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1 x\r\n\r\n", b"RFB 003.008\n",
            b"GET /" + long + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + long + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000 + b"\r\n", b"GET / HTTP/1.1\r\nX\r\n\r\n",
            POST + b"Content-Length: x\r\n\r\n", POST + b"Content-Length: -1\r\n\r\n",
            POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\n\r\n",
            b"GET http://evil/ HTTP/1.1\r\n\r\n", b"GET * HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ):  # fmt: skip
            for status, body in self.answers(garbage):
                self.assertIn(status, (400, 404, 413, 501), garbage[:40])
                ((_, fault),) = body.items()
                self.assertEqual(fault["code"], status)
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_no_event_of_ours_or_of_the_library_has_a_path_or_a_header(self):
        """The library's access log would hold whole paths, and so tokens."""
        secret = b"5d0c3690-2cdf-4d8a-a7a8-0fc38e4a89be"
        request = b"GET /v2.1/os-console-auth-tokens/%s?t=%s HTTP/1.1\r\nHost: api\r\nX-Auth-Token: %s\r\n\r\n"
        with capturedLogs() as events:
            self.answers(request % (secret, secret, secret), b"GET /%s\r\n\r\n" % secret)
        self.assertTrue(events)
        self.assertEqual(leaks([repr(event) for event in events], secret.decode()), [])


class BoundsTest(SiteCase):
    def test_a_request_that_does_not_end_is_cut(self):
        for pieces in ((), (GET[:-2],), (b"G",), (GET, b"POST /"), (POST + b"Content-Length: 9\r\n\r\n", b"{")):
            connection, transport = self.connect()
            for piece in pieces:
                connection.dataReceived(piece)
            for _ in range(29):
                self.bench.clock.advance(1)
                self.assertFalse(transport.disconnecting, pieces)
                connection.dataReceived(b"") if pieces else None
            self.bench.clock.advance(1)
            self.assertTrue(transport.disconnecting, pieces)
            self.assertEqual(self.door.connections, set())
        self.assertEqual(self.bench.clock.getDelayedCalls(), [])

    def test_a_call_that_takes_long_is_waited_for(self):
        self.bench.drivers.hanging = Deferred()
        connection, transport = self.connect()
        connection.dataReceived(GET)
        self.bench.clock.advance(60)
        self.assertEqual((transport.value(), transport.disconnecting), (b"", False))
        self.bench.drivers.hanging.callback(None)
        self.assertIn(b"200 OK", transport.value())

    def test_a_caller_who_leaves_cancels_the_call(self):
        cancelled = []
        self.bench.drivers.hanging = Deferred(cancelled.append)
        connection, _ = self.connect()
        connection.dataReceived(GET)
        connection.connectionLost(Failure(ConnectionLost()))
        self.assertEqual(len(cancelled), 1)
        self.assertEqual(self.bench.clock.getDelayedCalls(), [])
