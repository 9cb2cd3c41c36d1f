"""Between mint and connect, and while a viewer is connected, machines move, reboot, vanish and change places."""

from tests.consoles import Console, rfb
from tests.endpoint import LOOPBACK, eventually
from tests.xenpool.gateway import PRINTER, GatewayCase
from xvpproxy.demo import xenpool_host
from xvpproxy.demo.xenpool_console import Rejected, console_of, rejection
from xvpproxy.drivers.registry import Drivers
from xvpproxy.drivers.static import StaticConsole, StaticDriver


class FollowingTest(GatewayCase):
    async def test_a_console_opens_with_a_cookie_and_nothing_else(self):
        await self.leave(await self.enter(await self.mint("t", self.web.uuid)))
        (head,) = self.doors[0].heads
        host = self.doors[0].host
        (session,) = self.pool.logins
        self.assertEqual(
            head.decode(),
            f"CONNECT /console?uuid={self.web.uuid} HTTP/1.1\r\nHost: {host.address}:{host.port}\r\n"
            f"Cookie: session_id={session}\r\n\r\n",
        )

    async def test_a_machine_that_migrated_since_is_found_at_its_new_host(self):
        token = await self.mint("t", self.web.uuid)
        self.pool.migrate(self.web, self.doors[2].host)
        await eventually(lambda: not self.web.operations, "it has moved")
        await self.leave(await self.enter(token))
        self.assertEqual(self.served(), [0, 0, 1])
        (opened,) = [event for event in self.gateway.events if event.get("log_format", "").startswith("open ")]
        host = self.doors[2].host
        self.assertEqual(opened["console"], f"{host.address}:{host.port}", "the log says where it really is")

    async def test_a_machine_that_was_rebooted_since_is_found_again(self):
        token = await self.mint("t", self.web.uuid)
        self.pool.reboot(self.web)
        await eventually(lambda: not self.web.operations, "it is up again")
        await self.leave(await self.enter(token))

    async def test_a_viewer_that_comes_in_the_middle_of_either_waits_for_it(self):
        token = await self.mint("t", self.web.uuid)
        for happen in (
            lambda: self.pool.migrate(self.web, self.doors[1].host),
            lambda: self.pool.reboot(self.web),
        ):
            happen()
            await self.leave(await self.enter(token))

    async def test_a_host_that_says_404_for_a_while_is_waited_for_too(self):
        token = await self.mint("t", self.web.uuid)
        self.doors[0].no_screen = True
        self.pool.migrate(self.web, self.doors[1].host)
        await self.leave(await self.enter(token))

    async def test_the_old_stream_ends_cleanly_and_the_same_token_opens_the_next(self):
        token = await self.mint("t", self.web.uuid)
        for happen in (
            lambda: self.pool.migrate(self.web, self.doors[1].host),
            lambda: self.pool.reboot(self.web),
        ):
            viewer = await self.enter(token)
            happen()
            self.assertEqual(await viewer.read_all(), b"")
            self.assertFalse(viewer.reset)
            await self.leave(viewer)
        await self.leave(await self.enter(token))
        await eventually(lambda: len(self.gateway.closings) == 3, "all have ended")
        self.assertEqual(self.gateway.closings[:2], [("console_left", 0, "")] * 2)


class RefusedTest(GatewayCase):
    patience = 1.0

    async def test_a_machine_that_is_off_or_gone_is_409_or_404_at_once(self):
        token = await self.mint("t", self.web.uuid)
        self.pool.set_power(self.web, "Halted")
        answer, _seconds = await self.refused(token)
        self.assertEqual((answer.status, answer.reason), (409, "Console Not Available"))
        self.assertIn("powered off", answer.body)
        self.pool.machines.remove(self.web)
        answer, _seconds = await self.refused(token)
        self.assertEqual((answer.status, answer.reason), (404, "Console Not Found"))
        self.assertEqual([cause for _, _, cause in self.gateway.closings], ["vm_not_running", "identity"])
        self.assertEqual(self.served(), [0, 0, 0])

    async def test_a_console_that_does_not_come_is_told_after_the_patience(self):
        token = await self.mint("t", self.web.uuid)
        self.web.consoles.clear()
        answer, seconds = await self.refused(token)
        self.assertEqual((answer.status, answer.reason), (409, "Console Not Available"))
        self.assertLess(seconds, 10)
        self.assertGreater(self.served()[0], 2)

    async def test_a_console_that_somebody_holds_is_409(self):
        self.pool.one_viewer_only = True
        token = await self.mint("t", self.web.uuid)
        viewer = await self.enter(token)
        answer, _seconds = await self.refused(token)
        self.assertEqual((answer.status, self.gateway.closings[0][2]), (409, "console_busy"))
        await self.leave(viewer)


class LoginTest(GatewayCase):
    def refuse(self, times):
        """Let the hosts say 401 to sessions that the API takes."""
        left = [times]

        def judge(*args):
            if left[0]:
                left[0] -= 1
                raise Rejected(rejection(401, "1.1"))
            return console_of(*args)

        self.patch(xenpool_host, "console_of", judge)

    async def test_a_session_that_a_host_refuses_is_replaced_once(self):
        token = await self.mint("t", self.web.uuid)
        self.refuse(1)
        await self.leave(await self.enter(token))
        self.assertEqual((len(self.pool.ever), len(self.pool.logins)), (2, 1))
        self.refuse(9)
        answer, _seconds = await self.refused(token)
        self.assertEqual((answer.status, answer.reason), (502, "Console Unreachable"))
        self.assertEqual(len(self.pool.ever), 3)

    async def test_a_token_of_novas_goes_out_as_it_is_and_if_refused_with_our_session(self):
        self.web.other_config["nova_uuid"] = PRINTER[:-1] + "9"
        novas = self.pool.log_in("root", "the root of all", "nova")
        host = self.doors[0].host
        path = f"/console?ref={self.web.ref}&session_id={novas}"
        token = self.tokens.add("t", host.port, path, host=host.address, instance_uuid=PRINTER[:-1] + "9")
        self.unverified._tls_doors = frozenset({(host.address, host.port)})
        await self.leave(await self.enter(token))
        self.assertTrue(self.doors[0].heads[0].decode().startswith(f"CONNECT {path} HTTP/1.1\r\n"))
        self.assertNotIn(b"Cookie", self.doors[0].heads[0])
        del self.pool.logins[novas]
        await self.leave(await self.enter(token))
        self.assertIn(b"Cookie", self.doors[0].heads[-1])
        self.assertNotIn(novas.encode(), self.doors[0].heads[-1])


class RaceTest(GatewayCase):
    """A port is handed to another instance between mint and connect."""

    OTHER = "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11"

    async def setUp(self):
        await super().setUp()
        self.second = Console(rfb)
        self.addCleanup(self.second.close)

    def hand_over(self):
        """The printer's port now shows another instance; the printer is elsewhere."""
        places = [(PRINTER, "printer", self.second.port), (self.OTHER, "other", self.printer.port)]
        fixed = StaticDriver([StaticConsole(uuid, name, LOOPBACK, port) for uuid, name, port in places])
        self.drivers = Drivers([self.xen, fixed])
        self.gateway.parts.upstream = self.unverified
        self.verify()

    async def test_the_token_does_not_open_the_other_ones_console(self):
        token = await self.mint("t", PRINTER)
        await self.leave(await self.enter(token))
        callers = len(self.printer.callers)
        self.hand_over()
        answer, _seconds = await self.refused(token)
        self.assertEqual((answer.status, answer.reason), (409, "Console Not Available"))
        self.assertIn("ask for a new one", answer.body)
        self.assertEqual(self.gateway.closings[-1], ("refused", 409, "identity_mismatch"))
        self.assertEqual((len(self.printer.callers), self.second.callers), (callers, []))
        await self.leave(await self.enter(await self.mint("new", PRINTER)))

    async def test_an_instance_that_no_driver_knows_any_more_is_404(self):
        token = await self.mint("t", PRINTER)
        self.drivers = Drivers([self.xen])
        self.gateway.parts.upstream = self.unverified
        self.verify()
        answer, _seconds = await self.refused(token)
        self.assertEqual((answer.status, self.gateway.closings[-1][2]), (404, "identity"))

    async def test_who_turns_the_check_off_gets_what_the_token_says(self):
        token = await self.mint("t", PRINTER)
        self.hand_over()
        self.gateway.parts.upstream = self.unverified
        self.verify(verify=False)
        await self.leave(await self.enter(token))
        self.assertEqual(len(self.printer.callers), 1)
        await self.leave(await self.enter(await self.mint("x", self.web.uuid)))
