"""What viewers say first, and what they are told."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.fakes import play
from xvpproxy import errors
from xvpproxy.errors import BadRequest, HeadTooLarge
from xvpproxy.wire import preamble
from xvpproxy.wire.conversation import Ended


def read(request: bytes) -> str:
    """The token of a whole request."""
    token, sent, left = play(preamble.read(), request)
    assert (sent, left) == (b"", b"")
    return token.reveal()


class Requests(SynchronousTestCase):
    """Every form in which a viewer asks."""

    def test_reads_the_token_of_every_kind_of_viewer(self) -> None:
        for request in (
            b"CONNECT /console?token=T-1 HTTP/1.0\r\n\r\n",
            b"CONNECT /console?token=T-1&title=vm(uuid) HTTP/1.0\r\n\r\n",
            b"GET /anything/at/all?x=y&token=T-1 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /?path=%3Ftoken%3DT-1 HTTP/1.1\r\n\r\n",
            b"GET /vnc_lite.html?path=novnc%3Ftoken%3DT-1%26x%3Dy HTTP/1.1\r\n\r\n",
            b"CONNECT ?token=T-1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            b"CONNECT http://a:1/console?token=T-1 HTTP/1.1\r\n\r\n",
            b"CONNECT /console?token=T-1&token=second HTTP/1.0\r\n\r\n",
            b"CONNECT /console?token=T-1&path=%3Ftoken%3Dother HTTP/1.0\r\n\r\n",
        ):
            self.assertEqual(read(request), "T-1", request)

    def test_decodes_what_is_percent_encoded(self) -> None:
        self.assertEqual(
            read(b"GET /?token=tok%20en%2Fwith%3Fodd%26chars%3D HTTP/1.1\r\n\r\n"), "tok en/with?odd&chars="
        )
        self.assertEqual(read("GET /?token=j%C3%A9ton-令牌 HTTP/1.1\r\n\r\n".encode()), "jéton-令牌")

    def test_leaves_what_follows_the_blank_line(self) -> None:
        _token, _sent, left = play(preamble.read(), b"CONNECT /?token=T HTTP/1.0\r\n\r\nRFB 003.008\n\x01")
        self.assertEqual(left, b"RFB 003.008\n\x01")

    def test_a_viewer_that_leaves_in_the_middle_has_ended(self) -> None:
        whole = b"CONNECT /console?token=T HTTP/1.0\r\n\r\n"
        for cut in range(len(whole)):
            self.assertRaises(Ended, play, preamble.read(), whole[:cut])


class Refused(SynchronousTestCase):
    """What is no request for a console."""

    def refuses(self, request: bytes, cause: str) -> None:
        error = self.assertRaises(BadRequest, play, preamble.read(), request)
        self.assertEqual((error.status, error.cause), (400, cause), request)

    def test_another_method_at_its_first_wrong_byte(self) -> None:
        """The rest of the request never comes: the refusal does not wait for it."""
        for start in (
            b"P",
            b"GEX",
            b"HEAD",
            b"CONNECTION",
            b"get",
            b"RFB",
            b"\x16\x03\x01",
            b"\x00",
            b"\r\n",
            b"GET\t",
        ):
            self.refuses(start, "bad_method")

    def test_a_malformed_head(self) -> None:
        for request in (
            b"GET / HTTP/1.1\n",
            b"GET /?token=T\r\n\r\n",
            b"GET /?token=T HTTP/1.1\r\n folded\r\n\r\n",
            b"GET /?token=T\x00 HTTP/1.1\r\n\r\n",
            b"GET /?token=T HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"GET /?token=T HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
            b"GET /?token=T HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 7\r\n\r\n",
            b"GET /?token=T HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        ):
            self.refuses(request, "bad_head")

    def test_no_token(self) -> None:
        for target in (
            b"/console",
            b"/console?",
            b"/?token=",
            b"/?token=&token=T",
            b"/?Token=T",
            b"/?path=x",
            b"/?path=%3Fa=b",
        ):
            self.refuses(b"GET " + target + b" HTTP/1.1\r\n\r\n", "no_token")

    def test_a_token_that_is_not_text(self) -> None:
        for token in (b"%00", b"a%0d%0aX-Evil:%201", b"%ff", b"%7F", b"\xff\xfe"):
            self.refuses(b"GET /?token=" + token + b" HTTP/1.1\r\n\r\n", "bad_token")

    def test_a_browser(self) -> None:
        self.refuses(b"GET /?token=T HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n", "browser")

    def test_a_head_that_is_too_large(self) -> None:
        for request in (
            b"GET /" + b"x" * 9000,
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 65 + b"\r\n",
        ):
            error = self.assertRaises(HeadTooLarge, play, preamble.read(), request)
            self.assertEqual(error.status, 431)


class Answers(SynchronousTestCase):
    """The bytes that viewers rely on."""

    def test_success_is_these_19_bytes(self) -> None:
        self.assertEqual(preamble.ACCEPTED, b"HTTP/1.1 200 OK\r\n\r\n")

    def test_a_refusal_is_a_whole_reply(self) -> None:
        reply = preamble.refusal(errors.StoreUnavailable("the detail stays in the log"), "3f9c12ab")
        head, _blank, body = reply.partition(b"\r\n\r\n")
        self.assertEqual(
            head.split(b"\r\n"),
            [
                b"HTTP/1.1 503 Token Store Unavailable",
                b"Content-Type: text/plain",
                b"Content-Length: %d" % len(body),
                b"Retry-After: 5",
                b"X-Request-Id: 3f9c12ab",
                b"Connection: close",
            ],
        )
        self.assertIn(b"request 3f9c12ab", body)
        self.assertNotIn(b"detail", body)

    def test_every_refusal_has_the_status_and_phrase_that_viewers_know(self) -> None:
        expected = {
            errors.BadRequest: (400, "Invalid Request"),
            errors.NotAuthorized: (401, "Not Authorized"),
            errors.Forbidden: (403, "Forbidden"),
            errors.InstanceNotFound: (404, "Console Not Found"),
            errors.PreambleTimeout: (408, "Request Timeout"),
            errors.ConsoleUnavailable: (409, "Console Not Available"),
            errors.TooManyRequests: (429, "Too Many Requests"),
            errors.HeadTooLarge: (431, "Request Header Fields Too Large"),
            errors.UpstreamUnreachable: (502, "Console Unreachable"),
            errors.HandshakeFailed: (502, "Console Unreachable"),
            errors.StoreUnavailable: (503, "Token Store Unavailable"),
            errors.ShuttingDown: (503, "Shutting Down"),
            errors.UpstreamTimeout: (504, "Console Timed Out"),
        }
        for error, (status, reason) in expected.items():
            self.assertEqual((error.status, error.reason), (status, reason))
            self.assertTrue(preamble.refusal(error(), "0").startswith(f"HTTP/1.1 {status} {reason}\r\n".encode()))
