"""A whole site in one process: the gateway, its token store, and some consoles to look at.

The gateway is started from a configuration file in the demo's own directory,
the same way as from an operator's; so every `xvpproxy` command works on a
running demo with `--config-file`.
"""

from __future__ import annotations

import errno
import os
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from twisted.internet.defer import maybeDeferred

from xvpproxy import config, service, stores
from xvpproxy.config import Configuration
from xvpproxy.drivers import static
from xvpproxy.errors import ConfigurationError
from xvpproxy.model import Token
from xvpproxy.service import GatewayService

from .console import DemoConsole
from .palette import ACCENTS

HOST: Final = "127.0.0.1"
#: Where Nova's xvpvncproxy listens.
USUAL_PORT: Final = 6081
#: Where Nova's API listens.
USUAL_API_PORT: Final = 8774
#: Seconds an access URL of the demo is good for: long enough to come back after lunch.
TOKEN_TTL: Final = 86400

#: One for each accent.
_NAMES: Final = ("marigold", "cornflower", "juniper", "peony", "lavender")

_CONFIGURATION: Final = """\
# What this demo's gateway was started with. It goes away with the demo.

[DEFAULT]
state_path = {state_path}
compute_driver = {compute_driver}

[vnc]
xvpvncproxy_host = {host}
xvpvncproxy_port = {port}
xvpvncproxy_base_url = http://{host}:{port}/console

[consoleauth]
token_ttl = {ttl}

[api]
listen = {host}:{api_port}
auth_strategy = noauth2

{settings}
"""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One instance of the demo: its name and UUID, and the port of its console on `HOST`."""

    name: str
    uuid: str
    port: int


class Site:
    """A running demo.

    Args:
        directory: for everything that it keeps.
        ports: for the gateway's door on `HOST`: the first that is free is taken; 0 stands for any.
        api_ports: for the console API, likewise.

    Attributes:
        config_file: the gateway's configuration.
        port: the gateway's door, once it is open.
        api_port: the console API's, likewise.
        exhibits: what there is to see.
    """

    #: What finds the instances.
    compute_driver = static.NAME
    #: How many there are if nobody says.
    usual_consoles = 1

    def __init__(self, directory: Path, reactor: Any, *, ports: Sequence[int], api_ports: Sequence[int]) -> None:
        self.config_file = directory / "demo.conf"
        self.port = self.api_port = 0
        self.exhibits: list[Exhibit] = []
        self._ports, self._api_ports = ports, api_ports
        self._reactor = reactor
        self._closers: list[Callable[[], object]] = []

    def open(self, consoles: int, *, set_log: Callable[..., None]) -> None:
        """Start everything.  What was started is taken down by `close`, also after an error.

        Raises:
            ConfigurationError: the gateway cannot start; it says why.
        """
        self._open_consoles(consoles)
        load = partial(config.load, [str(self.config_file)])
        gateway = self._open_gateway(load, set_log)
        gateway.startService()
        self._closers.append(gateway.stopService)
        # A second way into the store, as every caller has one that is not the gateway itself.
        self.consoleauth = stores.open_consoleauth(load().conf, self._reactor)
        self._closers.append(self.consoleauth.close)

    def _open_gateway(self, load: Callable[[], Configuration], set_log: Callable[..., None]) -> GatewayService:
        while True:
            self.port = door(self._ports)
            self.api_port = door([port for port in self._api_ports if port != self.port])
            self._write_configuration()
            try:
                return service.open_gateway(load(), reactor=self._reactor, reload=load, set_log=set_log)
            except ConfigurationError:
                if _problem(self.port) is None and _problem(self.api_port) is None:
                    raise
                # Somebody else took a port just now, perhaps another demo: look again.

    def _write_configuration(self) -> None:
        state_path = str(self.config_file.parent).replace("$", "$$")
        text = _CONFIGURATION.format(
            state_path=state_path,
            host=HOST,
            port=self.port,
            ttl=TOKEN_TTL,
            api_port=self.api_port,
            compute_driver=self.compute_driver,
            settings=self._settings(),
        )
        self.config_file.write_text(text, encoding="utf-8")

    def _settings(self) -> str:
        """The section of the driver."""
        consoles = [f"console = {each.uuid} {each.name} {HOST}:{each.port}" for each in self.exhibits]
        return "\n".join(["[static]", *consoles])

    def _open_consoles(self, consoles: int) -> None:
        for place in range(consoles):
            self._open_console(place)

    def _open_console(self, place: int) -> None:
        turn, which = divmod(place, len(_NAMES))
        console = DemoConsole(
            _NAMES[which] if turn == 0 else f"{_NAMES[which]}-{turn + 1}",
            str(uuid.uuid4()),
            ACCENTS[which],
            clock=self._reactor,
            local_time=time.localtime,
        )
        listening = self._reactor.listenTCP(0, console, interface=HOST)
        self._closers.append(listening.stopListening)
        self.exhibits.append(Exhibit(console.name, console.uuid, listening.getHost().port))

    @property
    def endpoint(self) -> str:
        """What callers of the console API are given."""
        return f"http://{HOST}:{self.api_port}/v2.1"

    async def mint(self, exhibit: Exhibit) -> tuple[Token, str]:
        """A token for an exhibit's console, and the access URL with it."""
        return await self.consoleauth.mint(instance_uuid=exhibit.uuid, host=HOST, port=exhibit.port)

    def minting(self, exhibit: Exhibit) -> str:
        """What to type behind `xvpproxy` for another access URL."""
        place = f"--instance {exhibit.uuid} --host {HOST} --port {exhibit.port}"
        return f"token mint --config-file {self.config_file} {place}"

    def attend(self, say: Callable[[str], None]) -> None:
        """Be there for what a person types, if there is anything to say to this demo."""

    async def close(self) -> None:
        """Take down what is up, last things first; then all its ports are free."""
        while self._closers:
            await maybeDeferred(self._closers.pop())


def door(wanted: Sequence[int]) -> int:
    """The first of the wanted ports that is free on `HOST`; 0 stands for any.

    Raises:
        ConfigurationError: none is.
    """
    problems = []
    for port in wanted:
        if port == 0:
            return _any_port()
        problem = _problem(port)
        if problem is None:
            return port
        problems.append(f"port {port}: {problem}; choose another --port, or leave it out for a free one")
    raise ConfigurationError(*problems)


def _any_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _problem(port: int) -> str | None:
    """Why nobody can listen at a port of `HOST`, or None."""
    try:
        with socket.create_server((HOST, port)):
            return None
    except OSError as error:
        return "something else listens there" if error.errno == errno.EADDRINUSE else os.strerror(error.errno or 0)
