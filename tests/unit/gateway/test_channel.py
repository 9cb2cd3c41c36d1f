"""Bytes over one socket, in the clear and inside TLS, without a reactor."""

from __future__ import annotations

import shutil
import socket
import ssl
import tempfile

from twisted.trial.unittest import SynchronousTestCase

from tests.certificates import make_certificate
from tests.sockets import fill, reset, tcp_pair
from xvpproxy.gateway.channel import CHUNK_BYTES, Channel, TLSFailed


class ChannelCase(SynchronousTestCase):
    def channel(self) -> tuple[Channel, socket.socket]:
        ours, peer = tcp_pair()
        self.addCleanup(ours.close)
        self.addCleanup(peer.close)
        return Channel(ours), peer

    def eventually(self, channel: Channel) -> bytes:
        """What is there, once anything is: the kernel may take its time."""
        channel.socket.settimeout(5)
        channel.socket.recv(1, socket.MSG_PEEK)
        channel.socket.setblocking(False)
        data = channel.receive()
        assert data is not None
        return data


class InTheClear(ChannelCase):
    def test_tells_nothing_from_the_end(self) -> None:
        channel, peer = self.channel()
        self.assertIsNone(channel.receive())
        peer.sendall(b"abc")
        self.assertEqual(self.eventually(channel), b"abc")
        peer.close()
        self.assertEqual(self.eventually(channel), b"")

    def test_a_broken_connection_is_an_error(self) -> None:
        channel, peer = self.channel()
        reset(peer)
        self.assertRaises(OSError, self.eventually, channel)

    def test_keeps_what_the_socket_does_not_take_and_in_order(self) -> None:
        channel, peer = self.channel()
        sent = b""
        while channel.flush():
            chunk = bytes([len(sent) // CHUNK_BYTES % 256]) * CHUNK_BYTES
            channel.send(chunk)
            sent += chunk
        self.assertGreater(channel.unsent, 0)
        got = b""
        while len(got) < len(sent):
            got += peer.recv(1 << 20)
            channel.flush()
        self.assertEqual((got, channel.unsent), (sent, 0))

    def test_gives_what_waits_to_whoever_takes_the_socket_over(self) -> None:
        channel, peer = self.channel()
        channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        channel.send(bytes(1 << 22))
        waiting = channel.unsent
        self.assertEqual(len(channel.take_unsent()), waiting)
        self.assertEqual(channel.unsent, 0)
        self.assertGreater(fill(peer), 0)


class InsideTLS(ChannelCase):
    def setUp(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.cert, key = make_certificate(folder)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.cert, key)
        self.client = ssl.create_default_context(cafile=self.cert)

    def pair(self) -> tuple[Channel, Channel]:
        """Two channels that have shaken hands."""
        ours, peer = tcp_pair()
        peer.setblocking(False)
        ends = Channel(ours), Channel(peer)
        for end in ends:
            self.addCleanup(end.socket.close)
        ends[0].start_tls(self.server, server_side=True, name=None, early=b"")
        ends[1].start_tls(self.client, server_side=False, name="localhost", early=b"")
        done = [False, False]
        while not all(done):
            done = [already or end.handshake() for already, end in zip(done, ends, strict=True)]
        return ends

    def exchange(self, source: Channel, sink: Channel, data: bytes) -> bytes:
        got = b""
        source.send(data)
        while len(got) < len(data):
            source.flush()
            got += sink.receive() or b""
        return got

    def test_carries_more_than_a_record_both_ways(self) -> None:
        server, client = self.pair()
        data = bytes(range(256)) * 2000
        self.assertEqual(self.exchange(server, client, data), data)
        self.assertEqual(self.exchange(client, server, data), data)

    def test_close_notify_is_the_end(self) -> None:
        server, client = self.pair()
        server.end_tls()
        server.flush()
        self.assertEqual(self.until_something(client), b"")

    def test_a_fin_without_close_notify_is_the_end_as_well(self) -> None:
        server, client = self.pair()
        server.socket.close()
        self.assertEqual(self.until_something(client), b"")

    def test_a_record_that_was_tampered_with_is_an_error(self) -> None:
        server, client = self.pair()
        server.socket.send(b"\x17\x03\x03\x00\x20" + bytes(32))
        self.assertRaises(OSError, self.until_something, client)

    def test_a_peer_that_speaks_no_tls_fails_the_handshake(self) -> None:
        channel, peer = self.channel()
        peer.sendall(b"RFB 003.008\n")
        channel.start_tls(self.server, server_side=True, name=None, early=b"")
        self.assertRaises(TLSFailed, self.shaken, channel)

    def shaken(self, channel: Channel) -> None:
        while not channel.handshake():
            pass

    def until_something(self, channel: Channel) -> bytes:
        while (data := channel.receive()) is None:
            pass
        return data
