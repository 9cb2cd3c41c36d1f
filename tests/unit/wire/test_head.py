"""The one HTTP head parser, on literal bytes."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.fakes import play
from xvpproxy.wire import head
from xvpproxy.wire.conversation import Conversation, Ended, TooLong


def read() -> Conversation[bytes]:
    return (yield head.WholeHead())


class WholeHead(SynchronousTestCase):
    """Where a head begins and ends."""

    def test_stops_at_the_blank_line(self) -> None:
        whole, _sent, left = play(read(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\nRFB 003.008\n")
        self.assertEqual(whole, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(left, b"RFB 003.008\n")

    def test_a_head_cut_anywhere_is_not_a_head(self) -> None:
        whole = b"CONNECT /console?token=T HTTP/1.0\r\nHost: a\r\n\r\n"
        for cut in range(len(whole)):
            self.assertRaises(Ended, play, read(), whole[:cut])

    def test_one_that_begins_with_its_blank_line_has_no_first_line(self) -> None:
        whole, _sent, left = play(read(), b"\r\nGET / HTTP/1.1\r\n\r\n")
        self.assertEqual((whole, left), (b"\r\n", b"GET / HTTP/1.1\r\n\r\n"))
        self.assertRaises(head.MalformedHead, head.parse_request, whole)

    def test_admits_8192_bytes_and_no_more(self) -> None:
        start, end = b"GET /", b" HTTP/1.1\r\n\r\n"
        fitting = start + b"x" * (head.MAX_HEAD_BYTES - len(start) - len(end)) + end
        self.assertEqual(len(fitting), 8192)
        whole, _sent, _left = play(read(), fitting)
        self.assertEqual(whole, fitting)
        self.assertRaises(TooLong, play, read(), fitting.replace(b"x", b"xx", 1))

    def test_an_endless_line_is_too_long(self) -> None:
        self.assertRaises(TooLong, play, read(), b"x" * 10_000)

    def test_a_bare_line_feed_is_malformed_at_once(self) -> None:
        self.assertRaises(head.MalformedHead, play, read(), b"GET / HTTP/1.1\n")


def of(*lines: bytes) -> bytes:
    return b"".join([line + b"\r\n" for line in lines]) + b"\r\n"


class ParseRequest(SynchronousTestCase):
    """The request line and the headers."""

    def refuses(self, *lines: bytes) -> None:
        self.assertRaises(head.MalformedHead, head.parse_request, of(*lines))

    def test_takes_it_apart(self) -> None:
        request = head.parse_request(of(b"CONNECT /console?token=T HTTP/1.0", b"HOST:\t a ", b"X-Y: 1", b"x-y: 2"))
        self.assertEqual((request.method, request.target), (b"CONNECT", b"/console?token=T"))
        self.assertEqual(request.values(b"host"), [b"a"])
        self.assertEqual(request.values(b"x-y"), [b"1", b"2"])

    def test_admits_64_header_lines_and_no_more(self) -> None:
        first, header = b"GET / HTTP/1.1", b"A: b"
        self.assertEqual(len(head.parse_request(of(first, *[header] * 64)).headers), 64)
        self.assertRaises(head.TooManyLines, head.parse_request, of(first, *[header] * 65))

    def test_never_prints_its_target(self) -> None:
        self.assertNotIn("SECRET", repr(head.parse_request(of(b"GET /?token=SECRET HTTP/1.1"))))

    def test_refuses_other_request_lines(self) -> None:
        for line in (
            b"",
            b"GET /",
            b"GET  / HTTP/1.1",
            b"GET / HTTP/1.1 ",
            b" GET / HTTP/1.1",
            b"GET / HTTP/2.0",
            b"GET / HTTP/1.10",
            b"get / HTTP/1.1",
            b"GET /\x00 HTTP/1.1",
            b"GET /\r HTTP/1.1",
            b"GET / / HTTP/1.1",
        ):
            self.refuses(line)
        self.refuses()

    def test_refuses_what_is_no_header(self) -> None:
        for line in (b"Host", b" folded: x", b"\tfolded", b"Host : a", b": a", b"A: \x00", b"A: b\rC: d", b"A\x00: b"):
            self.refuses(b"GET / HTTP/1.1", line)


class ParseReply(SynchronousTestCase):
    """A status is exactly three digits of a well-formed line."""

    def test_reads_the_status(self) -> None:
        for line, status in (
            (b"HTTP/1.1 200 OK", 200),
            (b"HTTP/1.0 200 OK", 200),
            (b"HTTP/1.1 200", 200),
            (b"HTTP/1.1 200 ", 200),
            (b"HTTP/1.1 503 200", 503),
            (b"HTTP/1.1 401 Unauthorised", 401),
        ):
            self.assertEqual(head.parse_reply(of(line, b"content-length: 96")).status, status)

    def test_refuses_other_status_lines(self) -> None:
        for line in (
            b"",
            b"200",
            b"HTTP/1.1 2000",
            b"HTTP/1.1 2000 OK",
            b"HTTP/1.1 20",
            b"HTTP/1.1  200 OK",
            b"HTTP/2 200 OK",
            b"HTTP/1.1\t200 OK",
            b"ICY 200 OK",
            b"HTTP/1.1 +20 OK",
            b"HTTP/1.1 200OK",
        ):
            self.assertRaises(head.MalformedHead, head.parse_reply, of(line))
