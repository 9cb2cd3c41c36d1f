"""The demo with a XenServer pool instead of consoles at fixed addresses: `xvpproxy demo --xenserver`."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import ssl
import sys
from collections.abc import Callable
from typing import Final

from xvpproxy.drivers import xenapi
from xvpproxy.model import Token

from .site import Exhibit, Site
from .xenpool import Host, Machine, Pool
from .xenpool_commands import HELP, Lines, obey
from .xenpool_host import HostDoor, add_host

_USER: Final = "gateway"
_HOSTS: Final = (("xen1", "127.0.0.11"), ("xen2", "127.0.0.12"))
#: Seconds without a console in a migration or a reboot.
_GAP_SECONDS: Final = 2.0

_SETTINGS: Final = """\
[xenserver]
connection_url = {urls}
connection_username = {user}
connection_password = {password}
fingerprints = {pins}
"""


class PoolSite(Site):
    """Two hosts with TLS, and the consoles' machines on them in turn."""

    compute_driver = xenapi.NAME
    usual_consoles = len(_HOSTS)

    def _open_consoles(self, consoles: int) -> None:
        self._password = secrets.token_urlsafe(12)
        self.pool = Pool(self._reactor, accounts={_USER: (self._password, "vm-operator")}, gap=_GAP_SECONDS)
        self._closers.append(self.pool.close)
        self._doors: list[HostDoor] = []
        now = dt.datetime.now(dt.UTC)  # noqa: TID251  (certificates go by the time of day)
        for name, address in _HOSTS:
            door = add_host(self.pool, name, address, self._reactor, made=now)
            self._doors.append(door)
            self._closers.append(door.go_down)
        super()._open_consoles(consoles)
        for place, exhibit in enumerate(self.exhibits):
            host = self.pool.hosts[place % len(_HOSTS)]
            self.pool.add_machine(Machine(exhibit.name, host, exhibit.port, uuid=exhibit.uuid))

    def _settings(self) -> str:
        return _SETTINGS.format(
            urls=", ".join(f"https://{host.address}:{host.port}" for host in self.pool.hosts),
            user=_USER,
            password=self._password,
            pins=", ".join(_pin(host) for host in self.pool.hosts),
        )

    async def mint(self, exhibit: Exhibit) -> tuple[Token, str]:
        host = next(each.host for each in self.pool.machines if each.uuid == exhibit.uuid) or self.pool.master
        return await self.consoleauth.mint(
            instance_uuid=exhibit.uuid,
            host=host.address,
            port=host.port,
            internal_access_path=f"/console?uuid={exhibit.uuid}",
        )

    def minting(self, exhibit: Exhibit) -> str:
        return f"console url --config-file {self.config_file} {exhibit.name}"

    def attend(self, say: Callable[[str], None]) -> None:
        say(HELP)
        lines = Lines(sys.stdin.fileno(), self._reactor, lambda line: say(obey(self.pool, line)))
        lines.start()
        self._closers.append(lines.stop)


def _pin(host: Host) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(host.certificate)).hexdigest()
