"""The driver for Ironic's bare metal: the graphical consoles that Ironic itself puts up on a VNC port.

ironic.py  ->  ironic_api.py  openstacksdk
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, Protocol, TypeVar

from oslo_config import cfg
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from xvpproxy.blocking import Pool, PoolBusy
from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, DriverUnavailable
from xvpproxy.model import MAX_PORT

from .contract import Console, Instance
from .ironic_api import Access, Node

P = ParamSpec("P")
R = TypeVar("R")

NAME = "ironic.IronicDriver"
THREADS = 4
#: Seconds that one request to Ironic may take, and after which nobody waits for all of one question any more.
REQUEST_SECONDS = 10.0
TIMEOUT = 20.0
#: Seconds between two looks at a console that is being started.
_POLL = 1.0
_STATES = {"power on": "ACTIVE", "power off": "SHUTOFF"}
_NO_VNC = "The machine has no VNC console."
_DEFAULT_AUTH = "password"
_AUTH = (
    ("auth_url", "Keystone's address."),
    ("username", "Whom the gateway logs in as; it must be allowed to read nodes and to start consoles."),
    ("user_domain_name", "The domain of that user."),
    ("project_name", "The project to log in to."),
    ("project_domain_name", "The domain of that project."),
    ("system_scope", "'all' to log in to the system instead of a project."),
)

OPTS: dict[str, list[cfg.Opt]] = {
    "ironic": [
        cfg.StrOpt(
            "auth_type",
            sample_default=_DEFAULT_AUTH,
            help="How the driver ironic.IronicDriver logs in: a plugin of keystoneauth such as password, http_basic, "
            "or none with an endpoint_override.",
        ),
        *(cfg.StrOpt(name, help=text) for name, text in _AUTH),
        cfg.StrOpt("password", secret=True, help="The password for that."),
        cfg.StrOpt("endpoint_override", help="Ironic's address; by default it is in Keystone's catalogue."),
        cfg.StrOpt("region_name", help="The region of that catalogue to look in."),
        cfg.ListOpt(
            "valid_interfaces",
            default=["internal", "public"],
            help="Which of Ironic's addresses in the catalogue may be used, best first.",
        ),
        cfg.StrOpt(
            "cafile", help="Whom to trust for Keystone's and Ironic's certificates, PEM; by default the system."
        ),
        cfg.BoolOpt("insecure", default=False, help="Whether those certificates are not checked at all."),
        cfg.IntOpt(
            "vnc_console_state_timeout",
            default=60,
            min=0,
            help="Seconds that Ironic gets to start a node's console, when an access URL for it is asked for.",
        ),
    ],
}


def access_of(group: Any) -> Access:
    """What the options of `[ironic]` mean; raises ConfigurationError."""
    auth_type = group.auth_type or _DEFAULT_AUTH
    if auth_type == "none" and not group.endpoint_override:
        raise ConfigurationError("[ironic] auth_type = none needs endpoint_override, Ironic's address")
    return Access(
        auth_type=auth_type,
        auth={name: group[name] for name in (*(name for name, _help in _AUTH), "password")},
        endpoint_override=group.endpoint_override,
        region_name=group.region_name,
        valid_interfaces=group.valid_interfaces,
        verify=not group.insecure and (group.cafile or True),
        seconds=REQUEST_SECONDS,
    )


class Api(Protocol):
    """What is asked of `ironic_api.Ironic`, in threads."""

    def nodes(self) -> list[Node]: ...
    def node(self, uuid_or_name: str) -> Node: ...
    def console_type(self, uuid: str) -> str | None: ...
    def start_console(self, uuid: str) -> None: ...
    def close(self) -> None: ...


class IronicDriver:
    """Finds consoles of nodes.

    Args:
        start_timeout: seconds that Ironic gets to start a console.
    """

    name = NAME

    def __init__(self, api: Api, threads: Pool, *, clock: IReactorTime, start_timeout: float) -> None:
        self._api = api
        self._threads = threads
        self._clock = clock
        self._start_timeout = start_timeout

    async def instances(self) -> list[Instance]:
        nodes = await self._run(self._api.nodes)
        return [_instance(node) for node in sorted(nodes, key=lambda node: (node.name, node.uuid))]

    async def find(self, uuid_or_name: str) -> Instance:
        return _instance(await self._run(self._api.node, uuid_or_name))

    async def locate(self, uuid: str) -> Console:
        """Where the console is; it is started if it is not there, and waited for."""
        node = await self._run(self._api.node, uuid)
        kind = await self._run(self._api.console_type, node.uuid)
        if kind is None:
            await self._run(self._api.start_console, node.uuid)
            kind = await self._started(node)
        return _console(await self._run(self._api.node, node.uuid), kind)

    async def open(self, uuid: str, *, again: bool) -> Console:  # noqa: ARG002  (nothing is remembered)
        """Where the console is; one that Ironic has ended would come back elsewhere, so it is not started."""
        kind = await self._run(self._api.console_type, (await self._run(self._api.node, uuid)).uuid)
        if kind is None:
            raise ConsoleUnavailable(
                "Ironic has ended the node's console since its access URL was made",
                cause="console_ended",
                public="The machine's console has ended since this access URL was made; ask for a new one.",
            )
        return _console(await self._run(self._api.node, uuid), kind)

    def close(self) -> None:
        self._api.close()
        self._threads.stop()

    async def _started(self, node: Node) -> str:
        """The type of a console that is being started, once it is."""
        deadline = self._clock.seconds() + self._start_timeout
        while True:
            kind = await self._run(self._api.console_type, node.uuid)
            if kind is not None:
                return kind
            if self._clock.seconds() >= deadline:
                why = (await self._run(self._api.node, node.uuid)).last_error or "it gives no reason"
                raise ConsoleUnavailable(
                    f"Ironic has not started the console of node {node.name} within {self._start_timeout:g} s: {why}",
                    cause="no_console",
                    public="The machine's console has not started in time. Try again shortly.",
                )
            await deferLater(self._clock, _POLL)

    async def _run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        asking: Any = Deferred.fromCoroutine(self._threads.run(call, *args, **kwargs))
        try:
            return await asking.addTimeout(TIMEOUT, self._clock)  # type: ignore[no-any-return]
        except TwistedTimeoutError as error:
            raise DriverUnavailable(f"Ironic did not answer within {TIMEOUT:g} s", cause="driver_timeout") from error
        except PoolBusy as error:
            raise DriverUnavailable("too many questions to Ironic wait already", cause="driver_busy") from error


def _instance(node: Node) -> Instance:
    return Instance(uuid=node.uuid, name=node.name, state=_STATES.get(node.power, "UNKNOWN"), driver=NAME)


def _console(node: Node, kind: str) -> Console:
    """Where the console of a node is that has one of type `kind`; a machine that is off has one, too."""
    if kind != "vnc":
        raise ConsoleUnavailable(f"the console of node {node.name} is {kind}", cause="no_graphics", public=_NO_VNC)
    if not node.vnc_host or not 1 <= node.vnc_port <= MAX_PORT:
        raise ConsoleUnavailable(
            f"Ironic does not tell vnc_host and vnc_port of node {node.name}", cause="no_console", public=_NO_VNC
        )
    return Console(node.vnc_host, node.vnc_port)
