"""What is done to the gateway as a process: signals, and file descriptors that run out."""

import signal
import time

from twisted.internet import reactor

from tests import viewers
from tests.bystanders import BYSTANDERS
from tests.certificates import Certificate
from tests.consoles import rfb, silent
from tests.endpoint import dial, eventually, pause
from tests.faults.process_suite import ProcessCase

SHUTDOWN = ("shutdown", 0, "")


class Draining(ProcessCase):
    async def test_live_sessions_go_on_until_the_deadline_and_new_viewers_are_told(self):
        await self.start({"gateway": {"drain_timeout": 2}})
        token = await self.token(self.console(rfb))
        idle = await dial(self.port)
        began = reactor.seconds()
        self.gateway.signal(signal.SIGTERM)
        await eventually(lambda: "shutting down" in self.gateway.output, "it drains")
        reply = await viewers.refused(self.port, viewers.request(token))
        self.assertEqual((reply.status, reply.reason), (503, "Shutting Down"))
        self.assertGreater(int(reply.headers["Retry-After"]), 0)
        await pause(0.5)
        await self.bystanders.check()
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertGreater(reactor.seconds() - began, 1.9)
        self.assertEqual(self.gateway.closings.count(SHUTDOWN), BYSTANDERS)
        self.assertEqual(self.gateway.closings.count(("refused", 503, "drain")), 1)
        await idle.read_all()

    async def test_it_ends_as_soon_as_the_last_session_has(self):
        await self.start({"gateway": {"drain_timeout": 100}})
        idle = [await dial(self.port), await viewers.knock(self.port, b"CONN")]
        self.gateway.signal(signal.SIGTERM)
        await eventually(lambda: "shutting down" in self.gateway.output, "it drains")
        await self.bystanders.check()
        await self.bystanders.leave()
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertEqual(self.gateway.closings.count(("viewer_left", 0, "")), BYSTANDERS)
        for each in idle:
            await each.read_all()

    async def test_a_second_sigterm_ends_it_now(self):
        await self.start({"gateway": {"drain_timeout": 100}})
        self.gateway.signal(signal.SIGTERM)
        await eventually(lambda: "shutting down" in self.gateway.output, "it drains")
        self.gateway.signal(signal.SIGTERM)
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertEqual(self.gateway.closings, [SHUTDOWN] * BYSTANDERS)

    async def test_sigint_ends_it_now(self):
        await self.start({"gateway": {"drain_timeout": 100}})
        self.gateway.signal(signal.SIGINT)
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertEqual(self.gateway.closings, [SHUTDOWN] * BYSTANDERS)

    async def test_viewers_at_every_stage_have_their_line_when_it_ends(self):
        await self.start({"gateway": {"drain_timeout": 100, "preamble_timeout": 100}})
        token = await self.token(self.console(silent))
        begun = await viewers.knock(self.port, b"CONNECT /")
        waiting = await viewers.knock(self.port, viewers.request(token))
        await eventually(lambda: self.consoles[-1].connected == 1, "a console is dialled")
        self.gateway.signal(signal.SIGINT)
        self.assertEqual(await self.gateway.exited(), 0)
        self.assertEqual(self.gateway.closings, [SHUTDOWN] * (BYSTANDERS + 2))
        for each in (begun, waiting):
            await each.read_all()


class Reloading(ProcessCase):
    async def test_a_good_file_is_taken_over_while_sessions_live(self):
        await self.start({"gateway": {"preamble_timeout": 100}})
        certificate = Certificate(self.mktemp())
        token = await self.token(self.console(rfb))
        before = self.gateway.resources()
        self.gateway.configure(
            {"gateway": {"preamble_timeout": 1.0, "max_sessions_per_token": 1}, "DEFAULT": {"cert": certificate.path}}
        )
        self.gateway.signal(signal.SIGHUP)
        await eventually(lambda: "reloaded" in self.gateway.output, "it is reloaded")
        late = await viewers.refused(self.port, b"CONNECT /")
        self.assertEqual(late.status, 408)
        first = await viewers.enter(self.port, token, tls=True)
        second = await viewers.refused(self.port, viewers.request(token))
        self.assertEqual(second.status, 429)
        first.close()
        await self.settled(
            before,
            ("timed_out", 408, "pre_timeout"),
            ("refused", 429, "max_sessions_per_token"),
            ("viewer_left", 0, ""),
        )

    async def test_a_bad_file_is_reported_and_changes_nothing(self):
        await self.start({"gateway": {"max_sessions_per_token": 2}})
        token = await self.token(self.console(rfb))
        before = self.gateway.resources()
        good = self.gateway.file.read_text()
        for bad in ("[gateway]\nmax_sessions_per_token = many\n", "no section\n", "[DEFAULT]\nssl_only = true\n"):
            reported = self.gateway.output.count(" ERROR ")
            self.gateway.file.write_text(good.replace("[gateway]\nmax_sessions_per_token = 2\n", "") + bad)
            self.gateway.signal(signal.SIGHUP)
            await eventually(lambda n=reported: self.gateway.output.count(" ERROR ") > n, "it is reported")
        self.assertNotIn("] reloaded", self.gateway.output)
        self.gateway.file.unlink()
        self.gateway.signal(signal.SIGHUP)
        await eventually(lambda: self.gateway.output.count(" ERROR ") > 3, "the missing file is reported")
        inside = [await viewers.enter(self.port, token) for _ in range(2)]
        self.assertEqual((await viewers.refused(self.port, viewers.request(token))).status, 429)
        await viewers.leave(inside)
        left = ("viewer_left", 0, "")
        await self.settled(before, left, left, ("refused", 429, "max_sessions_per_token"))

    async def test_what_takes_a_restart_is_named(self):
        await self.start()
        before = self.gateway.resources()
        self.gateway.configure({"vnc": {"xvpvncproxy_port": 1}, "gateway": {"preamble_timeuot": 3}})
        for times in (1, 2):  # it is so after every reload, until the restart
            self.gateway.signal(signal.SIGHUP)
            await eventually(lambda n=times: self.gateway.output.count("] reloaded") == n, "it is reloaded")
            self.assertEqual(self.gateway.output.count("[vnc] xvpvncproxy_port has changed"), times)
            self.assertEqual(self.gateway.output.count("the nearest is preamble_timeout"), times)
        await self.settled(before)


class OutOfDescriptors(ProcessCase):
    async def test_accepting_pauses_without_spinning_and_resumes(self):
        await self.start({"gateway": {"max_pending_per_address": 1000}}, descriptors=160)
        token = await self.token(self.console(rfb))
        before = self.gateway.resources()
        crowd = [await dial(self.port) for _ in range(150)]
        await eventually(lambda: "not accepting" in self.gateway.output, "accepting pauses")
        await self._idle_for(1.0)
        for each in crowd:
            each.close()
        await viewers.leave([await viewers.enter(self.port, token)])
        await self.settled(before, ("viewer_left", 0, ""))

    async def test_a_limit_that_others_have_used_up_only_pauses(self):
        await self.start()
        token = await self.token(self.console(rfb))
        before = self.gateway.resources()
        self.gateway.limit_descriptors(before["descriptors"])
        waiting = await viewers.knock(self.port, viewers.request(token))
        await eventually(lambda: "not accepting" in self.gateway.output, "accepting pauses")
        await self._idle_for(1.0)
        self.gateway.limit_descriptors(10_000)
        await viewers.welcomed(waiting)
        await viewers.leave([waiting])
        await self.settled(before, ("viewer_left", 0, ""))

    async def test_whoever_finds_no_descriptor_says_so_and_is_no_failure(self):
        await self.start()
        token = await self.token(self.console(rfb))
        before = self.gateway.resources()
        statuses = []
        for spare in range(1, 8):
            self.gateway.limit_descriptors(before["descriptors"] + spare)
            viewer = await viewers.knock(self.port, viewers.request(token))
            await viewer.until(lambda viewer=viewer: len(viewer.received) >= len(viewers.ACCEPTED))
            statuses.append(int(viewer.received[9:12]))
            await viewers.leave([viewer])
            await eventually(lambda count=spare: len(self.gateway.closings) == count, "it has ended")
        # The store's own descriptors come first; then the console's; then it opens.
        self.assertEqual(statuses, sorted(statuses, reverse=True))
        self.assertLessEqual(set(statuses), {503, 429, 200})
        self.assertGreater(statuses[0], statuses[-1])
        await self.settled(before, *self.gateway.closings)

    async def _idle_for(self, seconds: float) -> None:
        """The gateway relays its bystanders meanwhile, and does little else."""
        began, spent = time.monotonic(), self.gateway.cpu_seconds
        await pause(seconds)
        self.assertLess((self.gateway.cpu_seconds - spent) / (time.monotonic() - began), 0.5)
        self.assertEqual(self.gateway.output.count("not accepting"), 1)
        await self.bystanders.check()
