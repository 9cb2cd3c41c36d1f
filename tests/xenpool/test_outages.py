"""The pool's API in trouble: each viewer gets a status and a sentence in time, and other consoles do not notice."""

from tests.endpoint import eventually
from tests.xenpool.bench import url
from tests.xenpool.gateway import PRINTER, GatewayCase


class OutageTest(GatewayCase):
    api_timeout = 3.0
    #: Seconds: the API's time, and what a busy machine adds.
    IN_TIME = 12.0

    async def setUp(self):
        await super().setUp()
        self.token = await self.mint("t", self.web.uuid)
        self.elsewhere = await self.mint("printer", PRINTER)

    async def others_do_not_notice(self):
        viewer = await self.enter(self.elsewhere)
        await self.leave(viewer)

    async def outage(self):
        answer, seconds = await self.refused(self.token)
        self.assertEqual((answer.status, answer.reason), (503, "Console Lookup Unavailable"))
        self.assertIn("could not be looked up just now. Try again shortly.", answer.body)
        self.assertEqual(answer.headers["Retry-After"], "5")
        self.assertLess(seconds, self.IN_TIME)

    async def test_all_members_but_one_are_down(self):
        self.pool.migrate(self.web, self.doors[2].host)
        await eventually(lambda: not self.web.operations, "it has moved")
        self.pool.elect(self.doors[2].host)
        for door in self.doors[:2]:
            await door.go_down()
        await self.leave(await self.enter(self.token))
        await self.others_do_not_notice()

    async def test_all_members_are_down_and_come_back(self):
        for door in self.doors:
            await door.go_down()
        await self.outage()
        await self.others_do_not_notice()
        for door in self.doors:
            door.listen()
        await self.leave(await self.enter(self.token))

    async def test_the_host_of_the_machine_is_down(self):
        self.pool.elect(self.doors[1].host)
        await self.doors[0].go_down()
        answer, seconds = await self.refused(self.token)
        self.assertEqual((answer.status, answer.reason), (502, "Console Unreachable"))
        self.assertLess(seconds, self.IN_TIME)

    async def test_the_master_changes_with_viewers_connected(self):
        viewer = await self.enter(self.token)
        self.pool.elect(self.doors[1].host)
        await self.leave(await self.enter(self.token))
        viewer.write(b"still here")
        self.assertEqual(await viewer.read(10), b"still here")
        await self.leave(viewer)

    async def test_all_sessions_are_expired(self):
        self.pool.forget_sessions()
        for _ in range(3):
            await self.leave(await self.enter(self.token))
        self.assertEqual(self.logins(), 2)

    async def test_the_api_hangs_with_many_viewers_and_heals(self):
        for door in self.doors:
            door.hanging = True
        for _ in range(3):
            await self.others_do_not_notice()
        await self.outage()
        await self.others_do_not_notice()
        for door in self.doors:
            door.hanging = False
        await eventually(lambda: not any(door.connections for door in self.doors), "the calls are given up")
        await self.leave(await self.enter(self.token))

    async def test_the_password_is_wrong(self):
        self.pool.forget_sessions()
        self.pool._accounts = {}
        await self.outage()
        await self.others_do_not_notice()
        self.assertEqual(self.gateway.closings[0], ("refused", 503, "driver_auth"))
        before = [list(door.calls) for door in self.doors]
        await self.outage()
        self.assertEqual([list(door.calls) for door in self.doors], before)

    async def test_nothing_that_was_said_holds_a_session(self):
        await self.leave(await self.enter(self.token))
        self.pool.forget_sessions()
        await self.leave(await self.enter(self.token))
        said = repr([{key: str(value) for key, value in event.items()} for event in self.gateway.events])
        for session, _login in self.pool.ever:
            self.assertNotIn(session, said)
        self.assertIn(url(self.doors[0]), said)
