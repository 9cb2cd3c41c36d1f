"""What every relay promises, against real sockets: a mixin for one implementation each."""

from __future__ import annotations

import array
import contextlib
import fcntl
import hashlib
import os
import socket
import termios
from pathlib import Path

from tests.contracts.relay_rig import Peer, RelayRig
from tests.sockets import fill, in_thread, read_exactly, read_to_end, reset, write_and_end
from xvpproxy.model import Outcome

#: Holds both directions of one relay, its timers and the kernel's slack.
BURST = 32 << 20


class RelayContract(RelayRig):
    """Mix into a trial TestCase that says its `kind` of sides."""

    #: Bytes that may be held per direction: in the process, or in one pipe.
    most_held = 256 << 10

    # Bytes

    async def test_passes_leftovers_on_first_and_once(self) -> None:
        self.begin(from_viewer=b"early", from_console=b"RFB 003.008\n")
        self.viewer.sendall(b" and late")
        self.assertEqual(await in_thread(read_exactly, self.console, 14), b"early and late")
        self.assertEqual(await in_thread(read_exactly, self.viewer, 12), b"RFB 003.008\n")
        self.assertEqual((self.relay.from_viewer, self.relay.from_console), (14, 12))

    async def test_sends_what_the_handshake_left_unsent_before_anything_else(self) -> None:
        self.begin(unsent=b"HTTP/1.1 200 OK\r\n\r\n", from_console=b"RFB")
        self.assertEqual(await in_thread(read_exactly, self.viewer, 22), b"HTTP/1.1 200 OK\r\n\r\nRFB")

    async def test_delivers_every_byte_in_order_both_ways_at_once(self) -> None:
        self.begin()
        up, down = os.urandom(BURST // 4), os.urandom(BURST)
        writers = [in_thread(write_and_end, self.viewer, up), in_thread(write_and_end, self.console, down)]
        readers = [in_thread(read_to_end, self.console), in_thread(read_to_end, self.viewer)]
        got_up, got_down = [await reader for reader in readers]
        for writer in writers:
            await writer
        self.assertEqual(hashlib.sha256(got_up).digest(), hashlib.sha256(up).digest())
        self.assertEqual(hashlib.sha256(got_down).digest(), hashlib.sha256(down).digest())
        await self.outcome()
        self.assertEqual((self.relay.from_viewer, self.relay.from_console), (len(up), len(down)))

    async def test_passes_single_bytes_on_without_waiting_for_more(self) -> None:
        self.begin()
        for byte in (b"a", b"b", b"c"):
            self.viewer.sendall(byte)
            self.assertEqual(await in_thread(read_exactly, self.console, 1), byte)
            self.console.sendall(byte)
            self.assertEqual(await in_thread(read_exactly, self.viewer, 1), byte)

    # Back-pressure

    async def test_stops_reading_from_a_console_whose_viewer_does_not_read(self) -> None:
        self.begin()
        await in_thread(fill, self.console)
        taken = self.relay.from_console
        await self.quiet(0.3)
        self.assertEqual(self.relay.from_console, taken, "it reads on although nothing is taken")
        kernel = _waiting(self.ours_viewer, termios.TIOCOUTQ) + _waiting(self.viewer, termios.FIONREAD)
        self.assertLessEqual(taken - kernel, self.most_held)

    async def test_goes_on_when_a_stalled_viewer_reads_again(self) -> None:
        self.begin()
        data = os.urandom(BURST)
        writer = in_thread(write_and_end, self.console, data)
        await self.quiet(0.3)
        got = await in_thread(read_to_end, self.viewer)
        await writer
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(data).digest())

    async def test_the_other_direction_lives_while_one_is_stalled(self) -> None:
        self.begin()
        await in_thread(fill, self.console)
        self.viewer.sendall(b"key")
        self.assertEqual(await in_thread(read_exactly, self.console, 3), b"key")

    # Ends

    async def test_a_fin_passes_on_and_the_other_direction_finishes(self) -> None:
        self.begin()
        data = os.urandom(BURST)
        self.viewer.shutdown(socket.SHUT_WR)
        self.assertEqual(await in_thread(read_to_end, self.console), b"")
        writer = in_thread(write_and_end, self.console, data)
        got = await in_thread(read_to_end, self.viewer)
        await writer
        self.assertEqual(hashlib.sha256(got).digest(), hashlib.sha256(data).digest())
        self.assertEqual(await self.outcome(), Outcome.VIEWER_LEFT)

    async def test_a_fin_behind_a_full_buffer_follows_the_bytes(self) -> None:
        self.begin()
        data = os.urandom(BURST)
        writer = in_thread(write_and_end, self.console, data)
        await self.quiet(0.2)
        got = await in_thread(read_to_end, self.viewer)
        self.assertEqual(len(got), len(data))
        await writer
        self.viewer.close()
        self.assertEqual(await self.outcome(), Outcome.CONSOLE_LEFT)

    async def test_a_half_closed_session_without_progress_ends(self) -> None:
        self.begin(close=0.3)
        self.console.shutdown(socket.SHUT_WR)
        self.assertEqual(await in_thread(read_to_end, self.viewer), b"")
        self.assertEqual(await self.outcome(), Outcome.CONSOLE_LEFT)

    async def test_a_half_closed_session_with_progress_goes_on(self) -> None:
        self.begin(close=0.5)
        self.viewer.shutdown(socket.SHUT_WR)
        for _ in range(6):
            await self.quiet(0.2)
            self.console.sendall(b"x")
        self.assertEqual(await in_thread(read_exactly, self.viewer, 6), b"xxxxxx")
        self.console.close()
        self.assertEqual(await self.outcome(), Outcome.VIEWER_LEFT)

    async def test_a_reset_on_either_leg_closes_the_other_at_once(self) -> None:
        for leg, outcome in (("viewer", Outcome.VIEWER_LEFT), ("console", Outcome.CONSOLE_LEFT)):
            self.begin()
            other = self.console if leg == "viewer" else self.viewer
            reset(self.viewer if leg == "viewer" else self.console)
            self.assertEqual(await self.outcome(), outcome)
            self.assertEqual(await in_thread(read_to_end, other), b"")

    # Time

    async def test_a_viewer_that_takes_nothing_is_stalled(self) -> None:
        self.begin(stall=0.5)
        await in_thread(fill, self.console)
        self.assertEqual(await self.outcome(), Outcome.STALLED)

    async def test_a_console_that_takes_nothing_is_not(self) -> None:
        """Only viewers are strangers: a busy console may take its time."""
        self.begin(stall=0.3)
        await in_thread(fill, self.viewer)
        await self.quiet(0.6)
        self.assertEqual(self.owner.outcomes, [])

    async def test_a_viewer_that_reads_slowly_is_not_stalled(self) -> None:
        self.begin(stall=0.8)
        writer = in_thread(write_and_end, self.console, bytes(BURST))
        got = 0
        for _ in range(8):
            await self.quiet(0.2)
            got += len(await in_thread(read_exactly, self.viewer, BURST // 16))
        self.assertEqual(self.owner.outcomes, [])
        got += len(await in_thread(read_to_end, self.viewer))
        await writer
        self.assertEqual(got, BURST)

    # One outcome, and nothing left behind

    async def test_closing_it_ends_it_with_that_outcome_only(self) -> None:
        self.begin()
        self.relay.close(Outcome.REVOKED)
        self.relay.close(Outcome.SHUTDOWN)
        self.assertEqual(await self.outcome(), Outcome.REVOKED)
        self.assertEqual(await in_thread(read_to_end, self.viewer), b"")
        self.assertEqual(await in_thread(read_to_end, self.console), b"")

    async def test_what_we_end_after_one_side_has_ended_is_ours(self) -> None:
        for outcome in (Outcome.REVOKED, Outcome.FAILED, Outcome.SHUTDOWN):
            self.begin()
            self.console.shutdown(socket.SHUT_WR)
            self.assertEqual(await in_thread(read_to_end, self.viewer), b"")
            self.relay.close(outcome)
            self.assertEqual(await self.outcome(), outcome)

    async def test_gives_every_descriptor_back(self) -> None:
        await self.quiet(0)
        before = _descriptors()
        for sender in ("viewer", "console"):
            self.begin()
            getattr(self, sender).close()
            other = self.console if sender == "viewer" else self.viewer
            await in_thread(read_to_end, other)
            other.close()
            await self.outcome()
        self.assertEqual(_descriptors(), before)

    async def test_closing_at_any_moment_of_a_burst_is_clean(self) -> None:
        for moment in range(20):
            self.begin()
            writers = [in_thread(_write_until_closed, each) for each in (self.viewer, self.console)]
            await self.quiet(moment / 1000)
            leaver = self.viewer if moment % 4 < 2 else self.console
            if moment % 2:
                reset(leaver)
            else:
                leaver.close()
            await self.outcome()
            for each in (self.viewer, self.console):
                each.close()
            for writer in writers:
                await writer


class UnreadLegsContract(RelayRig):
    """The same, where whoever waits for room on one side is told of resets on the other."""

    async def test_a_reset_of_a_leg_that_is_not_read_from_is_noticed(self) -> None:
        """The viewer reads nothing, so the console is not read from, when the console breaks; and the reverse."""
        self.begin()
        await in_thread(fill, self.console)
        reset(self.console)
        self.assertEqual(await self.outcome(), Outcome.CONSOLE_LEFT)
        self.begin()
        await in_thread(fill, self.viewer)
        reset(self.viewer)
        self.assertEqual(await self.outcome(), Outcome.VIEWER_LEFT)

    async def test_a_reset_after_a_fin_is_noticed(self) -> None:
        self.begin()
        self.viewer.shutdown(socket.SHUT_WR)
        self.assertEqual(await in_thread(read_to_end, self.console), b"")
        reset(self.viewer)
        self.assertEqual(await self.outcome(), Outcome.VIEWER_LEFT)


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _waiting(end: Peer, queue: int) -> int:
    """Bytes in one of the kernel's queues of a socket."""
    count = array.array("i", [0])
    fcntl.ioctl(end, queue, count)
    return count[0]


def _write_until_closed(peer: Peer) -> None:
    with contextlib.suppress(OSError):
        peer.settimeout(2)
        while True:
            peer.sendall(bytes(65536))
