"""Consoles at fixed addresses: for machines that no other driver knows, for laptops, tests and demos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from oslo_config import cfg, types

from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, InstanceNotFound
from xvpproxy.model import MAX_PORT

from .contract import Console, Instance

NAME = "static"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOST_NAME = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?")
_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
_EXAMPLE = "6d7c0144-2a80-4db6-971e-07e62e622122 web1 192.0.2.7:5900"


@dataclass(frozen=True, slots=True)
class StaticConsole:
    """One line of the option: whose console it is, and where."""

    uuid: str
    name: str
    host: str
    port: int


class _ConsoleType(types.ConfigType):
    """An option's text as a `StaticConsole`."""

    def __init__(self) -> None:
        super().__init__(type_name="UUID NAME HOST:PORT, multi valued")

    def __call__(self, value: object) -> object:
        return parse(value) if isinstance(value, str) else value  # what is no text is the default

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = None  # type: ignore[assignment]

    def _formatter(self, value: object) -> str:
        return str(value)


OPTS: dict[str, list[cfg.Opt]] = {
    NAME: [
        cfg.MultiOpt(
            "console",
            item_type=_ConsoleType(),
            default=[],
            sample_default=_EXAMPLE,
            help="A console at a fixed address, as UUID NAME HOST:PORT, with an IPv6 address in brackets: the instance "
            "with this UUID and name has a VNC server there, to which the gateway connects. May be given many times. "
            "These instances are known to the console API and to 'xvpproxy console'.",
        ),
    ],
}


def parse(text: str) -> StaticConsole:
    """The console that a line means.

    Raises:
        ValueError: with the end of a sentence about the value.
    """
    words = text.split()
    if len(words) != 3:  # noqa: PLR2004  (the three that the message names)
        raise ValueError(f"{text!r} must be UUID NAME HOST:PORT, such as {_EXAMPLE}")
    uuid, name, address = words
    if not _UUID.fullmatch(uuid):
        raise ValueError(f"{uuid!r} in {text!r} is not a UUID; a line is UUID NAME HOST:PORT, such as {_EXAMPLE}")
    host, port = _host_and_port(address)
    return StaticConsole(uuid.lower(), name, host, port)


def _host_and_port(address: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(f"{address!r} is not HOST:PORT; an IPv6 address stands in brackets: [2001:db8::7]:5900")
    port = int(match["port"])
    if not 1 <= port <= MAX_PORT:
        raise ValueError(f"the port in {address!r} must be from 1 to {MAX_PORT}")
    host = match["host"] if match["v6"] is None else match["v6"]
    try:
        return str(ip_address(host)), port
    except ValueError:
        if match["v6"] is None and _HOST_NAME.fullmatch(host):
            return host, port
    raise ValueError(f"{host!r} in {address!r} is neither a host name nor an address")


class StaticDriver:
    """A `ConsoleDriver` over a list.

    Raises:
        ConfigurationError: two lines are for one instance.
    """

    name = NAME

    def __init__(self, consoles: Sequence[StaticConsole]) -> None:
        self._consoles: dict[str, StaticConsole] = {}
        for console in consoles:
            if console.uuid in self._consoles:
                raise ConfigurationError(f"[static] console is given twice for instance {console.uuid}; take one out")
            self._consoles[console.uuid] = console

    async def instances(self) -> list[Instance]:
        return [_instance(console) for console in self._consoles.values()]

    async def find(self, uuid_or_name: str) -> Instance:
        named = [console for console in self._consoles.values() if console.name == uuid_or_name]
        console = self._consoles.get(uuid_or_name.lower()) or (named[0] if named else None)
        if console is None:
            raise InstanceNotFound(f"no [static] console has the UUID or name {uuid_or_name!r}", cause="identity")
        if console.uuid != uuid_or_name.lower() and len(named) > 1:
            sentence = f"{len(named)} machines have the name {uuid_or_name}; say which by its UUID."
            raise ConsoleUnavailable(sentence, cause="ambiguous_name", public=sentence)
        return _instance(console)

    async def locate(self, uuid: str) -> Console:
        console = self._consoles.get(uuid.lower())
        if console is None:
            raise InstanceNotFound(f"no [static] console has the UUID {uuid}", cause="identity")
        return Console(host=console.host, port=console.port)

    async def open(self, uuid: str, *, again: bool) -> Console:  # noqa: ARG002  (it is where it was)
        return await self.locate(uuid)

    def close(self) -> None:
        pass


def _instance(console: StaticConsole) -> Instance:
    return Instance(uuid=console.uuid, name=console.name, state="ACTIVE", driver=NAME, host=console.host)
