"""A simulated pool on loopback for the tests, and the driver that looks at it."""

from __future__ import annotations

import datetime as dt
import hashlib
import ssl
import threading
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from tests.consoles import Console, rfb
from tests.endpoint import eventually
from xvpproxy.blocking import ThreadedPool
from xvpproxy.demo.xenpool import Machine, Pool
from xvpproxy.demo.xenpool_host import HostDoor, add_host
from xvpproxy.drivers.xenapi import THREADS, XenAPIDriver
from xvpproxy.drivers.xenapi_members import Members
from xvpproxy.gateway.tls import Trust, xenserver_trust

USER, PASSWORD = "gateway", "Correct-Horse-1"
ACCOUNTS = {
    USER: (PASSWORD, "vm-operator"),
    "root": ("the root of all", "pool-admin"),
    "reader": ("only-looking", "read-only"),
}


def fingerprint(door: HostDoor) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(door.host.certificate)).hexdigest()


def url(door: HostDoor) -> str:
    return f"{'https' if door.host.certificate else 'http'}://{door.host.address}:{door.host.port}"


class PoolCase(TestCase):
    """Three hosts; `web` runs on the first, `mail` on the second, and `database` is halted.

    Attributes:
        gap: seconds without a console in a migration or a reboot.
        encrypted: whether the hosts speak TLS.
    """

    timeout = 100
    gap = 0.3
    encrypted = True

    async def setUp(self) -> None:
        self.threads_before = threading.active_count()
        self.pool = Pool(reactor, accounts=ACCOUNTS, gap=self.gap, penalty=0.05)
        made = dt.datetime.now(dt.UTC) if self.encrypted else None
        self.doors = [
            add_host(self.pool, f"xen{number}", f"127.0.0.{10 + number}", reactor, made=made) for number in (1, 2, 3)
        ]
        self.addCleanup(self._close_pool)
        self.screens = {name: Console(rfb) for name in ("web", "mail")}
        hosts = [door.host for door in self.doors]
        self.web = self.pool.add_machine(Machine("web", hosts[0], self.screens["web"].port))
        self.mail = self.pool.add_machine(Machine("mail", hosts[1], self.screens["mail"].port))
        self.database = self.pool.add_machine(Machine("database", None, 0, power_state="Halted"))
        self.pool.add_machine(Machine("Windows 11", None, 0, power_state="Halted", kind="template"))
        self.pool.add_machine(Machine("Control domain on host: xen1", hosts[0], 0, kind="dom0"))

    async def _close_pool(self) -> None:
        self.pool.close()
        for door in self.doors:
            await door.go_down()
        for screen in self.screens.values():
            await screen.close()
        await eventually(lambda: not any(door.connections for door in self.doors), "the hosts' connections end")

    # Trust

    @property
    def pins(self) -> list[str]:
        return [fingerprint(door) for door in self.doors if door.host.certificate]

    def ca_file(self, *doors: HostDoor) -> str:
        """A file with the certificates of some hosts, which sign themselves."""
        path = Path(self.mktemp()).resolve()
        path.write_text("".join(door.host.certificate for door in doors))
        return str(path)

    def trust(self, **given: object) -> Trust:
        return xenserver_trust(**{"ca_file": None, "fingerprints": self.pins, "verify": True, **given})

    # The driver

    def driver(
        self,
        *urls: str,
        trust: Trust | None = None,
        verified: bool = True,
        timeout: float = 10.0,
        username: str = USER,
        password: str = PASSWORD,
    ) -> XenAPIDriver:
        driver = XenAPIDriver(
            Members.parse(",".join(urls) or ",".join(url(door) for door in self.doors)),
            trust or self.trust(),
            username=username,
            password=password,
            timeout=timeout,
            verified=verified,
            threads=ThreadedPool("xenapi", THREADS, reactor),
            clock=reactor,
        )
        self.addCleanup(self.logged_out, driver)
        return driver

    async def logged_out(self, driver: XenAPIDriver) -> None:
        """Close the driver and wait for its logout."""
        driver.close()
        await eventually(lambda: not _threads("xenapi-logout"), "the driver has logged out")

    def logins(self) -> int:
        """How often anybody has logged in."""
        return len(self.pool.ever)


def _threads(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


async def blocking(function, *args):
    """Run what blocks beside the reactor."""
    return await deferToThread(function, *args)


async def after(seconds: float) -> None:
    await deferLater(reactor, seconds)
