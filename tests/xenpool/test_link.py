"""One connection to a host that answers nonsense: every answer is a failure with a sentence, none is a traceback."""

import socket
import threading

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.drivers import xenapi_transport
from xvpproxy.drivers.xenapi_link import ApiFailure, Limits, Link, Unreachable
from xvpproxy.drivers.xenapi_members import Member

LIMITS = Limits(5.0, 5.0)
STRUCT = "<?xml version='1.0'?><methodResponse><params><param><value>{}</value></param></params></methodResponse>"
FAILURE = STRUCT.format(
    "<struct><member><name>Status</name><value>Failure</value></member>"
    "<member><name>ErrorDescription</name><value><array><data>{}</data></array></value></member></struct>"
)


def answer(body, status="200 OK"):
    data = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


class LinkTest(SynchronousTestCase):
    def talk(self, *pieces):
        """Call a host that says `pieces` to whatever it is asked."""
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve():
            peer, _address = server.accept()
            with peer:
                peer.settimeout(5)
                while b"</methodCall>" not in (heard := peer.recv(65536)) and heard:
                    pass
                for piece in pieces:
                    peer.sendall(piece)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        self.addCleanup(serving.join, 10)
        link = Link(Member("127.0.0.1", server.getsockname()[1], tls=False), trust=None)
        self.addCleanup(link.close)
        return link.call("OpaqueRef:s", "VM.get_all", limits=LIMITS)

    def why(self, *pieces):
        return str(self.assertRaises(Unreachable, self.talk, *pieces))

    def test_nonsense_is_unreachable(self):
        for piece in (
            b"", b"RFB 003.008\n", b"HTTP/1.1 200 OK\r\n\r\n", answer("<html>"), answer("hello"),
            answer(STRUCT.format("<int>1</int>")), answer(STRUCT.format("<struct></struct>")),
            answer(STRUCT.format("<int>one</int>")), answer("x" * 100)[:-10],
        ):  # fmt: skip
            self.assertTrue(self.why(piece), piece)

    def test_an_http_status_is_told(self):
        self.assertIn("HTTP status 503", self.why(answer("", "503 Service Unavailable")))

    def test_a_failure_has_its_code(self):
        values = "<value>HANDLE_INVALID</value><value>VM</value>"
        error = self.assertRaises(ApiFailure, self.talk, answer(FAILURE.format(values)))
        self.assertEqual((error.code, error.details), ("HANDLE_INVALID", ("VM",)))

    def test_a_failure_without_a_code_is_nonsense(self):
        self.assertIn("not XML-RPC", self.why(answer(FAILURE.format(""))))

    def test_a_monstrous_answer_is_cut_off(self):
        self.patch(xenapi_transport, "MAX_ANSWER_BYTES", 1000)
        self.assertIn("not XML-RPC", self.why(answer(STRUCT.format("<string>" + "x" * 2000 + "</string>"))))
