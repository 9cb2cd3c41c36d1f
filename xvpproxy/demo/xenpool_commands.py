"""What a person can do to the simulated pool by typing: one line, one answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from .xenpool import Host, Machine, Pool

HELP: Final = """\
type here to play with the pool:
  migrate NAME    live-migrate it to the other host: a viewer is cut off, its access URL goes on working
  reboot NAME     the console goes, and comes again with the new domain
  stop NAME       power it off: its console is 409 until it is started
  start NAME      power it on
  master HOST     make another host the pool's master: all sessions are forgotten
  list            machines and hosts"""

_MAX_LINE_BYTES: Final = 4096


def obey(pool: Pool, line: str) -> str:
    """Do what a line says; what happened, for a human."""
    verb, *rest = line.split()
    name = " ".join(rest)
    if verb == "list":
        return _overview(pool)
    if verb == "master":
        return _elect(pool, name)
    return _change(pool, verb, name) if verb in _VERBS else HELP


def _elect(pool: Pool, name: str) -> str:
    host = _named(pool.hosts, name)
    if host is None:
        return f"there is no host {name!r}; there is: {_names(pool.hosts)}"
    pool.elect(host)
    return f"{host.name} is the master now, and knows no session"


def _change(pool: Pool, verb: str, name: str) -> str:
    machine = _named(pool.machines, name)
    if machine is None:
        return f"there is no machine {name!r}; there is: {_names(pool.machines)}"
    if machine.operations:
        return f"{machine.name} is busy: {', '.join(machine.operations.values())}"
    needed, change = _VERBS[verb]
    if machine.power_state != needed:
        return f"{machine.name} is {machine.power_state}, not {needed}"
    return change(pool, machine)


def _migrate(pool: Pool, machine: Machine) -> str:
    to = next(host for host in pool.hosts if host is not machine.host)
    pool.migrate(machine, to)
    return f"{machine.name} is on its way to {to.name}; it takes {pool.gap:g} s"


def _reboot(pool: Pool, machine: Machine) -> str:
    pool.reboot(machine)
    return f"{machine.name} reboots; it takes {pool.gap:g} s"


def _stop(pool: Pool, machine: Machine) -> str:
    pool.set_power(machine, "Halted")
    return f"{machine.name} is off"


def _start(pool: Pool, machine: Machine) -> str:
    pool.set_power(machine, "Running")
    return f"{machine.name} runs on {machine.host.name if machine.host else 'no host'}"


_VERBS: dict[str, tuple[str, Callable[[Pool, Machine], str]]] = {
    "migrate": ("Running", _migrate),
    "reboot": ("Running", _reboot),
    "stop": ("Running", _stop),
    "start": ("Halted", _start),
}


def _overview(pool: Pool) -> str:
    machines = [
        f"  {each.name:<14} {each.power_state:<9} {each.host.name if each.host else '-'}" for each in pool.machines
    ]
    hosts = [
        f"  {each.name:<14} {each.address}:{each.port}{'  master' if each is pool.master else ''}"
        for each in pool.hosts
    ]
    return "\n".join(["machines", *machines, "hosts", *hosts])


def _named(things: Sequence[Any], name: str) -> Any:
    return next((thing for thing in things if thing.name == name), None)


def _names(things: Sequence[Machine] | Sequence[Host]) -> str:
    return ", ".join(thing.name for thing in things)


@implementer(IReadDescriptor)
class Lines:
    """Hands on the lines that come on a descriptor, until it ends.

    Args:
        line: is given each line that is not empty.
    """

    def __init__(self, fd: int, reactor: Any, line: Callable[[str], object]) -> None:
        self._fd = fd
        self._reactor = reactor
        self._line = line
        self._buffer = b""

    def start(self) -> None:
        self._reactor.addReader(self)

    def stop(self) -> None:
        self._reactor.removeReader(self)

    def fileno(self) -> int:
        return self._fd

    def doRead(self) -> None:  # noqa: N802
        try:
            # What is typed at a terminal is the shell's while we are in its background; reading would stop us.
            ours = not os.isatty(self._fd) or os.tcgetpgrp(self._fd) == os.getpgrp()
            data = os.read(self._fd, _MAX_LINE_BYTES) if ours else b""
        except OSError:
            data = b""
        if not data:
            self.stop()
            return
        *lines, self._buffer = (self._buffer + data)[-2 * _MAX_LINE_BYTES :].split(b"\n")
        for line in lines:
            if text := line.decode("utf-8", "replace").strip():
                self._line(text)

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        self.stop()

    def logPrefix(self) -> str:  # noqa: N802
        return "commands"
