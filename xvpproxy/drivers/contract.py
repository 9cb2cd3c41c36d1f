"""What every driver promises.

A driver knows the instances of one kind of hypervisor.  It never sees a token:
it is asked where a console is, when an access URL is minted and again when a
viewer comes with it, so that what changed in between is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance, as far as anybody here needs to know it.

    Attributes:
        uuid: lower-case text, 36 characters.
        name: what its owner calls it; not unique.
        state: Nova's word for it: `ACTIVE`, `SHUTOFF`, `PAUSED`, `SUSPENDED`, `MIGRATING` or `UNKNOWN`.
        driver: the name of the driver that knows it.
        host: the hypervisor it runs on, empty if it runs nowhere.
    """

    uuid: str
    name: str
    state: str
    driver: str
    host: str = ""


@dataclass(frozen=True, slots=True)
class Console:
    """Where a console is at this moment.

    Attributes:
        host: name or address, IPv6 without brackets.
        port: 1 to 65535.
        internal_access_path: the path that a XenServer wants in its CONNECT, without any session.
        xen_login: a XenAPI session for that CONNECT's cookie; only `open` gives one.
        tls: whether the host wants TLS, whatever its port is.
        certificate: SHA-256 of the certificate (DER) that the host will show, lower-case hex, where a trusted API
            has told it; empty: the configured trust decides.
        aliases: what else may stand for this console in a path: the uuids and references that the hypervisor gave it.
    """

    host: str
    port: int
    internal_access_path: str | None = None
    xen_login: str | None = field(default=None, repr=False)
    tls: bool = False
    certificate: str = ""
    aliases: frozenset[str] = field(default=frozenset(), repr=False)


class ConsoleDriver(Protocol):
    """Finds instances and their consoles.

    Every method raises `DriverUnavailable` when the hypervisor's API cannot be
    reached or does not answer in time, within the driver's own timeout.
    Cancelling is always safe.
    """

    #: Nova's spelling, such as `xenapi.XenAPIDriver`, or `static`.
    name: str

    async def instances(self) -> list[Instance]:
        """All of them."""

    async def find(self, uuid_or_name: str) -> Instance:
        """The one with this uuid, else the only one with this name.

        Raises:
            InstanceNotFound: there is none.
            ConsoleUnavailable: several have this name.
        """

    async def locate(self, uuid: str) -> Console:
        """Where the console is, for a token that is minted now.

        Raises:
            InstanceNotFound: there is no such instance.
            ConsoleUnavailable: it has no console now: halted, suspended, moving, without graphics.
        """

    async def open(self, uuid: str, *, again: bool) -> Console:
        """Where the console is, for a viewer that connects now, with whatever opens it.

        With `again` a first attempt has just failed: nothing that was remembered is trusted.
        Raises as `locate`.
        """

    def close(self) -> None:
        """Log out, and give back connections and threads."""


@runtime_checkable
class LogsIn(Protocol):
    """A driver whose consoles are opened with a session of ours."""

    def login_refused(self, login: str) -> None:
        """A host does not take this session, the `xen_login` of a console: the next `open` gives another."""
