"""The libvirt driver against real libvirt: its test driver, and a user's session with machines in QEMU."""

import re
import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests import viewers
from tests.contracts.driver_suite import DriverSuite
from tests.endpoint import LOOPBACK, Endpoint
from tests.gateway_process import GatewayProcess
from tests.integration import libvirtd
from tests.integration.peers import free_port
from tests.integration.test_screens import desktop_of
from xvpproxy.blocking import ThreadedPool
from xvpproxy.drivers import libvirt_domains, libvirt_link
from xvpproxy.drivers.libvirt import TIMEOUT, LibvirtDriver
from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, InstanceNotFound

WEB = "6d7c0144-2a80-4db6-971e-07e62e622122"
OFF = "16b48cc3-f907-45b6-bbcc-1b6be436d8f2"
BLIND = "5f2c41f3-9c5d-4a3e-8c8e-0d2f4d1b6a10"


class LibvirtCase(TestCase):
    timeout = 150

    def opened(self, uri: str, *, timeout: float = TIMEOUT) -> LibvirtDriver:
        """The driver as `hypervisors` opens it."""
        library = libvirtd.package()
        hosts = [
            (libvirt_link.Host(each, library), ThreadedPool("libvirt", 2, reactor))
            for each in libvirt_domains.uris(uri)
        ]
        driver = LibvirtDriver(hosts, local_address=LOOPBACK, clock=reactor, timeout=timeout)
        self.addCleanup(driver.close)
        return driver

    async def refusal(self, asking, kind) -> Exception:
        with self.assertRaises(kind) as caught:
            await asking
        return caught.exception


class TestDriverTest(DriverSuite, LibvirtCase):
    """libvirt's own `test:///`, which has what its file says and runs nothing."""

    running = (WEB, "web1")

    def setUp(self) -> None:
        fixed = "<graphics type='vnc' port='5907' listen='127.0.0.1'/>"
        described = [("web1", WEB, fixed), ("blind", BLIND, ""), ("late", OFF, libvirtd.GRAPHICS)]
        file = Path(self.mktemp()).resolve()
        domains = [
            libvirtd.domain(name, uuid, devices=devices, kind="test", arch="i686") for name, uuid, devices in described
        ]
        file.write_text(f"<node>{''.join(domains)}</node>")
        self.driver = self.opened(f"test://{file}")

    async def test_its_console_is_at_the_port_of_the_live_description(self) -> None:
        console = await self.driver.locate(WEB)
        self.assertEqual((console.host, console.port, console.internal_access_path), ("127.0.0.1", 5907, None))

    async def test_why_there_is_no_console_is_told_apart(self) -> None:
        for uuid, cause in ((BLIND, "no_graphics"), (OFF, "no_console")):
            self.assertEqual((await self.refusal(self.driver.locate(uuid), ConsoleUnavailable)).cause, cause)

    async def test_a_daemon_that_is_not_there_is_said_with_its_name_and_libvirts_reason(self) -> None:
        driver = self.opened("qemu+unix:///session?socket=/nonexistent/socket")
        for asking in (driver.instances(), driver.find("web1"), driver.locate(WEB)):
            error = await self.refusal(asking, DriverUnavailable)
            self.assertIn("qemu+unix:///session: ", error.detail)
            self.assertIn("No such file or directory", error.detail)

    async def test_one_daemon_of_two_is_enough_for_its_own_domains(self) -> None:
        driver = self.opened(f"{self.driver._hosts[0][0].uri.text}, qemu+unix:///session?socket=/nonexistent/socket")
        self.assertEqual((await driver.locate(WEB)).port, 5907)
        self.assertEqual(len(await driver.instances()), 3)


class SessionTest(LibvirtCase):
    """A running machine in QEMU, one that is off, and a daemon that restarts and hangs."""

    async def setUp(self) -> None:
        self.daemon = await deferToThread(libvirtd.Libvirtd)
        self.addCleanup(deferToThread, self.daemon.stop)
        await deferToThread(self.define_machines)

    def define_machines(self) -> None:
        connection = self.daemon.connect()
        connection.defineXML(libvirtd.domain("off", OFF))
        connection.defineXML(libvirtd.domain("web1", WEB)).create()
        connection.close()

    async def with_web(self, act) -> None:
        """Do this with the machine, as an administrator."""

        def do() -> None:
            connection = self.daemon.connect()
            act(connection.lookupByName("web1"))
            connection.close()

        await deferToThread(do)

    async def test_a_desktop_in_qemu_is_reached_with_the_url_that_the_command_prints(self) -> None:
        gateway = GatewayProcess(
            self.mktemp(),
            {
                "DEFAULT": {"compute_driver": "libvirt.LibvirtDriver"},
                "libvirt": {"connection_uri": self.daemon.uri},
                "api": {"listen": f"{LOOPBACK}:{free_port()}", "auth_strategy": "noauth2"},
            },
        )
        self.addCleanup(gateway.stop)
        await gateway.started()
        listed, _, _ = await self.command(gateway, "list")
        self.assertRegex(listed, rf"{OFF} +off +SHUTOFF +libvirt\.LibvirtDriver")
        self.assertRegex(listed, rf"{WEB} +web1 +ACTIVE +libvirt\.LibvirtDriver +\S+")
        url, errors, status = await self.command(gateway, "url", "web1")
        self.assertEqual(status, 0, errors)
        token = re.search(r"token=(\S+)", url)[1]
        await self.shows_the_desktop(gateway, token)
        await deferToThread(self.daemon.restart)
        await self.shows_the_desktop(gateway, token)
        await self.with_web(self.daemon.power_off)
        answer = await viewers.refused(gateway.port, viewers.request(token))
        self.assertEqual(answer.status, 409)
        _, errors, status = await self.command(gateway, "url", "off")
        self.assertEqual(status, 1)
        self.assertIn("domain off is off", errors)

    async def command(self, gateway: GatewayProcess, *words: str) -> tuple[str, str, int]:
        program = str(Path(sys.executable).with_name("xvpproxy"))
        arguments = ["console", *words, "--config-file", str(gateway.file)]
        output, errors, status = await getProcessOutputAndValue(program, arguments, env={"HOME": self.mktemp()})
        return output.decode(), errors.decode(), status

    async def shows_the_desktop(self, gateway: GatewayProcess, token: str) -> None:
        viewer: Endpoint = await viewers.knock(gateway.port, viewers.request(token))
        opening = await viewer.read(len(viewers.ACCEPTED) + 12)
        self.assertEqual(opening, viewers.ACCEPTED + b"RFB 003.008\n")
        width, height, name = await desktop_of(viewer)
        self.assertEqual((name, width >= 640, height >= 350), ("QEMU (web1)", True, True))
        await viewers.leave([viewer])

    async def test_a_machine_is_followed_through_its_states(self) -> None:
        driver = self.opened(self.daemon.uri)
        first = await driver.locate(WEB)
        self.assertEqual(first.host, LOOPBACK)
        await self.with_web(lambda machine: machine.suspend())
        self.assertEqual((await driver.find("web1")).state, "PAUSED")
        self.assertEqual(await driver.locate(WEB), first)
        await self.with_web(self.daemon.power_off)
        self.assertEqual((await driver.find("web1")).state, "SHUTOFF")
        for asking in (driver.locate(WEB), driver.open(OFF, again=True)):
            self.assertEqual((await self.refusal(asking, ConsoleUnavailable)).cause, "vm_not_running")
        await self.with_web(lambda machine: machine.undefine())
        await self.refusal(driver.locate(WEB), InstanceNotFound)

    async def test_a_daemon_that_restarts_is_asked_again_on_a_new_connection(self) -> None:
        driver = self.opened(self.daemon.uri)
        first = await driver.locate(WEB)
        await deferToThread(self.daemon.end)
        await self.refusal(driver.locate(WEB), DriverUnavailable)
        await deferToThread(self.daemon.start)
        self.assertEqual(await driver.locate(WEB), first)

    async def test_a_daemon_that_hangs_costs_its_time_and_is_used_again_when_it_goes_on(self) -> None:
        driver = self.opened(self.daemon.uri, timeout=1)
        patient = self.opened(self.daemon.uri)
        first = await driver.locate(WEB)
        self.daemon.pause()
        began = reactor.seconds()
        for _ in range(3):
            error = await self.refusal(driver.locate(WEB), DriverUnavailable)
            self.assertEqual(error.cause, "driver_timeout")
        self.assertLess(reactor.seconds() - began, 60)
        waiting = Deferred.fromCoroutine(patient.locate(WEB))
        self.daemon.resume()
        self.assertEqual(await waiting, first)
        self.assertEqual(await driver.locate(WEB), first)
