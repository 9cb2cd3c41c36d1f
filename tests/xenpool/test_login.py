"""One login to a pool: finding the master, keeping the session, trusting the right hosts, and every way it can fail."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredList

from tests.consoles import Console
from tests.endpoint import LOOPBACK, eventually, pause
from tests.xenpool.bench import PASSWORD, USER, PoolCase, url
from xvpproxy.errors import DriverUnavailable


class LoginCase(PoolCase):
    async def find(self, driver):
        return (await driver.find(self.web.uuid)).name

    async def outage(self, driver, cause=None, within=10.0):
        """Why the driver cannot answer; in time."""
        before = reactor.seconds()
        with self.assertRaises(DriverUnavailable) as caught:
            await driver.find(self.web.uuid)
        self.assertLess(reactor.seconds() - before, within)
        if cause:
            self.assertEqual(caught.exception.cause, cause, caught.exception.detail)
        self.assertNotIn(PASSWORD, caught.exception.detail)
        return caught.exception.detail


class MasterTest(LoginCase):
    async def test_one_session_serves_all_with_our_name_on_it(self):
        driver = self.driver()
        finds = DeferredList([Deferred.fromCoroutine(self.find(driver)) for _ in range(20)], fireOnOneErrback=True)
        self.assertEqual([result for _, result in await finds], ["web"] * 20)
        self.assertEqual([(login.user, login.originator) for _, login in self.pool.ever], [(USER, "xvpproxy")])

    async def test_the_session_is_logged_out_at_the_end(self):
        driver = self.driver()
        await self.find(driver)
        self.assertEqual(len(self.pool.logins), 1)
        await self.logged_out(driver)
        self.assertEqual(self.pool.logins, {})

    async def test_a_closed_driver_answers_nobody_and_leaves_no_session(self):
        driver = self.driver()
        await self.logged_out(driver)
        await self.outage(driver)
        self.assertEqual(self.pool.logins, {})

    async def test_any_member_leads_to_the_master_which_is_remembered(self):
        driver = self.driver(url(self.doors[2]), url(self.doors[0]))
        await self.find(driver)
        self.pool.forget_sessions()
        await self.find(driver)
        self.assertEqual(self.doors[2].calls, ["session.login_with_password"])

    async def test_a_new_master_is_found_and_the_call_repeated(self):
        driver = self.driver()
        await self.find(driver)
        self.pool.elect(self.doors[2].host)
        self.assertEqual(await self.find(driver), "web")
        self.assertEqual(self.logins(), 2)

    async def test_a_master_that_is_down_is_replaced_by_the_one_that_the_others_name(self):
        driver = self.driver()
        await self.find(driver)
        self.pool.elect(self.doors[1].host)
        await self.doors[0].go_down()
        self.assertEqual(await self.find(driver), "web")

    async def test_all_members_but_one_may_be_down(self):
        self.pool.elect(self.doors[2].host)
        for door in self.doors[:2]:
            await door.go_down()
        self.assertEqual(await self.find(self.driver()), "web")

    async def test_a_hanging_member_leaves_time_for_the_others(self):
        self.pool.elect(self.doors[1].host)
        self.doors[0].hanging = True
        self.assertEqual(await self.find(self.driver(timeout=3.0)), "web")

    async def test_a_master_that_hangs_later_leaves_time_for_the_new_one(self):
        driver = self.driver(timeout=4.0)
        await self.find(driver)
        self.doors[0].hanging = True
        self.pool.elect(self.doors[1].host)
        self.assertEqual(await self.find(driver), "web")

    async def test_two_that_name_each_other_are_not_followed_for_ever(self):
        self.patch(self.pool, "master", type("Nobody", (), {"address": self.doors[1].host.address})())
        why = await self.outage(self.driver())
        self.assertIn("HOST_IS_SLAVE", why)
        self.assertLess(sum(len(door.calls) for door in self.doors), 10)


class SessionTest(LoginCase):
    async def test_forgotten_sessions_are_one_new_login(self):
        driver = self.driver()
        await self.find(driver)
        self.pool.forget_sessions()
        finds = DeferredList([Deferred.fromCoroutine(self.find(driver)) for _ in range(10)], fireOnOneErrback=True)
        await finds
        self.assertEqual(self.logins(), 2)

    async def test_a_session_that_a_host_refuses_is_replaced_and_logged_out(self):
        driver = self.driver()
        console = await driver.open(self.web.uuid, again=False)
        driver.login_refused(console.xen_login)
        fresh = await driver.open(self.web.uuid, again=True)
        self.assertNotEqual(fresh.xen_login, console.xen_login)
        self.assertEqual(list(self.pool.logins), [fresh.xen_login])

    async def test_an_idle_connection_that_was_cut_is_no_outage(self):
        driver = self.driver()
        await self.find(driver)
        for connection in list(self.doors[0].connections):
            connection.transport.abortConnection()
        await eventually(lambda: not self.doors[0].connections, "they are cut")
        self.assertEqual(await self.find(driver), "web")
        self.assertEqual(self.logins(), 1)

    async def test_a_login_is_never_repeated_by_itself(self):
        """A connection that ends instead of an answer may have logged us in already."""
        self.doors[0].cut_calls = True
        await self.outage(self.driver(url(self.doors[0])))
        self.assertEqual(self.doors[0].calls, ["session.login_with_password"])


class RefusedTest(LoginCase):
    async def test_a_wrong_password_is_told_and_not_tried_again_at_once(self):
        driver = self.driver(password="wrong")
        why = await self.outage(driver, "driver_auth")
        self.assertIn("connection_username and connection_password", why)
        await self.outage(driver, "driver_auth")
        self.assertEqual(self.doors[0].calls, ["session.login_with_password"])

    async def test_a_slow_refusal_is_waited_for_and_not_asked_for_again(self):
        """A real master takes 5 s for it; asked by every member's hint, it would lock the account."""
        self.pool.penalty = 5.0
        await self.outage(self.driver(password="wrong"), "driver_auth", within=20.0)
        self.assertEqual(self.doors[0].calls, ["session.login_with_password"])

    async def test_a_master_that_hangs_is_asked_once(self):
        self.doors[0].hanging = True
        await self.outage(self.driver(timeout=2.0))
        self.assertEqual(self.doors[0].accepted, 1)

    async def test_no_member_at_all_is_told_with_each_ones_reason(self):
        for door in self.doors:
            await door.go_down()
        why = await self.outage(self.driver(timeout=3.0))
        for door in self.doors:
            self.assertIn(f"{url(door)}: Connection refused", why)

    async def test_an_api_that_hangs_is_an_outage_in_time_and_heals(self):
        driver = self.driver(timeout=1.0)
        for door in self.doors:
            door.hanging = True
        await self.outage(driver, within=6.0)
        for door in self.doors:
            door.hanging = False
        await eventually(lambda: not [c for d in self.doors for c in d.connections], "the calls are given up")
        self.assertEqual(await self.find(driver), "web")

    async def test_an_api_that_drips_is_given_up_and_its_thread_too(self):
        """No single wait is long, and the answer never ends."""

        async def drip(caller):
            caller.write(b"HTTP/1.1 200 OK\r\n")
            while not caller.gone:
                caller.write(b"X: y\r\n")
                await pause(0.2)
            dried.append(caller)

        dried = []
        host = Console(drip)
        self.addCleanup(host.close)
        driver = self.driver(f"http://{LOOPBACK}:{host.port}", timeout=1.0, verified=False)
        await self.outage(driver, "driver_timeout", within=6.0)
        await eventually(lambda: dried, "the call has ended")


class TrustTest(LoginCase):
    async def test_a_pin_is_enough_and_another_one_is_not(self):
        self.assertEqual(await self.find(self.driver()), "web")
        why = await self.outage(self.driver(trust=self.trust(fingerprints=["ab" * 32])))
        self.assertIn("its certificate is none of [xenserver] fingerprints", why)
        self.assertEqual(self.logins(), 1)

    async def test_a_ca_is_enough_and_another_one_is_not(self):
        trust = self.trust(fingerprints=None, ca_file=self.ca_file(self.doors[0]))
        self.assertEqual(await self.find(self.driver(url(self.doors[0]), trust=trust)), "web")
        why = await self.outage(self.driver(url(self.doors[1]), trust=trust))
        self.assertIn("its certificate is not trusted", why)

    async def test_a_password_goes_to_no_master_whose_certificate_is_unknown(self):
        """A member names it; its certificate is not among those that are trusted."""
        self.pool.elect(self.doors[1].host)
        trust = self.trust(fingerprints=self.pins[:1])
        await self.outage(self.driver(url(self.doors[0]), url(self.doors[1]), trust=trust))
        self.assertEqual(self.doors[1].calls, [])

    async def test_without_certificates_a_password_goes_to_configured_hosts_only(self):
        self.pool.elect(self.doors[1].host)
        trust = self.trust(fingerprints=None, verify=False)
        why = await self.outage(self.driver(url(self.doors[0]), trust=trust, verified=False))
        self.assertIn(f"names {self.doors[1].host.address} as master, which is none of [xenserver] connection_url", why)


class PlainTest(LoginCase):
    encrypted = False

    async def test_http_works_where_it_is_asked_for(self):
        driver = self.driver(url(self.doors[1]), url(self.doors[0]), trust=self.trust(), verified=False)
        self.assertEqual(await self.find(driver), "web")
