"""The API's door over transports in memory: no port is opened."""

import json

from twisted.internet.error import ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from tests.configs.case import ConfigTestCase
from tests.fakes_api import WEB, Bench
from xvpproxy.api import site

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
