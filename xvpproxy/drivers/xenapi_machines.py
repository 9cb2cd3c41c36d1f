"""What the records of XenServer's machines mean: pure functions, no calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xvpproxy.errors import ConsoleUnavailable

from .contract import Instance

Record = Mapping[str, Any]

NULL = "OpaqueRef:NULL"
#: Where Nova notes its own uuid of an instance.
NOVA_UUID = "nova_uuid"
RESCUE_SUFFIX = "-rescue"

_STATES = {"Running": "ACTIVE", "Halted": "SHUTOFF", "Paused": "PAUSED", "Suspended": "SUSPENDED"}
_MIGRATIONS = {"pool_migrate", "migrate_send"}
_NOT_RUNNING = {
    "Halted": "The machine is powered off; start it, then open the console again.",
    "Suspended": "The machine is suspended; resume it, then open the console again.",
    "Paused": "The machine is paused; unpause it, then open the console again.",
}


def is_instance(record: Record) -> bool:
    """Whether it is somebody's machine: no template, no snapshot, no control domain."""
    return not any(record.get(flag) for flag in ("is_a_template", "is_a_snapshot", "is_control_domain"))


def is_running(record: Record) -> bool:
    return record.get("power_state") == "Running"


def in_transition(record: Record) -> bool:
    """Whether something is being done with it: what is not there now may come in a moment."""
    return bool(record.get("current_operations"))


def state_of(record: Record) -> str:
    """Nova's word for its state."""
    if _MIGRATIONS & set((record.get("current_operations") or {}).values()):
        return "MIGRATING"
    return _STATES.get(str(record.get("power_state")), "UNKNOWN")


def instance_of(record: Record, driver: str, host: str) -> Instance:
    return Instance(str(record["uuid"]).lower(), str(record["name_label"]), state_of(record), driver, host)


def host_of(record: Record) -> str:
    """The reference of the host it runs on; empty for none."""
    ref = str(record.get("resident_on") or "")
    return "" if ref == NULL else ref


def require_console(record: Record) -> None:
    """Raise ConsoleUnavailable unless it runs somewhere; the cause is `moving` where waiting a moment may help."""
    name, power = record.get("name_label"), str(record.get("power_state"))
    if is_running(record) and host_of(record):
        return
    if in_transition(record) or is_running(record):
        raise ConsoleUnavailable(
            f"{name} is {power}, and something is being done with it",
            cause="vm_moving",
            public="The machine is just starting, stopping or moving; try again shortly.",
        )
    raise ConsoleUnavailable(f"{name} is {power}", cause="vm_not_running", public=_NOT_RUNNING.get(power))


def path_of(uuid: str) -> str:
    """The path that opens the console of a machine, wherever it runs and whatever its console objects are."""
    return f"/console?uuid={uuid}"
