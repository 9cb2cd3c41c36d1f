"""Viewers that vanish at every stage of a session: nothing of theirs stays behind."""

import os

from twisted.internet.defer import Deferred

from tests import viewers
from tests.consoles import BANNER, BlackHole, Caller, rfb, silent, xenserver
from tests.endpoint import eventually
from tests.faults.suite import FaultCase

LEFT = "viewer_left"
WAYS = ("finish", "close", "break_off")


class ViewersThatLeave(FaultCase):
    async def test_during_the_look_up_nothing_is_dialled(self):
        console = self.console(rfb)
        waiting: list[Deferred] = []
        given_up = []

        async def never():
            waiting.append(Deferred(given_up.append))
            return await waiting[-1]

        self.tokens.known["the-token"] = never
        for way in WAYS:
            viewer = await viewers.knock(self.port, viewers.request("the-token"))
            await eventually(lambda: len(waiting) == len(given_up) + 1, "the look-up is under way")
            getattr(viewer, way)()
            await eventually(lambda: len(waiting) == len(given_up), "the look-up is given up")
            viewer.close()
        await self.settled(LEFT, LEFT, LEFT)
        self.assertEqual(console.callers, [])

    async def test_during_the_dial_it_is_given_up(self):
        hole = BlackHole()
        self.addCleanup(hole.close)
        await self.take_stock()
        self.tokens.add("the-token", hole.port)
        for number, way in enumerate(WAYS, 1):
            viewer = await viewers.knock(self.port, viewers.request("the-token"))
            await eventually(lambda: self.session() is not None, "the dial is under way")
            getattr(viewer, way)()
            await eventually(lambda n=number: len(self.gateway.closings) == n, "the session ends", within=5.0)
            viewer.close()
        await self.settled(LEFT, LEFT, LEFT)

    async def test_while_a_plain_console_has_not_spoken(self):
        await self._leave_while(self.console(silent))

    async def test_within_the_connect_reply(self):
        await self._leave_while(
            self.console(xenserver(b"HTTP/1.1 200 OK\r\nConn", then="silence"), path="/console?x=1")
        )

    async def test_between_the_200_and_the_version(self):
        await self._leave_while(
            self.console(xenserver(b"HTTP/1.1 200 OK\r\n\r\n", then="silence"), path="/console?x=1")
        )

    async def test_in_mid_stream_with_a_reset(self):
        console = self.console(rfb)
        viewer = await viewers.enter(self.port, "the-token")
        viewer.write(b"x" * 100)
        await viewer.read(100)
        viewer.break_off()
        await eventually(lambda: console.connected == 0, "the console is left", within=5.0)
        await self.settled(LEFT)

    async def test_with_a_reset_while_the_console_floods_it(self):
        async def flood(caller: Caller) -> None:
            caller.write(BANNER)
            caller.write(bytes(64 << 20))

        console = self.console(flood)
        viewer = await viewers.enter(self.port, "the-token")
        viewer.transport.pauseProducing()
        await self.held_back("from_console")
        viewer.break_off()
        await eventually(lambda: console.connected == 0, "the console is left", within=5.0)
        await self.settled(LEFT)

    async def _leave_while(self, console) -> None:
        for way in WAYS:
            viewer = await viewers.knock(self.port, viewers.request("the-token") + b"early bytes")
            await eventually(lambda: console.connected == 1, "the console is dialled")
            getattr(viewer, way)()
            await eventually(lambda: console.connected == 0, "the console is left", within=5.0)
            viewer.close()
        await self.settled(LEFT, LEFT, LEFT)


class WhileNobodyReads(FaultCase):
    """Whose bytes wait with the kernel: the end is told without a look at them."""

    async def test_with_more_early_bytes_than_the_gateway_reads_ahead(self):
        console = self.console(silent)
        for way in ("finish", "break_off"):
            viewer = await viewers.knock(self.port, viewers.request("the-token") + os.urandom(100_000))
            await eventually(lambda: console.connected == 1, "the console is dialled")
            getattr(viewer, way)()
            await eventually(lambda: console.connected == 0, "the console is left", within=5.0)
            viewer.close()
        await self.settled(LEFT, LEFT)

    async def test_with_a_reset_while_the_console_takes_nothing(self):
        async def deaf(caller: Caller) -> None:
            caller.write(BANNER)
            caller.transport.pauseProducing()

        console = self.console(deaf)
        viewer = await viewers.enter(self.port, "the-token")
        viewer.write(bytes(64 << 20))
        await self.held_back("from_viewer")
        viewer.break_off()
        await eventually(lambda: len(self.gateway.closings) == 1, "the session ends", within=5.0)
        console.callers[0].transport.resumeProducing()
        await self.settled(LEFT)
