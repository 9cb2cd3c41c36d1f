"""Viewers that say nothing, or too little: the deadline is absolute and the health checks go unheard."""

from twisted.internet import reactor

from tests import viewers
from tests.consoles import rfb
from tests.endpoint import dial, pause
from tests.faults.suite import FaultCase

TOO_LATE = ("timed_out", 408, "pre_timeout")


class SilentViewers(FaultCase):
    timeouts = {"preamble": 1.0}  # noqa: RUF012

    async def test_closes_who_says_nothing_at_the_deadline_without_a_word(self):
        viewer = await dial(self.port)
        self.assertEqual(await viewer.read_all(), b"")
        viewer.close()
        await self.settled(TOO_LATE)
        self.assertEqual(self._levels(), ["debug"])

    async def test_health_checks_that_say_nothing_are_closed_in_silence(self):
        for how in ("close", "finish", "break_off"):
            viewer = await dial(self.port)
            getattr(viewer, how)()
            await viewer.read_all()
            viewer.close()
        await self.settled("viewer_left", "viewer_left", "viewer_left")
        self.assertEqual(self._levels(), ["debug"] * 3)

    async def test_tells_who_has_begun_408_at_the_deadline(self):
        reply = await viewers.refused(self.port, b"CONNECT /console?tok")
        self.assertEqual((reply.status, reply.reason), (408, "Request Timeout"))
        await self.settled(TOO_LATE)

    async def test_a_byte_now_and_then_does_not_move_the_deadline(self):
        started = reactor.seconds()
        viewer = await dial(self.port)
        for byte in viewers.request("x" * 2000):
            if viewer.ended:
                break
            viewer.write(bytes([byte]))
            await pause(0.02)
        self.assertEqual((await viewers.answer(viewer)).status, 408)
        self.assertLess(reactor.seconds() - started, 10.0)
        await self.settled(TOO_LATE)

    def _levels(self) -> list[str]:
        return [event["log_level"].name for event in self.gateway.closed]


class IdleSessions(FaultCase):
    settings = {"idle_timeout": 3.0}  # noqa: RUF012

    async def test_one_that_says_nothing_ends_and_those_who_talk_do_not(self):
        console = self.console(rfb)
        viewer = await viewers.enter(self.port, "the-token")
        viewer.write(b"x")
        await viewer.read(1)
        started = reactor.seconds()
        await viewer.until(lambda: viewer.ended)
        self.assertGreater(reactor.seconds() - started, 2.9)
        viewer.close()
        await self.settled("idle")
        self.assertEqual(console.connected, 0)
