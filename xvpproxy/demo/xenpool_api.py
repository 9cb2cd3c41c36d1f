"""The XML-RPC of a simulated XenServer host: enough of it for a client that looks for consoles.

Every class of objects has `get_all`, `get_record`, `get_all_records`,
`get_by_uuid`, `get_by_name_label` and a `get_FIELD` for each field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from xmlrpc.client import dumps, loads

from .xenpool import NULL, Host, Machine, Pool, Refused

Record = dict[str, Any]

_LOGIN: Final = "session.login_with_password"
#: Roles that may change a machine.
_OPERATORS: Final = ("pool-admin", "vm-operator")


def call(pool: Pool, host: Host, body: bytes) -> tuple[bytes, float]:
    """The answer to one call at `host`, and the seconds after which it is to be sent."""
    params, method = loads(body.decode())
    delay = 0.0
    try:
        answer: Record = {"Status": "Success", "Value": _perform(pool, host, method or "", params)}
    except Refused as refusal:
        answer = {"Status": "Failure", "ErrorDescription": refusal.description}
        if refusal.description[0] == "SESSION_AUTHENTICATION_FAILED":
            delay = pool.penalty
    return dumps((answer,), methodresponse=True).encode(), delay


def _perform(pool: Pool, host: Host, method: str, params: Sequence[Any]) -> Any:
    if host is not pool.master:
        raise Refused("HOST_IS_SLAVE", pool.master.address)
    if method == _LOGIN:
        user, password, _version, originator = (*params, "", "", "", "")[:4]
        return pool.log_in(user, password, originator)
    if not params:
        raise Refused("MESSAGE_PARAMETER_COUNT_MISMATCH", method, "1", "0")
    login = pool.login(params[0])
    if method == "session.logout":
        del pool.logins[params[0]]
        return ""
    kind, _, verb = method.partition(".")
    if kind == "VM" and verb in _ACTIONS:
        if login.role not in _OPERATORS:
            raise Refused("RBAC_PERMISSION_DENIED", method.lower(), "your role is too small")
        return _ACTIONS[verb](pool, _machine(pool, params[1]), *params[2:])
    if method == "host.get_server_certificate":
        return _host(pool, params[1]).certificate
    return _look_up(pool, kind, verb, params[1:])


def _look_up(pool: Pool, kind: str, verb: str, params: Sequence[Any]) -> Any:
    tables = {"VM": _machines, "host": _hosts, "console": _consoles, "pool": _pools}
    if kind not in tables:
        raise Refused("MESSAGE_METHOD_UNKNOWN", f"{kind}.{verb}")
    table = tables[kind](pool)
    if verb in {"get_all", "get_all_records"}:
        return list(table) if verb == "get_all" else table
    if not params:
        raise Refused("MESSAGE_PARAMETER_COUNT_MISMATCH", f"{kind}.{verb}", "2", "1")
    wanted = params[0]
    if verb == "get_by_uuid":
        found = [ref for ref, record in table.items() if record["uuid"] == wanted]
        if not found:
            raise Refused("UUID_INVALID", kind, wanted)
        return found[0]
    if verb == "get_by_name_label":
        return [ref for ref, record in table.items() if record["name_label"] == wanted]
    if wanted not in table:
        raise Refused("HANDLE_INVALID", kind, wanted)
    record = table[wanted]
    if verb == "get_record":
        return record
    field = verb.removeprefix("get_")
    if field == verb or field not in record:
        raise Refused("MESSAGE_METHOD_UNKNOWN", f"{kind}.{verb}")
    return record[field]


def _machines(pool: Pool) -> dict[str, Record]:
    return {machine.ref: _machine_record(machine) for machine in pool.machines}


def _machine_record(machine: Machine) -> Record:
    return {
        "uuid": machine.uuid,
        "name_label": machine.name,
        "power_state": machine.power_state,
        "resident_on": machine.host.ref if machine.host else NULL,
        "consoles": [console.ref for console in machine.consoles],
        "current_operations": dict(machine.operations),
        "domid": str(machine.domid),
        "is_a_template": machine.kind == "template",
        "is_a_snapshot": False,
        "is_control_domain": machine.kind == "dom0",
        "other_config": dict(machine.other_config),
    }


def _hosts(pool: Pool) -> dict[str, Record]:
    return {host.ref: {"uuid": host.uuid, "name_label": host.name, "address": host.address} for host in pool.hosts}


def _consoles(pool: Pool) -> dict[str, Record]:
    return {
        console.ref: {
            "uuid": console.uuid,
            "VM": machine.ref,
            "protocol": console.protocol,
            "location": f"https://{machine.host.address}/console?uuid={console.uuid}" if machine.host else "",
        }
        for machine in pool.machines
        for console in machine.consoles
    }


def _pools(pool: Pool) -> dict[str, Record]:
    return {pool.ref: {"uuid": pool.uuid, "name_label": "", "master": pool.master.ref}}


def _machine(pool: Pool, ref: str) -> Machine:
    for machine in pool.machines:
        if machine.ref == ref:
            return machine
    raise Refused("HANDLE_INVALID", "VM", ref)


def _host(pool: Pool, ref: str) -> Host:
    for host in pool.hosts:
        if host.ref == ref:
            return host
    raise Refused("HANDLE_INVALID", "host", ref)


def _running(machine: Machine) -> None:
    if machine.power_state != "Running":
        raise Refused("VM_BAD_POWER_STATE", machine.ref, "running", machine.power_state.lower())
    if machine.operations:
        raise Refused("OTHER_OPERATION_IN_PROGRESS", "VM", machine.ref)


def _migrate(pool: Pool, machine: Machine, host: str, _options: object = None) -> str:
    _running(machine)
    pool.migrate(machine, _host(pool, host))
    return ""


def _reboot(pool: Pool, machine: Machine) -> str:
    _running(machine)
    pool.reboot(machine)
    return ""


def _shut_down(pool: Pool, machine: Machine) -> str:
    _running(machine)
    pool.set_power(machine, "Halted")
    return ""


def _start(pool: Pool, machine: Machine, _paused: object = None, _force: object = None) -> str:
    if machine.power_state != "Halted":
        raise Refused("VM_BAD_POWER_STATE", machine.ref, "halted", machine.power_state.lower())
    pool.set_power(machine, "Running")
    return ""


_ACTIONS: dict[str, Callable[..., str]] = {
    "pool_migrate": _migrate,
    "clean_reboot": _reboot,
    "hard_reboot": _reboot,
    "clean_shutdown": _shut_down,
    "hard_shutdown": _shut_down,
    "start": _start,
}
