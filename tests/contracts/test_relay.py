"""The relay's promises, kept by each implementation: in the clear and inside TLS, however events come."""

from __future__ import annotations

import hashlib
import os
import signal
import socket

from twisted.internet import reactor
from twisted.trial.unittest import SkipTest, TestCase

from tests.contracts.relay_suite import BURST, RelayContract, UnreadLegsContract
from tests.sockets import fill, in_thread, read_to_end, write_and_end
from xvpproxy.gateway.copying import CopyingSide
from xvpproxy.gateway.dispatch import Dispatch, ReactorDispatch
from xvpproxy.gateway.pipes import Pipe
from xvpproxy.gateway.splicing import SplicingSide
from xvpproxy.model import Outcome


class Copying(RelayContract, UnreadLegsContract, TestCase):
    """The relay that copies."""

    kind = CopyingSide


class CopyingForViewersInsideTLS(Copying):
    viewer_tls = True


class CopyingForConsolesInsideTLS(Copying):
    console_tls = True


class CopyingInsideTLS(Copying):
    viewer_tls = console_tls = True


class CopyingOnAnyReactor(RelayContract, TestCase):
    """The same with the reactor's own means, which see nothing of a leg that is not read from."""

    kind = CopyingSide

    def open_dispatch(self) -> Dispatch:
        return ReactorDispatch(reactor)


class CopyingOnAnyReactorInsideTLS(CopyingOnAnyReactor):
    viewer_tls = console_tls = True


class Splicing(RelayContract, UnreadLegsContract, TestCase):
    """The relay at kernel speed, on the reactor's own poller."""

    kind = SplicingSide
    most_held = 1 << 20

    def setUp(self) -> None:
        super().setUp()
        if not self.dispatch.edges:
            raise SkipTest(f"needs the epoll reactor, not {type(reactor).__name__}")

    async def test_carries_four_gibibytes_through_one_session(self) -> None:
        self.begin()
        block = os.urandom(1 << 20)
        count = 4096
        writer = in_thread(_write_blocks, self.console, block, count)
        self.assertEqual(await in_thread(_matching_blocks, self.viewer, block), count)
        await writer
        self.assertEqual(self.relay.from_console, count << 20)

    async def test_copies_when_no_pipe_can_be_had(self) -> None:
        self.patch(self.ground.pipes, "lease", lambda: None)
        self.begin()
        data = os.urandom(BURST)
        writer = in_thread(write_and_end, self.console, data)
        got = await in_thread(read_to_end, self.viewer)
        await writer
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(data).digest())

    async def test_signals_end_splices_but_not_what_flows(self) -> None:
        """Cut short, a splice leaves room in the socket, of which no event will tell."""
        self.begin()
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, lambda *_: None))
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
        block, count = os.urandom(1 << 20), 512
        writer = in_thread(_write_blocks, self.console, block, count)
        self.assertEqual(await in_thread(_matching_blocks, self.viewer, block), count)
        await writer

    async def test_a_stalled_session_that_ends_takes_its_pipe_with_it(self) -> None:
        self.begin()
        await in_thread(fill, self.console)
        pipe = self.relay._viewer.held
        self.assertIsInstance(pipe, Pipe, "bulk went through no pipe")
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
