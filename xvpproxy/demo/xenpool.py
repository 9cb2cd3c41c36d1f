"""A XenServer pool to play with: hosts, machines, sessions, and what happens to them.

It is the pool's database and its events; `xenpool_api` is its XML-RPC,
`xenpool_console` what a host answers to CONNECT /console, and `xenpool_host`
the ports of one host.  As on the real thing

* API calls go to the master, every other host says HOST_IS_SLAVE;
* a session is good for the consoles of every host, until it is logged out or the master changes;
* a console is served by the host that its machine runs on, and by no other;
* migration and reboot end the streams at once, leave a gap without a console, and make new console objects.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

NULL: Final = "OpaqueRef:NULL"


def new_ref() -> str:
    return f"OpaqueRef:{uuid.uuid4()}"


class Refused(Exception):
    """An API call failed; `description` is its ErrorDescription."""

    def __init__(self, *description: str) -> None:
        super().__init__(*description)
        self.description = list(description)


class Stream(Protocol):
    """A viewer's connection to a console."""

    def end(self) -> None:
        """The screen is gone: EOF."""


@dataclass(eq=False)
class Host:
    """A member of the pool.

    Attributes:
        port: of its API and its consoles.
        certificate: PEM, empty for a host without TLS.
    """

    name: str
    address: str
    port: int = 0
    certificate: str = ""
    ref: str = field(default_factory=new_ref)
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class ConsoleObject:
    """One object of the API's class `console`."""

    protocol: str
    ref: str = field(default_factory=new_ref)
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(eq=False)
class Machine:
    """A VM.

    Attributes:
        host: where it runs, None for nowhere.
        screen: the port on loopback where its RFB server is; 0 while there is none.
        operations: what is being done with it, by task.
    """

    name: str
    host: Host | None
    screen: int
    power_state: str = "Running"
    kind: str = "instance"
    other_config: dict[str, str] = field(default_factory=dict)
    ref: str = field(default_factory=new_ref)
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    domid: int = 1
    consoles: list[ConsoleObject] = field(default_factory=list)
    operations: dict[str, str] = field(default_factory=dict)
    streams: set[Stream] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.power_state in {"Running", "Paused"}:
            self.make_consoles()

    def make_consoles(self) -> None:
        """New console objects; the order of their protocols is not defined."""
        self.consoles = [ConsoleObject("vt100"), ConsoleObject("rfb")]

    def drop_streams(self) -> None:
        for stream in list(self.streams):
            stream.end()


@dataclass(frozen=True)
class Login:
    """What is behind a session's reference."""

    user: str
    role: str
    originator: str


class Pool:
    """The pool; its first host is the master.

    Args:
        accounts: password and role (`pool-admin`, `vm-operator`, `read-only`) by user.
        gap: seconds without a console in a migration or a reboot.
        penalty: seconds that a wrong password costs.
    """

    def __init__(
        self, clock: IReactorTime, *, accounts: Mapping[str, tuple[str, str]], gap: float = 1.0, penalty: float = 5.0
    ) -> None:
        self.ref = new_ref()
        self.uuid = str(uuid.uuid4())
        self.gap = gap
        self.penalty = penalty
        self.hosts: list[Host] = []
        self.machines: list[Machine] = []
        self.logins: dict[str, Login] = {}
        self.ever: list[tuple[str, Login]] = []
        self.master: Host
        self.one_viewer_only = False
        self._clock = clock
        self._accounts = accounts
        self._pending: set[IDelayedCall] = set()

    def add_host(self, host: Host) -> Host:
        if not self.hosts:
            self.master = host
        self.hosts.append(host)
        return host

    def add_machine(self, machine: Machine) -> Machine:
        self.machines.append(machine)
        return machine

    # Sessions

    def log_in(self, user: str, password: str, originator: str) -> str:
        """A new session's reference; Refused for a wrong password."""
        known = self._accounts.get(user)
        if known is None or known[0] != password:
            raise Refused("SESSION_AUTHENTICATION_FAILED", user, "Authentication failure")
        ref = new_ref()
        self.logins[ref] = Login(user, known[1], originator)
        self.ever.append((ref, self.logins[ref]))
        return ref

    def login(self, ref: str) -> Login:
        """Refused if the session is not good (any more)."""
        if ref not in self.logins:
            raise Refused("SESSION_INVALID", ref)
        return self.logins[ref]

    def forget_sessions(self) -> None:
        """A restart of the master's toolstack."""
        self.logins.clear()

    def elect(self, host: Host) -> None:
        """Make another host the master; sessions do not survive it."""
        self.master = host
        self.forget_sessions()

    # What happens to machines

    def migrate(self, machine: Machine, to: Host) -> None:
        """Live migration: the streams end before the database shows the new host."""
        task, screen = new_ref(), machine.screen
        machine.operations[task] = "pool_migrate"
        machine.screen = 0
        machine.drop_streams()

        def arrive() -> None:
            machine.host = to
            machine.domid += 1
            machine.screen = screen
            machine.make_consoles()
            del machine.operations[task]

        self._after_gap(arrive)

    def reboot(self, machine: Machine) -> None:
        """The console objects go, and come again with the new domain."""
        task, screen = new_ref(), machine.screen
        machine.operations[task] = "clean_reboot"
        machine.screen, machine.consoles = 0, []
        machine.drop_streams()

        def rise() -> None:
            machine.domid += 1
            machine.screen = screen
            machine.make_consoles()
            del machine.operations[task]

        self._after_gap(rise)

    def set_power(self, machine: Machine, state: str, host: Host | None = None) -> None:
        """`Running` on `host` (or where it was), `Halted`, `Suspended` or `Paused`, without a gap."""
        machine.power_state = state
        if state == "Running":
            machine.host = host or machine.host or self.master
            machine.make_consoles()
            return
        machine.drop_streams()
        if state != "Paused":
            machine.host, machine.consoles = None, []

    def close(self) -> None:
        """What was still to happen does not."""
        for call in self._pending:
            call.cancel()
        self._pending.clear()

    def _after_gap(self, happen: Callable[[], None]) -> None:
        def due() -> None:
            self._pending.discard(call)
            happen()

        call = self._clock.callLater(self.gap, due)
        self._pending.add(call)
