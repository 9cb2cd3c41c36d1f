"""All active drivers as one: which of them knows an instance, and is its console still the one a token was minted for?

Drivers are asked at once, so that one whose hypervisor hangs delays nobody who
runs elsewhere; who knew an instance before is asked alone.  "There is no such
instance" is said only when every driver has said so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, FailureGroup, gatherResults, race
from twisted.logger import Logger

from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, InstanceNotFound, XvpError

from .contract import Console, ConsoleDriver, Instance, LogsIn

T = TypeVar("T")
Ask = Callable[[ConsoleDriver], Coroutine[Deferred[Any], Any, T]]

log = Logger()

#: Instances whose driver is remembered; beyond that all is forgotten and learned again.
_REMEMBERED = 10_000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Drivers:
    """The drivers of `compute_driver`, in its order."""

    def __init__(self, drivers: Sequence[ConsoleDriver]) -> None:
        self._drivers = tuple(drivers)
        self._known: dict[str, ConsoleDriver] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Nova's spelling of each."""
        return tuple(driver.name for driver in self._drivers)

    async def find(self, uuid_or_name: str) -> Instance:
        """The instance with this uuid, else the one with this name that the first driver knows.

        Raises:
            InstanceNotFound: no driver knows it.
            ConsoleUnavailable: the first driver that knows the name has several with it.
            DriverUnavailable: no driver knows it, and one could not answer.
        """

        async def ask(driver: ConsoleDriver) -> Instance:
            return await driver.find(uuid_or_name)

        choose = self._anybody if _UUID.fullmatch(uuid_or_name) else self._in_order
        driver, instance = await choose(ask)
        self._remember(instance.uuid, driver)
        return instance

    async def instances(self) -> list[Instance]:
        """Those of every driver that can answer, in the order of the drivers; the log names the others.

        Raises:
            DriverUnavailable: none can.
        """

        async def ask(driver: ConsoleDriver) -> list[Instance] | DriverUnavailable:
            try:
                return await driver.instances()
            except DriverUnavailable as error:
                log.warn("the instances of {driver} are missing from a list: {why}", driver=driver.name, why=str(error))
                return error

        answers = await gatherResults(
            [Deferred.fromCoroutine(ask(driver)) for driver in self._drivers], consumeErrors=True
        )
        failures = [answer for answer in answers if isinstance(answer, DriverUnavailable)]
        if failures and len(failures) == len(answers):
            raise failures[0]
        return [instance for answer in answers if isinstance(answer, list) for instance in answer]

    async def locate(self, instance: Instance) -> Console:
        """Where its console is, for a token that is minted now.  Raises as `ConsoleDriver.locate`."""
        for driver in self._drivers:
            if driver.name == instance.driver:
                return await driver.locate(instance.uuid)
        raise InstanceNotFound(f"there is no driver {instance.driver!r} here", cause="identity")

    async def open(self, uuid: str, *, host: str, port: int, again: bool) -> Console:
        """The console of instance `uuid` for a viewer that connects now with a token for `host` and `port`.

        With `again` a first attempt has just failed: nothing that was remembered is trusted.

        Raises:
            InstanceNotFound: no active driver knows the instance.
            ConsoleUnavailable: it has no console now, or it is not at the token's address any more: somebody else
                may be there.  (A XenServer's console is known by its path, so it may be anywhere.)
            DriverUnavailable: nobody knows the instance, and a driver could not answer.
        """

        async def ask(driver: ConsoleDriver) -> Console:
            return await driver.open(uuid, again=again)

        try:
            console = await self._whoever_knows(uuid, ask)
        except InstanceNotFound as error:
            raise InstanceNotFound(f"no driver knows it: {error.detail}", cause="identity") from error
        moved = console.internal_access_path is None and (_plain(console.host), console.port) != (_plain(host), port)
        if moved:
            raise ConsoleUnavailable(
                f"its console is at {console.host}:{console.port} now, the token is for {host}:{port}",
                cause="identity_mismatch",
                public="The machine's console has moved since this access URL was made; ask for a new one.",
            )
        return console

    def login_refused(self, xen_login: str) -> None:
        """A host does not take the session that `open` gave: nobody is to get it again."""
        for driver in self._drivers:
            if isinstance(driver, LogsIn):
                driver.login_refused(xen_login)

    def close(self) -> None:
        """Close every driver."""
        for driver in self._drivers:
            driver.close()

    async def _whoever_knows(self, uuid: str, ask: Ask[T]) -> T:
        if (driver := self._known.get(uuid)) is not None:
            try:
                return await ask(driver)
            except InstanceNotFound:
                del self._known[uuid]
        driver, answer = await self._anybody(ask)
        self._remember(uuid, driver)
        return answer

    def _remember(self, uuid: str, driver: ConsoleDriver) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[uuid] = driver

    async def _anybody(self, ask: Ask[T]) -> tuple[ConsoleDriver, T]:
        """The first answer that comes from a driver that knows, with that driver."""
        if not self._drivers:
            raise InstanceNotFound("there are no drivers")
        try:
            place, answer = await race([Deferred.fromCoroutine(_knowing(ask(driver))) for driver in self._drivers])
        except FailureGroup as group:
            raise _worst([failure.value for failure in group.failures if failure.value]) from None
        if isinstance(answer, ConsoleUnavailable):
            raise answer
        return self._drivers[place], answer

    async def _in_order(self, ask: Ask[T]) -> tuple[ConsoleDriver, T]:
        """The answer of the first driver in order that knows: two may have the same name."""
        asked = [Deferred.fromCoroutine(_knowing(ask(driver))) for driver in self._drivers]
        errors: list[BaseException] = [InstanceNotFound("there are no drivers")]
        try:
            for driver, asking in zip(self._drivers, asked, strict=True):
                try:
                    answer = await asking
                except XvpError as error:
                    errors.append(error)
                    continue
                if isinstance(answer, ConsoleUnavailable):
                    raise answer
                return driver, answer
        finally:
            for asking in asked:
                asking.addErrback(lambda _failure: None)
                asking.cancel()
        raise _worst(errors)


async def _knowing(asking: Coroutine[Deferred[Any], Any, T]) -> T | ConsoleUnavailable:
    """An answer; "it has no console now" is one, too: that driver knows the instance."""
    try:
        return await asking
    except ConsoleUnavailable as error:
        return error


def _worst(errors: Sequence[BaseException]) -> BaseException:
    """What nobody's knowing means: a defect before an outage before "there is none"."""
    defects = [error for error in errors if not isinstance(error, XvpError)]
    outages = [error for error in errors if isinstance(error, DriverUnavailable)]
    return (defects or outages or list(errors))[-1]


def _plain(host: str) -> str:
    """One spelling for each address, and for each name."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.lower().rstrip(".")
