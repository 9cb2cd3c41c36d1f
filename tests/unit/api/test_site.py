import ssl

from tests.api_door import GET, SiteCase
from tests.certificates import Certificate
from xvpproxy.api.options import MAX_CONNECTIONS
from xvpproxy.api.tls import caller_context


class ConnectionsTest(SiteCase):
    def test_connections_are_counted(self):
        for _ in range(MAX_CONNECTIONS):
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
