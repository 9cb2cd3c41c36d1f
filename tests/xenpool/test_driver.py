"""The XenAPI driver: which machines there are, where their consoles are, and why there is none."""

import hashlib
import ssl

from tests.contracts.driver_suite import DriverSuite
from tests.xenpool.bench import PoolCase, fingerprint, url
from xvpproxy.demo.xenpool import Machine
from xvpproxy.drivers.contract import Instance
from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, DriverUnavailable, InstanceNotFound

NOBODY = "6d7c0144-2a80-4db6-971e-07e62e622122"


class DriverCase(PoolCase):
    async def setUp(self):
        await super().setUp()
        self.xen = self.driver()

    async def refusal(self, asking, kind):
        with self.assertRaises(kind) as caught:
            await asking
        return caught.exception


class FindingTest(DriverCase):
    async def test_lists_what_is_somebodys_with_state_and_host(self):
        self.pool.set_power(self.mail, "Suspended")
        found = {(each.name, each.state, each.host) for each in await self.xen.instances()}
        self.assertEqual(found, {("web", "ACTIVE", "xen1"), ("mail", "SUSPENDED", ""), ("database", "SHUTOFF", "")})

    async def test_finds_by_uuid_in_any_case_and_by_name(self):
        expected = Instance(self.web.uuid, "web", "ACTIVE", "xenapi.XenAPIDriver", "xen1")
        for wanted in (self.web.uuid, self.web.uuid.upper(), "web"):
            self.assertEqual(await self.xen.find(wanted), expected)

    async def test_finds_by_the_uuid_that_nova_gave(self):
        self.web.other_config["nova_uuid"] = NOBODY
        self.assertEqual((await self.xen.find(NOBODY)).uuid, self.web.uuid)
        self.assertIn(self.web.uuid, (await self.xen.open(NOBODY, again=False)).internal_access_path)

    async def test_what_is_not_there_is_not_found(self):
        for wanted in (NOBODY, "nobody", "Windows 11", "Control domain on host: xen1"):
            await self.refusal(self.xen.find(wanted), InstanceNotFound)
        control = self.pool.machines[-1]
        for verb in (self.xen.locate, self.xen.find):
            error = await self.refusal(verb(control.uuid), InstanceNotFound)
        self.assertEqual((error.status, error.cause), (404, "identity"))

    async def test_a_name_that_several_have_needs_a_uuid(self):
        self.pool.add_machine(Machine("web", self.doors[1].host, 0))
        error = await self.refusal(self.xen.find("web"), ConsoleUnavailable)
        self.assertEqual((error.cause, error.public), ("ambiguous_name", "2 machines have the name 'web'; use a uuid."))

    async def test_a_machine_that_moves_is_migrating(self):
        self.pool.migrate(self.web, self.doors[1].host)
        self.assertEqual((await self.xen.find("web")).state, "MIGRATING")


class LocatingTest(DriverCase):
    async def test_a_console_is_at_the_host_of_its_machine_and_has_no_session(self):
        for machine, door in ((self.web, self.doors[0]), (self.mail, self.doors[1])):
            console = await self.xen.locate(machine.uuid)
            self.assertEqual((console.host, console.port, console.tls), (door.host.address, door.host.port, True))
            self.assertEqual(console.internal_access_path, f"/console?uuid={machine.uuid}")
            self.assertIsNone(console.xen_login)

    async def test_each_state_without_a_console_has_its_sentence(self):
        self.pool.set_power(self.mail, "Suspended")
        self.pool.set_power(self.web, "Paused")
        for machine, word in ((self.database, "powered off"), (self.mail, "suspended"), (self.web, "paused")):
            for asking in (self.xen.locate(machine.uuid), self.xen.open(machine.uuid, again=False)):
                error = await self.refusal(asking, ConsoleUnavailable)
                self.assertEqual((error.status, error.cause), (409, "vm_not_running"))
                self.assertIn(word, error.public)

    async def test_one_that_is_just_rebooting_has_none_yet(self):
        self.pool.reboot(self.web)
        error = await self.refusal(self.xen.locate(self.web.uuid), ConsoleUnavailable)
        self.assertEqual(error.cause, "no_console")

    async def test_one_that_is_starting_may_have_one_in_a_moment(self):
        self.database.operations["task"] = "start"
        error = await self.refusal(self.xen.open(self.database.uuid, again=False), ConsoleUnavailable)
        self.assertEqual(error.cause, "vm_moving")

    async def test_a_rescued_machine_shows_the_one_that_rescues_it(self):
        rescue = self.pool.add_machine(Machine("database-rescue", self.doors[2].host, 1))
        console = await self.xen.locate(self.database.uuid)
        self.assertEqual(console.internal_access_path, f"/console?uuid={rescue.uuid}")
        self.pool.set_power(rescue, "Halted")
        await self.refusal(self.xen.locate(self.database.uuid), ConsoleUnavailable)

    async def test_a_host_at_an_address_of_no_other_machine_is_not_dialled(self):
        """Nobody configured it, and on a real gateway it would be the gateway itself."""
        driver = self.driver(url(self.doors[0]))
        error = await self.refusal(driver.locate(self.mail.uuid), DriverUnavailable)
        self.assertIn("'127.0.0.12' as a host's address", error.detail)

    async def test_a_host_that_is_not_configured_is_at_the_usual_port(self):
        self.doors[1].host.address = "192.0.2.12"
        console = await self.xen.locate(self.mail.uuid)
        self.assertEqual((console.host, console.port, console.tls), ("192.0.2.12", 443, True))


class OpeningTest(DriverCase):
    async def test_a_console_is_opened_with_a_session_of_ours_that_does_not_print(self):
        console = await self.xen.open(self.web.uuid, again=False)
        self.assertIn(console.xen_login, self.pool.logins)
        self.assertNotIn(console.xen_login, repr(console))

    async def test_it_follows_the_machine(self):
        self.assertEqual((await self.xen.open(self.web.uuid, again=False)).host, self.doors[0].host.address)
        self.web.host = self.doors[1].host
        self.assertEqual((await self.xen.open(self.web.uuid, again=False)).host, self.doors[1].host.address)

    async def test_the_certificate_of_each_host_is_learned_over_the_api(self):
        console = await self.xen.open(self.mail.uuid, again=False)
        self.assertEqual(console.certificate, fingerprint(self.doors[1]))

    async def test_a_certificate_is_learned_again_after_a_failure(self):
        await self.xen.open(self.mail.uuid, again=False)
        new = self.doors[2].host.certificate
        self.doors[1].host.certificate = new
        self.assertNotEqual((await self.xen.open(self.mail.uuid, again=False)).certificate, _pin(new))
        self.assertEqual((await self.xen.open(self.mail.uuid, again=True)).certificate, _pin(new))

    async def test_none_is_learned_from_an_api_that_is_not_trusted(self):
        driver = self.driver(trust=self.trust(fingerprints=None, verify=False), verified=False)
        self.assertEqual((await driver.open(self.web.uuid, again=False)).certificate, "")


class ConfigurationTest(DriverCase):
    def test_what_is_missing_is_named(self):
        self.assertIn("connection_password", str(self.assertRaises(ConfigurationError, self.driver, password="")))
        for bad in ("unix://local", "https://", "https://xen:port", "https://root:secret@xen1"):
            error = self.assertRaises(ConfigurationError, self.driver, bad)
            self.assertIn("[xenserver] connection_url", str(error))
            self.assertNotIn("secret", str(error))


def _pin(pem):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


class PromisesTest(DriverSuite, PoolCase):
    """What every driver promises."""

    twins = "twin"

    async def setUp(self):
        await super().setUp()
        for door in self.doors[:2]:
            self.pool.add_machine(Machine("twin", door.host, 1))
        self.running = (self.web.uuid, "web")
        # Known only now: the suite reads it as an attribute.
        self.driver = PoolCase.driver(self)
