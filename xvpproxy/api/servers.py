"""The instances as Nova shows servers: what its command lines need to find one by id or by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from xvpproxy.drivers.contract import Console, Instance
from xvpproxy.errors import InstanceNotFound

from .auth import RIGHTS, Right
from .messages import Call, Fault, shown
from .routing import Asked

#: Nova's own limit of one page.
MAX_PAGE = 1000

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STATES = {
    "ACTIVE": ("active", 1),
    "SHUTOFF": ("stopped", 4),
    "PAUSED": ("paused", 3),
    "SUSPENDED": ("suspended", 7),
    "MIGRATING": ("active", 1),
}


class Instances(Protocol):
    """What this API asks of all drivers together; errors are those of `ConsoleDriver`."""

    async def instances(self) -> list[Instance]:
        """All of them."""

    async def find(self, uuid_or_name: str) -> Instance:
        """The one with this uuid, else with this name."""

    async def locate(self, instance: Instance) -> Console:
        """Where its console is."""


async def find(drivers: Instances, uuid: str) -> Instance:
    """The instance with this UUID; a name finds nothing, as with Nova.  Raises Fault 404."""
    missing = Fault(404, f"Instance {shown(uuid)} could not be found.")
    if not _UUID.fullmatch(uuid):
        raise missing
    try:
        instance = await drivers.find(uuid)
    except InstanceNotFound:
        raise missing from None
    if instance.uuid != uuid.lower():  # one whose name looks like a UUID
        raise missing
    return instance


class Servers:
    """The calls about servers."""

    def __init__(self, drivers: Instances) -> None:
        self._drivers = drivers

    async def brief(self, asked: Asked) -> Mapping[str, Any]:
        """`GET /servers`."""
        page, following = await self._page(asked)
        return {"servers": [_brief(each, asked.call) for each in page], **following}

    async def detail(self, asked: Asked) -> Mapping[str, Any]:
        """`GET /servers/detail`."""
        page, following = await self._page(asked)
        return {"servers": [_whole(each, asked) for each in page], **following}

    async def show(self, asked: Asked) -> Mapping[str, Any]:
        """`GET /servers/ID`."""
        return {"server": _whole(await find(self._drivers, asked.subject), asked)}

    async def _page(self, asked: Asked) -> tuple[list[Instance], dict[str, Any]]:
        """The instances that the query asks for, and the link to what follows them."""
        query = dict(asked.call.query)
        wanted = [each for each in await self._drivers.instances() if _matches(each, query)]
        wanted.sort(key=lambda each: (each.name, each.uuid))
        if marker := query.get("marker"):
            places = [place for place, each in enumerate(wanted) if each.uuid == marker.lower()]
            if not places:
                raise Fault(400, f"marker [{shown(marker)}] not found")
            wanted = wanted[places[0] + 1 :]
        limit = _limit(query.get("limit"))
        page = wanted[:limit]
        if len(page) == len(wanted) or not page:
            return page, {}
        path = "/".join(asked.call.segments)
        link = f"{asked.call.base}/{path}?limit={limit}&marker={page[-1].uuid}"
        return page, {"servers_links": [{"rel": "next", "href": link}]}


def _limit(text: str | None) -> int:
    if text is None:
        return MAX_PAGE
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004  (digits)
        raise Fault(400, f"limit must be a whole number, not {shown(text)}")
    return min(int(text), MAX_PAGE)


def _matches(instance: Instance, query: Mapping[str, str]) -> bool:
    """Whether the filters admit an instance; those that mean nothing here are ignored, as Nova does."""
    return (
        _name_matches(instance.name, query.get("name", ""))
        and query.get("status", instance.state).upper() == instance.state
        and query.get("uuid", instance.uuid).lower() == instance.uuid
    )


def _name_matches(name: str, pattern: str) -> bool:
    """Nova takes a regular expression, as its database does; of that only ^ and $ at the ends mean anything here."""
    text = pattern.removeprefix("^").removesuffix("$").lower()
    name = name.lower()
    match pattern.startswith("^"), pattern.endswith("$"):
        case True, True:
            return name == text
        case True, False:
            return name.startswith(text)
        case False, True:
            return name.endswith(text)
        case _:
            return text in name


def _brief(instance: Instance, call: Call) -> dict[str, Any]:
    link = f"{call.base}/v2.1/servers/{instance.uuid}"
    return {"id": instance.uuid, "name": instance.name, "links": [{"rel": "self", "href": link}]}


def _whole(instance: Instance, asked: Asked) -> dict[str, Any]:
    """With empty values for what Nova knows and drivers do not: its command lines show them in tables."""
    vm_state, power_state = _STATES.get(instance.state, ("building", 0))
    server = {
        **_brief(instance, asked.call),
        "status": instance.state,
        "OS-EXT-STS:vm_state": vm_state,
        "OS-EXT-STS:power_state": power_state,
        "OS-EXT-STS:task_state": "migrating" if instance.state == "MIGRATING" else None,
        "addresses": {},
        "flavor": {},
        "image": "",
        "metadata": {},
    }
    if Right.TOKEN in RIGHTS[asked.caller.role]:  # Nova shows hosts to admins only
        server["OS-EXT-SRV-ATTR:host"] = instance.host
        server["OS-EXT-SRV-ATTR:hypervisor_hostname"] = instance.host
    return server
