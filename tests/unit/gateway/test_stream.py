"""A socket that can hold a conversation.

A stream lives on bare sockets, so its tests have real ones: a peer's end, and
the reactor's turns in between.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import tempfile

from twisted.internet.defer import CancelledError

from tests.certificates import make_certificate
from tests.sockets import fill, in_thread, read_to_end, reset, tcp_pair
from tests.stream_case import STALE, StreamCase, the_next, three_parts
from tests.tasks import run
from xvpproxy.gateway.dispatch import ReactorDispatch
from xvpproxy.gateway.sealed import TLSFailed
from xvpproxy.gateway.stream import READ_AHEAD_BYTES
from xvpproxy.wire.conversation import Begun, Conversation, Ended, Exactly, Rest, TooLong

WORDS = (b"CONNECT ", b"GET ")


class Conversing(StreamCase):
    async def test_a_conversation_split_and_glued_anywhere_is_the_same(self) -> None:
        said = b"a line\r\nxyz"
        for cut in range(1, len(said)):
            self.peer.sendall(said[:cut])
            talk = self.converse(three_parts())
            await self.turns(0.001)
            self.peer.sendall(said[cut:])
            self.assertEqual(await talk, [b"a line\r\n", b"xyz"])
            self.assertEqual(await in_thread(self.peer.recv, 100), b"go on")

    async def test_a_conversation_one_byte_at_a_time_is_the_same(self) -> None:
        talk = self.converse(three_parts())
        for byte in b"a line\r\nxyz":
            self.assertFalse(talk.called)
            self.peer.sendall(bytes([byte]))
            await self.turns(0.01)
        self.assertEqual(await talk, [b"a line\r\n", b"xyz"])

    async def test_what_a_conversation_leaves_goes_to_the_next_and_to_the_relay(self) -> None:
        self.peer.sendall(b"line\r\nabcdef and more")
        self.assertEqual(await self.converse(three_parts()), [b"line\r\n", b"abc"])
        self.assertEqual(await self.converse(the_next(3)), b"def")
        leg = self.detach()
        self.assertEqual(leg.leftover, b" and more")

    async def test_a_mark_that_does_not_come_within_the_limit_is_too_long(self) -> None:
        self.peer.sendall(b"x" * 100)
        with self.assertRaises(TooLong):
            await self.converse(three_parts())

    async def test_what_begins_with_a_word_is_waited_for_and_a_wrong_one_is_known_at_its_first_wrong_byte(self) -> None:
        def word() -> Conversation[bytes]:
            return (yield Begun(WORDS, Exactly(9)))

        for said in (b"GET 12345", b"CONNECT 1", b"GEX", b"\x16"):
            talk = self.converse(word())
            for byte in said:
                await self.turns(0.01)
                self.assertFalse(talk.called, said)
                self.peer.sendall(bytes([byte]))
            self.assertEqual(await talk, said)

    async def test_the_end_in_the_middle_is_thrown_into_the_conversation(self) -> None:
        def careful() -> Conversation[str]:
            try:
                yield Exactly(10)
            except Ended:
                return "noticed"
            return "missed"

        self.peer.sendall(b"abc")
        self.peer.shutdown(socket.SHUT_WR)
        self.assertEqual(await self.converse(careful()), "noticed")

    async def test_what_came_with_the_end_is_still_there_for_the_conversation(self) -> None:
        self.peer.sendall(b"a line\r\nxyz")
        self.peer.shutdown(socket.SHUT_WR)
        await self.turns()
        self.assertEqual(await self.converse(three_parts()), [b"a line\r\n", b"xyz"])

    async def test_the_rest_is_what_comes_within_the_patience(self) -> None:
        def rest() -> Conversation[bytes]:
            return (yield Rest(100, 0.1))

        self.peer.sendall(b"abc")
        self.assertEqual(await self.converse(rest()), b"abc")
        self.peer.sendall(b"x" * 150)
        self.assertEqual(await self.converse(rest()), b"x" * 100)

    async def test_the_rest_is_what_came_before_the_end(self) -> None:
        def rest() -> Conversation[bytes]:
            return (yield Rest(100, 20))

        for wait in (0, 0.1):
            self.peer.sendall(b"abc")
            talk = self.converse(rest()) if wait else None
            await self.turns(wait)
            self.peer.shutdown(socket.SHUT_WR)
            await self.turns()
            self.assertEqual(await (talk or self.converse(rest())), b"abc")
            ours, self.peer = tcp_pair()
            self.addCleanup(self.peer.close)
            self.stream = self.stream_on(ours)

    async def test_cancelling_a_conversation_leaves_a_stream_that_can_be_closed(self) -> None:
        talk = self.converse(three_parts())
        talk.cancel()
        with self.assertRaises(CancelledError):
            await talk
        self.peer.sendall(b"x")
        self.assertEqual(await run(self.stream.peek()), b"x")
        self.stream.close()
        self.assertEqual(await in_thread(read_to_end, self.peer), b"")

    async def test_what_the_peer_does_not_take_goes_out_as_it_can(self) -> None:
        said = bytes(range(256)) * 40_000
        self.stream.send(said[:-1])
        self.stream.send(said[-1:])
        self.stream.finish(patience=20, done=lambda: self.left.append("closed"))
        self.assertEqual(await in_thread(read_to_end, self.peer), said)


class ReadingAhead(StreamCase):
    async def test_a_stream_that_was_full_goes_on(self) -> None:
        """Nobody tells a second time of bytes that were left with the kernel."""
        said = bytes(range(256)) * (4 * READ_AHEAD_BYTES // 256)
        writing = in_thread(self.peer.sendall, said)
        await self.turns()
        heard = b""
        while len(heard) < len(said):
            heard += await self.converse(the_next(READ_AHEAD_BYTES // 4))
        self.assertEqual(heard, said)
        await writing

    async def test_a_step_of_more_than_comes_at_once_is_met(self) -> None:
        said = b"x" * READ_AHEAD_BYTES
        talk = self.converse(the_next(len(said)))
        for start in range(0, len(said), len(said) // 4):
            self.peer.sendall(said[start : start + len(said) // 4])
            await self.turns(0.01)
        self.assertEqual(await talk, said)


class PeerLeaving(StreamCase):
    """The viewer is watched while the gateway is busy elsewhere."""

    async def test_a_fin_is_told_once(self) -> None:
        self.peer.shutdown(socket.SHUT_WR)
        await self.until_gone()
        self.assertEqual(self.left, ["gone"])

    async def test_a_reset_is_told_once(self) -> None:
        reset(self.peer)
        await self.until_gone()
        self.assertEqual(self.left, ["gone"])

    async def test_early_bytes_are_bounded_and_the_end_behind_them_is_told(self) -> None:
        self.peer.sendall(bytes(READ_AHEAD_BYTES * 3 // 2))
        await self.turns()
        self.assertEqual(self.left, [])
        self.peer.shutdown(socket.SHUT_WR)
        await self.until_gone()
        self.assertEqual(self.left, ["gone"])
        leg = self.detach()
        self.assertLessEqual(len(leg.leftover), 2 * READ_AHEAD_BYTES)

    async def test_a_reset_behind_early_bytes_is_told(self) -> None:
        await in_thread(fill, self.peer)
        reset(self.peer)
        await self.until_gone()
        self.assertEqual(self.left, ["gone"])

    async def test_nothing_is_told_of_a_stream_that_was_handed_over(self) -> None:
        self.detach()
        self.peer.close()
        await self.turns()
        self.assertEqual(self.left, [])

    async def test_nor_where_the_stream_reads_no_further(self) -> None:
        """Then the end is told before it can be read: whether it has come is asked."""
        writing = in_thread(self.peer.sendall, bytes(4 * READ_AHEAD_BYTES))
        await self.turns()
        for events in STALE:
            self.stream.on(events)
        self.assertEqual(self.left, [])
        self.assertEqual(len(await self.converse(the_next(READ_AHEAD_BYTES))), READ_AHEAD_BYTES)
        await self.turns()
        self.assertEqual(self.left, [])
        self.peer.shutdown(socket.SHUT_RD)
        self.stream.close()
        await writing.addErrback(lambda failure: failure.trap(OSError))

    async def test_events_without_a_reason_end_nothing(self) -> None:
        """They were meant for a closed socket that had the same descriptor."""
        for events in STALE:
            self.stream.on(events)
            self.assertEqual(self.left, [], events)
            self.peer.sendall(b"a line\r\nxyz")
            self.assertEqual(await self.converse(three_parts()), [b"a line\r\n", b"xyz"])
            self.assertEqual(await in_thread(self.peer.recv, 100), b"go on")
        self.peer.close()
        await self.until_gone()
        self.assertEqual(self.left, ["gone"])


class Portable(Conversing):
    """The same with the reactor's own readers and writers."""

    dispatched_by = ReactorDispatch


class PortableReadingAhead(ReadingAhead):
    dispatched_by = ReactorDispatch


class TLSHandshakes(StreamCase):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.cert, key = make_certificate(folder)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.cert, key)

    async def test_turns_into_tls_with_the_bytes_that_came_before(self) -> None:
        client = ssl.create_default_context(cafile=self.cert)
        wrapping = in_thread(lambda: client.wrap_socket(self.peer, server_hostname="localhost"))
        self.assertEqual(await run(self.stream.peek()), b"\x16")
        await run(self.stream.start_tls(self.server, server_side=True))
        inside = await wrapping
        self.addCleanup(inside.close)
        await in_thread(inside.sendall, b"line\r\nabc")
        self.assertEqual(await self.converse(three_parts()), [b"line\r\n", b"abc"])
        self.assertEqual(await in_thread(inside.recv, 100), b"go on")

    async def test_bytes_that_are_no_tls_fail_with_a_reason(self) -> None:
        self.peer.sendall(b"\x16 but no TLS behind it")
        with self.assertRaises(TLSFailed):
            await run(self.stream.start_tls(self.server, server_side=True))

    async def test_a_peer_that_leaves_within_the_handshake_fails_it(self) -> None:
        for leave in (socket.socket.close, reset):
            ours, peer = tcp_pair()
            shaking = run(self.stream_on(ours).start_tls(self.server, server_side=True))
            await self.turns(0.01)
            leave(peer)
            with self.assertRaises(TLSFailed):
                await shaking

    async def test_as_a_client_it_names_what_is_wrong_with_the_certificate(self) -> None:
        answering = in_thread(_serve_tls, self.server, self.peer)
        with self.assertRaises(TLSFailed) as caught:
            await run(self.stream.start_tls(ssl.create_default_context(), server_side=False, name="localhost"))
        self.assertIn("self-signed", str(caught.exception))
        self.stream.close()
        await answering

    async def test_as_a_client_it_gives_the_certificate(self) -> None:
        answering = in_thread(_serve_tls, self.server, self.peer)
        trusting = ssl.create_default_context(cafile=self.cert)
        certificate = await run(self.stream.start_tls(trusting, server_side=False, name="localhost"))
        await answering
        self.assertEqual(certificate, ssl.PEM_cert_to_DER_cert(self.cert.read_text()))


def _serve_tls(context: ssl.SSLContext, peer: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client may not like us: that is a test too
        context.wrap_socket(peer, server_side=True)
