"""The door over transports in memory: no port is opened."""

import json
import ssl

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from tests.certificates import Certificate
from tests.configs.case import ConfigTestCase
from tests.fakes_api import WEB, Bench
from xvpproxy.api import site
from xvpproxy.api.messages import MAX_BODY_BYTES
from xvpproxy.api.tls import caller_context

GET = b"GET /v2.1/servers/%s HTTP/1.1\r\nHost: api:8774\r\n\r\n" % WEB.encode()
BODY = b'{"os-getVNCConsole": {"type": "xvpvnc"}}'
POST = b"POST /v2.1/servers/%s/action HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n" % WEB.encode()


class Transport(StringTransport):
    """A transport that tells its protocol when it is gone, as a socket does."""

    def setTcpNoDelay(self, enabled):
        pass

    def abortConnection(self):
        self.loseConnection()
        if self.protocol is not None:
            protocol, self.protocol = self.protocol, None
            protocol.connectionLost(Failure(ConnectionLost()))


class SiteCase(ConfigTestCase):
    def setUp(self):
        super().setUp()
        self.bench = Bench()
        self.door = site.Door(self.bench.api, reactor=self.bench.clock, tls=None, tls_required=False)

    def connect(self):
        connection, transport = self.door.buildProtocol(None), Transport()
        transport.protocol = connection
        connection.makeConnection(transport)
        return connection, transport

    def answers(self, *pieces):
        """What one connection is answered: pairs of the status and the body."""
        connection, self.transport = self.connect()
        for piece in pieces:
            if not self.transport.disconnecting:
                connection.dataReceived(piece)
        return list(self.read(self.transport.value()))

    def read(self, data):
        while data:
            head, _, rest = data.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:])
            length = int(headers.get("content-length", 0))
            yield int(lines[0].split()[1]), json.loads(rest[:length]) if length else None
            data = rest[length:]


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

    def test_no_line_in_the_log_is_made_by_the_http_library(self):
        """Its access log would hold paths, and so tokens."""
        lines = []
        self.patch(site.http.HTTPFactory, "log", lambda *args: lines.append(args))
        self.answers(GET)
        self.assertEqual(lines, [])


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

    def test_connections_are_counted(self):
        for _ in range(site.MAX_CONNECTIONS):
            self.connect()
        self.assertIsNone(self.door.buildProtocol(None))
        next(iter(self.door.connections)).abort()
        self.assertIsNotNone(self.door.buildProtocol(None))

    def test_closing_ends_them_all(self):
        connections = [self.connect() for _ in range(3)]
        connections[0][0].dataReceived(GET)
        self.door.close()
        self.assertEqual([transport.disconnecting for _, transport in connections], [True] * 3)
        self.assertEqual(self.bench.clock.getDelayedCalls(), [])


class TlsTest(SiteCase):
    def setUp(self):
        super().setUp()
        self.pem = pem = Certificate(self.directory).path
        self.door.tls = caller_context(cert=pem, key=None, ciphers=None, minimum_version="tlsv1_2")
        self.context = ssl.create_default_context(cafile=pem)
        self.context.check_hostname = False

    def call(self, request):
        """What the door answers inside TLS."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(incoming, outgoing)
        connection, transport = self.connect()
        answer = b""
        for step in (tls.do_handshake, lambda: tls.write(request), lambda: tls.read(65536)):
            for _ in range(10):
                try:
                    answer = step()
                    break
                except ssl.SSLWantReadError:
                    if outgoing.pending:
                        connection.dataReceived(outgoing.read())
                    self.bench.clock.advance(0)
                    incoming.write(transport.value())
                    transport.clear()
        return answer

    def test_serves_tls_and_plain_on_one_port(self):
        answer = self.call(b"GET / HTTP/1.1\r\nHost: api\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK"), answer)
        self.assertIn(b'"https://api/v2.1/"', answer)
        self.assertEqual(self.answers(GET)[0][0], 200)

    def test_refuses_plain_where_tls_is_required(self):
        self.door.tls_required = True
        ((status, body),) = self.answers(GET)
        self.assertEqual(status, 400)
        self.assertIn("https", body["badRequest"]["message"])
        self.assertTrue(self.transport.disconnecting)
        self.assertTrue(self.call(b"GET / HTTP/1.1\r\nHost: api\r\n\r\n").startswith(b"HTTP/1.1 200 OK"))

    def test_a_handshake_that_is_none_ends_the_connection(self):
        for garbage in (b"\x16\x03\x01\x00\x05hello", b"\x16" + b"\x00" * 100, b"\x16\xff\xff\xff\xff" + b"x" * 70000):
            connection, transport = self.connect()
            connection.dataReceived(garbage)
            self.assertTrue(transport.disconnecting, garbage[:9])
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_the_least_version_is_kept(self):
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.door.tls = caller_context(cert=self.pem, key=None, ciphers=None, minimum_version="tlsv1_3")
        self.assertRaises(ssl.SSLError, self.call, GET)
