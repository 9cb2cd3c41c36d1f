"""Events that were meant for a closed socket with the same descriptor: a reason to look, never a fact."""

from __future__ import annotations

import os

from twisted.trial.unittest import TestCase

from tests.contracts import test_relay as kinds
from tests.contracts.relay_rig import RelayRig
from tests.sockets import in_thread, read_exactly, read_to_end, write_and_end
from tests.stream_case import STALE
from xvpproxy.model import Outcome


class StaleEvents(RelayRig):
    def tell(self, events: int) -> None:
        """Tell both sides."""
        for side in self.sides:
            side.on(events)

    def begin(self, **how: object) -> None:
        super().begin(**how)
        self.sides = (self.relay._viewer, self.relay._viewer.peer)

    async def test_a_session_that_is_at_rest_goes_on(self) -> None:
        self.begin()
        for events in STALE:
            self.tell(events)
            for writer, reader in ((self.viewer, self.console), (self.console, self.viewer)):
                await in_thread(writer.sendall, b"a word")
                self.assertEqual(await in_thread(read_exactly, reader, 6), b"a word", events)
        self.assertEqual(self.owner.outcomes, [])
        await in_thread(write_and_end, self.viewer, b"the last word")
        self.assertEqual(await in_thread(read_to_end, self.console), b"the last word")
        await in_thread(write_and_end, self.console, b"so is this")
        self.assertEqual(await in_thread(read_to_end, self.viewer), b"so is this")
        self.assertIs(await self.outcome(), Outcome.VIEWER_LEFT)

    async def test_a_session_whose_bytes_wait_loses_none_of_them(self) -> None:
        self.begin()
        said = os.urandom(32 << 20)  # more than the sockets on the way hold
        writing = in_thread(write_and_end, self.console, said)
        await self.quiet(0.3)
        self.assertFalse(writing.called)
        for events in STALE:
            self.tell(events)
            await self.quiet(0.01)
        self.assertEqual(self.owner.outcomes, [])
        self.assertTrue(await in_thread(read_to_end, self.viewer) == said)
        await writing
        await in_thread(write_and_end, self.viewer, b"")
        self.assertIs(await self.outcome(), Outcome.CONSOLE_LEFT)

    async def test_a_session_that_is_over_stays_so(self) -> None:
        self.begin()
        self.relay.close(Outcome.SHUTDOWN)
        for events in STALE:
            self.tell(events)
            for side in self.sides:
                side.again()
        self.assertIs(await self.outcome(), Outcome.SHUTDOWN)


class Splicing(StaleEvents, TestCase):
    kind = kinds.Splicing.kind


class Copying(StaleEvents, TestCase):
    kind = kinds.Copying.kind


class CopyingInsideTLS(Copying):
    viewer_tls = console_tls = True


class CopyingOnAnyReactor(Copying):
    open_dispatch = kinds.CopyingOnAnyReactor.open_dispatch
