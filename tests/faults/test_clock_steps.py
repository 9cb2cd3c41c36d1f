"""Somebody sets the machine's clock: what has a time limit keeps it, and tokens go by the time of day."""

import re
import time

from tests import viewers
from tests.consoles import rfb
from tests.endpoint import eventually, pause
from tests.faults.process_suite import ProcessCase
from tests.gateway_process import SteppingClock

HOUR = 3600.0
STEPS = (-HOUR, HOUR)


class ClockSteps(ProcessCase):
    workers = 1

    async def serve(self, *, preamble_timeout: float) -> None:
        self.clock = SteppingClock(self.mktemp())
        options = {"DEFAULT": {"workers": self.workers}, "gateway": {"preamble_timeout": preamble_timeout}}
        await self.start(options, clock=self.clock, bystanders=0)
        self.echo = self.console(rfb)

    async def test_time_limits_are_neither_late_nor_early(self):
        await self.serve(preamble_timeout=5.0)
        for step in STEPS:
            began = time.monotonic()
            viewer = await viewers.knock(self.port, b"CONNECT /")
            await pause(0.5)
            self.clock.step(step)
            viewer.write(b"console")  # whoever waits looks at the clock again
            self.assertEqual((await viewers.answer(viewer)).status, 408)
            self.assertGreater(time.monotonic() - began, 4.0)
            self.assertLess(time.monotonic() - began, 15.0)
            self.clock.step(0)

    async def test_a_session_that_saw_them_lasted_as_long_as_it_did(self):
        await self.serve(preamble_timeout=100.0)
        token = await self.token(self.echo)
        for step in STEPS:
            viewer = await viewers.enter(self.port, token)
            self.clock.step(step)
            viewer.write(b"still here")
            self.assertEqual(await viewer.read(10), b"still here")
            await viewers.leave([viewer])
            self.clock.step(0)
        await eventually(lambda: len(self.gateway.closings) == len(STEPS), "both have ended")
        for name in ("seconds", "preamble", "checking", "connecting", "relaying"):
            for lasted in re.findall(rf" {name}=(\S+)", self.gateway.output):
                self.assertGreaterEqual(float(lasted), 0.0)
                self.assertLess(float(lasted), 100.0)

    async def test_tokens_end_by_the_time_of_day(self):
        await self.serve(preamble_timeout=100.0)
        token = await self.token(self.echo, ttl=600)
        await viewers.leave([await viewers.enter(self.port, token)])
        self.clock.step(HOUR)
        self.assertEqual((await viewers.refused(self.port, viewers.request(token))).status, 401)
        await eventually(lambda: ("refused", 401, "token_expired") in self.gateway.closings, "it is in the log")
        self.clock.step(0)
        await viewers.leave([await viewers.enter(self.port, token)])


class ClockStepsOfWorkers(ClockSteps):
    workers = 2
