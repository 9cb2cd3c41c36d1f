"""The relay's promises, kept by each implementation, in the clear and inside TLS."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import ssl
import tempfile

from twisted.internet import reactor
from twisted.trial.unittest import SkipTest, TestCase

from tests.certificates import make_certificate
from tests.contracts.relay_suite import BURST, RelayContract, RelayRig
from tests.sockets import (
    PATIENCE,
    fill,
    in_thread,
    read_exactly,
    read_to_end,
    tcp_pair,
    write_and_end,
)
from xvpproxy.gateway.copying import CopyingRelay
from xvpproxy.gateway.dispatch import attach
from xvpproxy.gateway.pipes import Pipes
from xvpproxy.gateway.relay import Leg, Relay, RelayTimeouts
from xvpproxy.gateway.splicing import SplicingRelay
from xvpproxy.gateway.stream import Stream
from xvpproxy.model import Outcome


class Copying(RelayContract, TestCase):
    """The portable relay."""

    def start_relay(self, viewer: Leg, console: Leg, timeouts: RelayTimeouts) -> Relay:
        return CopyingRelay(viewer, console, timeouts, reactor=reactor, watch=self.watch)


class CopyingInsideTLS(RelayRig, TestCase):
    """The same with a viewer that speaks TLS: only what differs is tested."""

    start_relay = Copying.start_relay

    def setUp(self) -> None:
        super().setUp()
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.cert, self.key = make_certificate(self.folder)

    async def begin_tls(self, **seconds: float) -> None:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(self.cert, self.key)
        ours_viewer, viewer = tcp_pair()
        ours_console, self.console = tcp_pair()
        stream = Stream(ours_viewer, reactor=reactor, watch=self.watch, gone=lambda: None)
        client = ssl.create_default_context(cafile=self.cert)
        shaking = in_thread(lambda: client.wrap_socket(viewer, server_hostname="localhost"))
        await stream.start_tls(server, server_side=True)
        self.viewer = await shaking
        self.addCleanup(self.viewer.close)
        self.addCleanup(self.console.close)
        self.run_between(stream.detach(), Leg(ours_console), **seconds)

    async def test_delivers_every_byte_both_ways_at_once_inside_tls(self) -> None:
        await self.begin_tls()
        up, down = os.urandom(BURST // 8), os.urandom(BURST // 2)
        writers = [in_thread(self.viewer.sendall, up), in_thread(self.console.sendall, down)]
        readers = [in_thread(read_exactly, self.console, len(up)), in_thread(read_exactly, self.viewer, len(down))]
        got_up, got_down = [await reader for reader in readers]
        for writer in writers:
            await writer
        self.assertEqual(hashlib.sha256(got_up).digest(), hashlib.sha256(up).digest())
        self.assertEqual(hashlib.sha256(got_down).digest(), hashlib.sha256(down).digest())

    async def test_a_console_that_ends_says_close_notify_to_the_viewer(self) -> None:
        await self.begin_tls()
        writer = in_thread(write_and_end, self.console, b"last words")
        self.assertEqual(await in_thread(read_to_end, self.viewer), b"last words")
        await writer
        self.viewer.close()
        self.assertEqual(await self.outcome(), Outcome.CONSOLE_LEFT)

    async def test_a_stalled_viewer_inside_tls_holds_little(self) -> None:
        await self.begin_tls(stall=PATIENCE)
        data = os.urandom(BURST)
        writer = in_thread(write_and_end, self.console, data)
        await self.quiet(0.3)
        self.assertLess(self.relay.from_console, BURST)
        got = await in_thread(read_to_end, self.viewer)
        await writer
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(data).digest())


class Splicing(RelayContract, TestCase):
    """The relay at kernel speed, on the reactor's own poller."""

    most_held = 1 << 20

    def setUp(self) -> None:
        super().setUp()
        dispatch = attach(reactor)
        if dispatch is None:
            raise SkipTest(f"needs the epoll reactor, not {type(reactor).__name__}")
        self.dispatch = dispatch
        self.addCleanup(dispatch.detach, reactor)
        self.pipes = Pipes()
        self.addCleanup(self.pipes.close)

    def start_relay(self, viewer: Leg, console: Leg, timeouts: RelayTimeouts) -> Relay:
        return SplicingRelay(viewer, console, timeouts, reactor=reactor, dispatch=self.dispatch, pipes=self.pipes)

    async def test_carries_four_gibibytes_through_one_session(self) -> None:
        self.begin()
        block = os.urandom(1 << 20)
        count = 4096
        writer = in_thread(_write_blocks, self.console, block, count)
        self.assertEqual(await in_thread(_matching_blocks, self.viewer, block), count)
        await writer
        self.assertEqual(self.relay.from_console, count << 20)

    async def test_copies_when_no_pipe_can_be_had(self) -> None:
        self.patch(self.pipes, "lease", lambda: None)
        self.begin()
        data = os.urandom(BURST)
        writer = in_thread(write_and_end, self.console, data)
        got = await in_thread(read_to_end, self.viewer)
        await writer
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(data).digest())

    async def test_a_stalled_session_that_ends_takes_its_pipe_with_it(self) -> None:
        self.begin()
        await in_thread(fill, self.console)
        pipe = self.relay._console.pipe
        self.assertIsNotNone(pipe, "bulk went through no pipe")
        self.relay.close(Outcome.SHUTDOWN)
        self.assertRaises(OSError, os.fstat, pipe.entry)


def _write_blocks(peer: socket.socket, block: bytes, count: int) -> None:
    for _ in range(count):
        peer.sendall(block)
    peer.shutdown(socket.SHUT_WR)


def _matching_blocks(peer: socket.socket, block: bytes) -> int:
    """How many times `block` came before the end or anything else."""
    count, buffer = 0, bytearray(len(block))
    while _fill_buffer(peer, memoryview(buffer)) and buffer == block:
        count += 1
    return count


def _fill_buffer(peer: socket.socket, buffer: memoryview) -> bool:
    while buffer:
        got = peer.recv_into(buffer)
        if not got:
            return False
        buffer = buffer[got:]
    return True
