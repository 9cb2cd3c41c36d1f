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

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from tests.certificates import make_certificate
from tests.sockets import fill, in_thread, read_to_end, reset, tcp_pair
from xvpproxy.gateway.channel import TLSFailed
from xvpproxy.gateway.stream import READ_AHEAD_BYTES, Stream
from xvpproxy.gateway.watch import open_watch
from xvpproxy.wire.conversation import Conversation, Ended, Exactly, Rest, Send, Through, TooLong


def three_parts() -> Conversation[list[bytes]]:
    """A conversation with one step of each kind that waits."""
    line = yield Through(b"\r\n", 64)
    yield Send(b"go on")
    return [line, (yield Exactly(3))]


class StreamCase(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.watch = open_watch(reactor)
        self.addCleanup(self.watch.close)
        self.left: list[str] = []
        ours, self.peer = tcp_pair()
        self.addCleanup(self.peer.close)
        self.stream = Stream(ours, reactor=reactor, watch=self.watch, gone=lambda: self.left.append("gone"))
        self.addCleanup(self.stream.close)

    async def turns(self, seconds: float = 0.05) -> None:
        await deferLater(reactor, seconds)


class Conversing(StreamCase):
    async def test_a_conversation_split_and_glued_anywhere_is_the_same(self) -> None:
        said = b"a line\r\nxyz"
        for cut in range(1, len(said)):
            self.peer.sendall(said[:cut])
            talk = Deferred.fromCoroutine(self.stream.converse(three_parts()))
            await self.turns(0.001)
            self.peer.sendall(said[cut:])
            self.assertEqual(await talk, [b"a line\r\n", b"xyz"])
            self.assertEqual(await in_thread(self.peer.recv, 100), b"go on")

    async def test_what_a_conversation_leaves_goes_to_the_next_and_to_the_relay(self) -> None:
        self.peer.sendall(b"line\r\nabcdef and more")
        self.assertEqual(await self.stream.converse(three_parts()), [b"line\r\n", b"abc"])

        def next_three() -> Conversation[bytes]:
            return (yield Exactly(3))

        self.assertEqual(await self.stream.converse(next_three()), b"def")
        leg = self.stream.detach()
        self.addCleanup(leg.socket.close)
        self.assertEqual(leg.leftover, b" and more")

    async def test_a_mark_that_does_not_come_within_the_limit_is_too_long(self) -> None:
        self.peer.sendall(b"x" * 100)
        with self.assertRaises(TooLong):
            await self.stream.converse(three_parts())

    async def test_the_end_in_the_middle_is_thrown_into_the_conversation(self) -> None:
        def careful() -> Conversation[str]:
            try:
                yield Exactly(10)
            except Ended:
                return "noticed"
            return "missed"

        self.peer.sendall(b"abc")
        self.peer.shutdown(socket.SHUT_WR)
        self.assertEqual(await self.stream.converse(careful()), "noticed")

    async def test_the_rest_is_what_comes_within_the_patience(self) -> None:
        def rest() -> Conversation[bytes]:
            return (yield Rest(100, 0.1))

        self.peer.sendall(b"abc")
        self.assertEqual(await self.stream.converse(rest()), b"abc")
        self.peer.sendall(b"x" * 150)
        self.assertEqual(await self.stream.converse(rest()), b"x" * 100)

    async def test_cancelling_a_conversation_leaves_a_stream_that_can_be_closed(self) -> None:
        talk = Deferred.fromCoroutine(self.stream.converse(three_parts()))
        talk.cancel()
        with self.assertRaises(CancelledError):
            await talk
        self.peer.sendall(b"x")
        self.assertEqual(await self.stream.peek(), b"x")
        self.stream.close()
        self.assertEqual(await in_thread(read_to_end, self.peer), b"")


class PeerLeaving(StreamCase):
    """The viewer is watched while the gateway is busy elsewhere."""

    async def test_a_fin_is_told_once(self) -> None:
        self.peer.shutdown(socket.SHUT_WR)
        await self.turns()
        self.assertEqual(self.left, ["gone"])

    async def test_a_reset_is_told_once(self) -> None:
        reset(self.peer)
        await self.turns()
        self.assertEqual(self.left, ["gone"])

    async def test_early_bytes_are_bounded_and_the_end_behind_them_is_told(self) -> None:
        self.peer.sendall(bytes(READ_AHEAD_BYTES * 3 // 2))
        await self.turns()
        self.assertEqual(self.left, [])
        self.peer.shutdown(socket.SHUT_WR)
        await self.turns()
        self.assertEqual(self.left, ["gone"])
        leg = self.stream.detach()
        self.addCleanup(leg.socket.close)
        self.assertLessEqual(len(leg.leftover), 2 * READ_AHEAD_BYTES)

    async def test_a_reset_behind_early_bytes_is_told(self) -> None:
        await in_thread(fill, self.peer)
        reset(self.peer)
        await self.turns()
        self.assertEqual(self.left, ["gone"])

    async def test_nothing_is_told_of_a_stream_that_was_handed_over(self) -> None:
        leg = self.stream.detach()
        self.addCleanup(leg.socket.close)
        self.peer.close()
        await self.turns()
        self.assertEqual(self.left, [])


class Farewells(StreamCase):
    async def test_a_reply_reaches_a_peer_whose_bytes_nobody_read(self) -> None:
        """Closing at once would reset the connection under the reply."""
        self.peer.sendall(b"x" * 500_000)
        closed: Deferred[None] = Deferred()
        self.stream.send(b"the reply")
        self.stream.finish(patience=10, done=lambda: closed.callback(None))
        self.assertEqual(await in_thread(read_to_end, self.peer), b"the reply")
        self.peer.close()
        await closed

    async def test_a_peer_that_never_ends_is_closed_when_patience_is_over(self) -> None:
        closed: Deferred[None] = Deferred()
        self.stream.finish(patience=0.1, done=lambda: closed.callback(None))
        await closed
        self.assertEqual(await in_thread(read_to_end, self.peer), b"")

    async def test_a_peer_that_talks_on_and_on_is_closed(self) -> None:
        closed: Deferred[None] = Deferred()
        self.stream.finish(patience=10, done=lambda: closed.callback(None))
        await in_thread(fill, self.peer)
        await closed


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
        self.assertEqual(await self.stream.peek(), b"\x16")
        await self.stream.start_tls(self.server, server_side=True)
        inside = await wrapping
        self.addCleanup(inside.close)
        await in_thread(inside.sendall, b"line\r\nabc")
        self.assertEqual(await self.stream.converse(three_parts()), [b"line\r\n", b"abc"])
        self.assertEqual(await in_thread(inside.recv, 100), b"go on")

    async def test_bytes_that_are_no_tls_fail_with_a_reason(self) -> None:
        self.peer.sendall(b"\x16 but no TLS behind it")
        with self.assertRaises(TLSFailed):
            await self.stream.start_tls(self.server, server_side=True)

    async def test_a_peer_that_leaves_within_the_handshake_fails_it(self) -> None:
        for leave in (socket.socket.close, reset):
            ours, peer = tcp_pair()
            stream = Stream(ours, reactor=reactor, watch=self.watch, gone=lambda: None)
            shaking = Deferred.fromCoroutine(stream.start_tls(self.server, server_side=True))
            await self.turns(0.01)
            leave(peer)
            with self.assertRaises(TLSFailed):
                await shaking
            stream.close()

    async def test_as_a_client_it_names_what_is_wrong_with_the_certificate(self) -> None:
        answering = in_thread(_serve_tls, self.server, self.peer)
        with self.assertRaises(TLSFailed) as caught:
            await self.stream.start_tls(ssl.create_default_context(), server_side=False, name="localhost")
        self.assertIn("self-signed", str(caught.exception))
        self.stream.close()
        await answering

    async def test_as_a_client_it_gives_the_certificate(self) -> None:
        answering = in_thread(_serve_tls, self.server, self.peer)
        trusting = ssl.create_default_context(cafile=self.cert)
        certificate = await self.stream.start_tls(trusting, server_side=False, name="localhost")
        await answering
        self.assertEqual(certificate, ssl.PEM_cert_to_DER_cert(self.cert.read_text()))


def _serve_tls(context: ssl.SSLContext, peer: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client may not like us: that is a test too
        context.wrap_socket(peer, server_side=True)
