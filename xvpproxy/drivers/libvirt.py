"""The driver for libvirt: one daemon or several, each with threads of its own, so that one that hangs delays no other.

    libvirt.py  ->  libvirt_link.py     libvirt-python, one connection to each daemon
                    libvirt_domains.py  what URIs, states and descriptions mean

A domain may be known on several hosts, where it ran before or is about to run:
the one that runs it is believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from oslo_config import cfg
from twisted.internet.defer import Deferred, FailureGroup, gatherResults, race
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from xvpproxy.blocking import Pool, PoolBusy
from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, InstanceNotFound

from . import libvirt_domains
from .contract import Console, Instance
from .libvirt_domains import Domain, Uri

R = TypeVar("R")

log = Logger()

NAME = "libvirt.LibvirtDriver"
#: Where a domain is looked for if nothing else is said.
DEFAULT_URI = "qemu:///system"
#: For each daemon.
THREADS = 4
#: Seconds that one question to a daemon may take, with the connection if there is none.
TIMEOUT = 10.0

OPTS: dict[str, list[cfg.Opt]] = {
    "libvirt": [
        cfg.StrOpt(
            "connection_uri",
            default="",
            sample_default=DEFAULT_URI,
            deprecated_group="DEFAULT",
            deprecated_name="libvirt_uri",
            help="The libvirt daemons whose domains the driver libvirt.LibvirtDriver knows, comma separated: "
            "qemu:///system, qemu+tls://kvm1.example.org/system. They are asked with read-only connections.",
        ),
    ],
    "vnc": [
        cfg.HostAddressOpt(
            "server_proxyclient_address",
            default="127.0.0.1",
            deprecated_opts=[
                cfg.DeprecatedOpt("vncserver_proxyclient_address", group="DEFAULT"),
                cfg.DeprecatedOpt("vncserver_proxyclient_address", group="vnc"),
            ],
            help="Where the driver libvirt.LibvirtDriver dials the VNC server of a domain on this machine that listens "
            "on every address. One that listens on a certain address is dialled there, and one of another machine "
            "that listens everywhere at the host name in its [libvirt] connection_uri.",
        ),
    ],
}


class Daemon(Protocol):
    """What is asked of `libvirt_link.Host`, in threads."""

    uri: Uri

    def domains(self, deadline: float) -> list[Domain]: ...
    def domain(self, uuid_or_name: str, deadline: float) -> Domain | None: ...
    def give_up(self) -> None: ...
    def close(self) -> None: ...


class _RunsElsewhere(Exception):
    """A daemon has no running domain of that uuid; `domain` is the one that it knows nevertheless."""

    def __init__(self, domain: Domain | None) -> None:
        super().__init__()
        self.domain = domain


class LibvirtDriver:
    """Finds consoles of domains.

    Args:
        hosts: the daemons, each with the pool where its blocking calls run.
        local_address: where a VNC server of this machine is dialled that listens everywhere.
    """

    name = NAME

    def __init__(
        self,
        hosts: Sequence[tuple[Daemon, Pool]],
        *,
        local_address: str,
        clock: IReactorTime,
        timeout: float = TIMEOUT,
    ) -> None:
        self._hosts = tuple(hosts)
        self._local_address = local_address
        self._clock = clock
        self._timeout = timeout

    async def instances(self) -> list[Instance]:
        found, silent = await self._of_all(lambda host, deadline: host.domains(deadline))
        if silent and len(silent) == len(self._hosts):
            raise silent[0]
        for error in silent:
            log.warn("domains of a libvirt daemon are missing from a list: {why}", why=str(error))
        best = _best(domain for domains in found for domain in domains)
        return [_instance(domain) for domain in sorted(best, key=lambda domain: (domain.name, domain.uuid))]

    async def find(self, uuid_or_name: str) -> Instance:
        found, silent = await self._of_all(lambda host, deadline: host.domain(uuid_or_name, deadline))
        best = _best(domain for domain in found if domain is not None)
        exact = [domain for domain in best if domain.uuid == uuid_or_name.lower()] or best
        if len(exact) > 1:
            sentence = f"{len(exact)} machines have the name {uuid_or_name!r}; use a uuid."
            raise ConsoleUnavailable(sentence, cause="ambiguous_name", public=sentence)
        if exact:
            return _instance(exact[0])
        if silent:
            raise silent[0]
        raise InstanceNotFound(f"no libvirt daemon has a domain {uuid_or_name!r}", cause="identity")

    async def locate(self, uuid: str) -> Console:
        return libvirt_domains.console_of(await self._running(uuid), local_address=self._local_address)

    async def open(self, uuid: str, *, again: bool) -> Console:  # noqa: ARG002  (nothing is remembered)
        return await self.locate(uuid)

    def close(self) -> None:
        for host, threads in self._hosts:
            host.close()
            threads.stop()

    async def _running(self, uuid: str) -> Domain:
        """The domain where it runs, as soon as that daemon says so; else as whoever knows it best.

        Raises:
            InstanceNotFound: every daemon has said that it knows none.
            DriverUnavailable: it runs nowhere as far as is known, and a daemon could not answer.
        """

        async def ask(host: Daemon, threads: Pool) -> Domain:
            domain = await self._run(host, threads, host.domain, uuid)
            if domain is None or domain.uuid != uuid.lower() or domain.rank:
                raise _RunsElsewhere(domain if domain and domain.uuid == uuid.lower() else None)
            return domain

        try:
            _place, domain = await race([Deferred.fromCoroutine(ask(*each)) for each in self._hosts])
        except FailureGroup as group:
            errors = [failure.value for failure in group.failures if failure.value]
        else:
            return domain
        for error in errors:
            if not isinstance(error, _RunsElsewhere):
                raise error from None
        known = [error.domain for error in errors if isinstance(error, _RunsElsewhere) and error.domain]
        if not known:
            raise InstanceNotFound(f"no libvirt daemon has a domain {uuid}", cause="identity")
        return min(known, key=lambda domain: domain.rank)

    async def _of_all(self, question: Callable[[Daemon, float], R]) -> tuple[list[R], list[DriverUnavailable]]:
        """What those say that answer, and why the others do not."""

        async def ask(host: Daemon, threads: Pool) -> R | DriverUnavailable:
            try:
                return await self._run(host, threads, lambda deadline: question(host, deadline))
            except DriverUnavailable as error:
                return error

        asking = [Deferred.fromCoroutine(ask(*each)) for each in self._hosts]
        answers = await gatherResults(asking, consumeErrors=True)
        silent = [answer for answer in answers if isinstance(answer, DriverUnavailable)]
        return [answer for answer in answers if not isinstance(answer, DriverUnavailable)], silent

    async def _run(self, host: Daemon, threads: Pool, question: Callable[..., R], *args: Any) -> R:
        """One daemon's answer, or DriverUnavailable once the time is over."""
        deadline = time.monotonic() + self._timeout
        asking: Any = Deferred.fromCoroutine(threads.run(question, *args, deadline))
        try:
            return await asking.addTimeout(self._timeout, self._clock)  # type: ignore[no-any-return]
        except TwistedTimeoutError as error:
            host.give_up()
            raise DriverUnavailable(
                f"{host.uri} did not answer within {self._timeout:g} s", cause="driver_timeout"
            ) from error
        except PoolBusy as error:
            raise DriverUnavailable(f"too many questions to {host.uri} wait already", cause="driver_busy") from error


def _best(domains: Iterable[Domain]) -> list[Domain]:
    """Each domain once, as the daemon that runs it sees it."""
    best: dict[str, Domain] = {}
    for domain in sorted(domains, key=lambda domain: domain.rank):
        best.setdefault(domain.uuid, domain)
    return list(best.values())


def _instance(domain: Domain) -> Instance:
    host = domain.node if domain.active else ""
    return Instance(uuid=domain.uuid, name=domain.name, state=domain.state, driver=NAME, host=host)
