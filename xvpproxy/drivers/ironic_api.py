"""The only door to openstacksdk: the few calls to Ironic that consoles need.  Blocking: for threads.

The package is imported when the driver is opened, since it is an extra.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, DriverUnavailable, InstanceNotFound

#: What a node's uuid or name looks like: it becomes a part of a path.
_IDENT = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~-]{0,254}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FIELDS = ["uuid", "name", "power_state", "driver_internal_info", "last_error"]
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 400, 401, 403, 404, 409


@dataclass(frozen=True, slots=True)
class Access:
    """How Ironic is reached: the options of keystoneauth, by their names in `[ironic]`.

    Attributes:
        auth_type: a plugin of keystoneauth, such as `password` or `none`.
        auth: what that plugin wants, by name; values may be None.
        endpoint_override: Ironic's address; None: from the catalogue.
        verify: True, False, or the file with whom to trust.
        seconds: how long one request may take.
    """

    auth_type: str
    auth: Mapping[str, str | None]
    endpoint_override: str | None
    region_name: str | None
    valid_interfaces: Sequence[str]
    verify: bool | str
    seconds: float


@dataclass(frozen=True, slots=True)
class Node:
    """A node, as far as consoles need it.

    Attributes:
        power: `power on`, `power off`, or what else Ironic says.
        vnc_host: where Ironic has put the VNC server of its console; empty for nowhere.
        last_error: what went wrong last, in Ironic's words.
    """

    uuid: str
    name: str
    power: str
    vnc_host: str = ""
    vnc_port: int = 0
    last_error: str = ""


class Ironic:
    """One Ironic.

    Every call raises DriverUnavailable if it cannot be reached or refuses the
    gateway, and InstanceNotFound if there is no such node.

    Raises:
        ConfigurationError: the package is not installed, or the options do not suffice.
    """

    def __init__(self, access: Access) -> None:
        try:
            import openstack.exceptions  # noqa: PLC0415
            from keystoneauth1 import exceptions, loading, session  # noqa: PLC0415
            from openstack import connection  # noqa: PLC0415
        except ImportError as error:
            raise ConfigurationError(
                "[DEFAULT] compute_driver = ironic.IronicDriver needs openstacksdk, which is not installed "
                f"({error}): pip install 'xvpproxy[ironic]'"
            ) from error
        self._http_error = openstack.exceptions.HttpException
        self._errors = (openstack.exceptions.SDKException, exceptions.ClientException)
        try:
            loader: Any = loading.get_plugin_loader(access.auth_type)
            given = {**access.auth, "endpoint": access.endpoint_override}
            wanted = {option.dest for option in loader.get_options()}
            plugin = loader.load_from_options(**{name: given[name] for name in wanted if given.get(name)})
        except exceptions.ClientException as error:
            raise ConfigurationError(f"[ironic] auth_type = {access.auth_type}: {error}") from error
        options: dict[str, Any] = {"baremetal_interface": list(access.valid_interfaces)}
        if access.endpoint_override:
            options["baremetal_endpoint_override"] = access.endpoint_override
        if access.region_name:
            options["region_name"] = access.region_name
        self._session = session.Session(auth=plugin, verify=access.verify, timeout=access.seconds, app_name="xvpproxy")
        self._connection = connection.Connection(session=self._session, **options)

    def nodes(self) -> list[Node]:
        """All of them."""
        with self._translated():
            return [_node(each) for each in self._connection.baremetal.nodes(fields=_FIELDS)]

    def node(self, uuid_or_name: str) -> Node:
        """The one with this uuid or name."""
        if not _IDENT.fullmatch(uuid_or_name):
            raise InstanceNotFound(f"{uuid_or_name!r} is no name of a node", cause="identity")
        if _UUID.fullmatch(uuid_or_name):
            uuid_or_name = uuid_or_name.lower()
        with self._translated():
            return _node(self._connection.baremetal.get_node(uuid_or_name, fields=_FIELDS))

    def console_type(self, uuid: str) -> str | None:
        """The type of its console; None if the console is not started."""
        with self._translated():
            answer = self._connection.baremetal.get_node_console(uuid)
        info = answer.get("console_info") if answer.get("console_enabled") else None
        return str(info.get("type")) if isinstance(info, Mapping) else None

    def start_console(self, uuid: str) -> None:
        """Have it started; it takes a while.

        Raises:
            ConsoleUnavailable: the node has no console, or is busy.
        """
        with self._translated(starting=True):
            self._connection.baremetal.enable_node_console(uuid)

    def close(self) -> None:
        self._connection.close()
        self._session.session.close()

    @contextmanager
    def _translated(self, *, starting: bool = False) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            status = getattr(error, "status_code", None) or getattr(error, "http_status", None)
            raise _translation(status, f"Ironic: {error}", starting=starting) from None


def _translation(status: int | None, detail: str, *, starting: bool) -> Exception:
    if status == _NOT_FOUND or (status == _BAD_REQUEST and not starting):
        return InstanceNotFound(detail, cause="identity")
    if starting and status == _BAD_REQUEST:
        return ConsoleUnavailable(detail, cause="no_graphics", public="The machine has no VNC console.")
    if status == _CONFLICT:
        return ConsoleUnavailable(
            detail, cause="no_console", public="Something is being done with the machine; try again shortly."
        )
    if status in (_UNAUTHORIZED, _FORBIDDEN):
        return DriverUnavailable(detail, cause="driver_refused")
    return DriverUnavailable(detail)


def _node(found: Any) -> Node:
    info = found.driver_internal_info or {}
    port = str(info.get("vnc_port"))
    return Node(
        uuid=str(found.id).lower(),
        name=str(found.name or found.id),
        power=str(found.power_state or ""),
        vnc_host=str(info.get("vnc_host") or ""),
        vnc_port=int(port) if port.isascii() and port.isdigit() else 0,
        last_error=str(found.last_error or ""),
    )
