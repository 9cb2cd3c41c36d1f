"""A XenServer's CONNECT, with the replies that its source prints."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.fakes import play
from xvpproxy.errors import ConsoleUnavailable, HandshakeFailed, InstanceNotFound, XvpError
from xvpproxy.wire import xenserver

PATH = "/console?ref=OpaqueRef:4f0c&session_id=OpaqueRef:9a1b"
OK = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"
BANNER = b"RFB 003.008\n"


def reply(status: bytes, body: bytes = b"") -> bytes:
    """A failure as the host prints it: lower-case names, content-length first."""
    length = b"content-length: %d\r\n" % len(body)
    kind = b"content-type: text/html\r\nconnection: close\r\ncache-control: no-cache, no-store\r\n\r\n"
    return b"HTTP/1.1 " + status + b"\r\n" + length + kind + body


def open_console(
    incoming: bytes, path: str = PATH, host: str = "192.0.2.10", port: int = 443
) -> tuple[bytes, bytes, bytes]:
    return play(xenserver.open_console(path, host, port), incoming)


class Request(SynchronousTestCase):
    """What the host is asked."""

    def test_is_a_path_and_a_host_and_nothing_else(self) -> None:
        _version, sent, _left = open_console(OK + BANNER)
        self.assertEqual(sent, f"CONNECT {PATH} HTTP/1.1\r\nHost: 192.0.2.10\r\n\r\n".encode())

    def test_names_an_unusual_port_and_brackets_ipv6(self) -> None:
        _version, sent, _left = open_console(OK + BANNER, host="2001:db8::1", port=8080)
        self.assertIn(b"\r\nHost: [2001:db8::1]:8080\r\n", sent)

    def test_sends_a_path_of_other_letters_as_it_is(self) -> None:
        path = "/console?ref=OpaqueRef:140b&name=Köln-東京"
        _version, sent, _left = open_console(OK + BANNER, path=path)
        self.assertTrue(sent.startswith(b"CONNECT " + path.encode() + b" HTTP/1.1\r\n"))

    def test_sends_a_session_as_the_only_cookie(self) -> None:
        _version, sent, _left = play(
            xenserver.open_console("/console?uuid=u", "192.0.2.10", 443, "OpaqueRef:9a1b"), OK + BANNER
        )
        self.assertEqual(
            sent,
            b"CONNECT /console?uuid=u HTTP/1.1\r\nHost: 192.0.2.10\r\nCookie: session_id=OpaqueRef:9a1b\r\n\r\n",
        )

    def test_refuses_to_send_a_session_that_is_no_cookie(self) -> None:
        for login in ("a b", "a;b", "a&b", "a\r\nX: y", "ä"):
            talk = xenserver.open_console("/console?uuid=u", "192.0.2.10", 443, login)
            error = self.assertRaises(HandshakeFailed, play, talk, OK + BANNER)
            self.assertNotIn(login, str(error))

    def test_refuses_to_send_what_is_no_path(self) -> None:
        for path in ("console", "/a b", "/a\r\nX: y", "/a\x00", '{"ticket": "x"}'):
            error = self.assertRaises(HandshakeFailed, open_console, OK + BANNER, path)
            self.assertEqual(error.cause, "bad_path")
            self.assertNotIn(path, str(error))


class Reply(SynchronousTestCase):
    """Which replies open the console, and what the others mean."""

    def refused(self, incoming: bytes) -> XvpError:
        return self.assertRaises(XvpError, open_console, incoming)

    def test_success_gives_the_version_and_leaves_the_rest(self) -> None:
        version, _sent, left = open_console(OK + BANNER + b"\x01\x01")
        self.assertEqual((version, left), (BANNER, b"\x01\x01"))

    def test_any_version_of_rfb_will_do(self) -> None:
        for banner in (b"RFB 003.003\n", b"RFB 003.889\n", b"RFB 005.000\n"):
            self.assertEqual(open_console(OK + banner)[0], banner)

    def test_a_200_alone_proves_nothing(self) -> None:
        for incoming, cause in (
            (OK, "upstream_reset"),
            (OK + BANNER[:5], "upstream_reset"),
            (OK + b"SSH-2.0-OpenSSH_9.2p1\r\n", "upstream_not_rfb"),
            (OK + b"RFB 003-008\n", "upstream_not_rfb"),
            (OK + b"RFB 03.0008\n", "upstream_not_rfb"),
        ):
            error = self.refused(incoming)
            self.assertEqual((error.status, error.cause), (502, cause), incoming)

    def test_each_status_has_its_meaning(self) -> None:
        for line, kind, status, cause in (
            (b"401 Unauthorised", HandshakeFailed, 502, "upstream_auth"),
            (b"403 Forbidden", HandshakeFailed, 502, "upstream_auth"),
            (b"404 Not Found", InstanceNotFound, 404, "vm_not_running"),
            (b"500 Internal Error", ConsoleUnavailable, 409, "vm_not_running"),
            (b"503 Connection Limit Exceeded", ConsoleUnavailable, 409, "console_busy"),
            (b"101 Switching Protocols", HandshakeFailed, 502, "upstream_status"),
            (b"204 No Content", HandshakeFailed, 502, "upstream_status"),
            (b"302 Found", HandshakeFailed, 502, "upstream_status"),
            (b"431 Request Header Fields Too Large", HandshakeFailed, 502, "upstream_status"),
        ):
            error = self.refused(reply(line) + BANNER)
            self.assertEqual((type(error), error.status, error.cause), (kind, status, cause), line)

    def test_who_holds_a_console_is_for_the_log_only(self) -> None:
        body = b"<html><body><h1>Connection Limit Exceeded</h1>\r\nThe user(s) root are connected</body></html>"
        error = self.refused(reply(b"503 Connection Limit Exceeded", body))
        self.assertIn("The user(s) root are connected", error.detail)
        self.assertNotIn("root", error.public)
        self.assertNotIn("\n", error.detail)

    def test_what_is_no_reply_is_malformed(self) -> None:
        for incoming in (
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\n\n" + BANNER,
            b"RFB 003.008\n",
            b"200 OK\r\n\r\n",
            b"x" * 9000,
            OK[:17] + b"A: " + b"x" * 9000 + b"\r\n\r\n",
            OK[:17] + b"A: b\r\n" * 100 + b"\r\n",
        ):
            error = self.refused(incoming)
            self.assertEqual((error.status, error.cause), (502, "upstream_malformed"), incoming[:40])

    def test_a_reply_cut_anywhere_is_a_reset(self) -> None:
        for cut in range(len(OK)):
            error = self.refused(OK[:cut])
            self.assertEqual((error.status, error.cause), (502, "upstream_reset"), cut)
