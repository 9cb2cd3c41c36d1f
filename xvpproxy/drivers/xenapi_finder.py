"""Finding machines and their consoles in a pool.  Blocking: for threads; see `XenPool` for what every call raises."""

from __future__ import annotations

import hashlib
import re
import ssl
import threading
import time
from typing import Any

from xvpproxy.errors import ConsoleUnavailable, DriverUnavailable, InstanceNotFound

from . import xenapi_machines as machines
from .contract import Console, Instance
from .xenapi_link import ApiFailure
from .xenapi_machines import Record
from .xenapi_members import Members, is_suspicious
from .xenapi_pool import Budget, XenPool

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: Failures that say "there is no such thing".
_GONE = {"UUID_INVALID", "HANDLE_INVALID"}
#: Seconds for which the list of the uuids that Nova gave is good: it costs the records of all machines.
_NOVA_SECONDS = 10.0


class Finder:
    """Looks for machines in a pool.

    Args:
        driver: the name that instances get.
        learn: whether the hosts' certificates are asked for: the API is trusted and consoles are behind TLS.
    """

    def __init__(self, pool: XenPool, members: Members, *, driver: str, learn: bool) -> None:
        self._pool = pool
        self._members = members
        self._driver = driver
        self._learn = learn
        self._lock = threading.Lock()
        #: Address and certificate's SHA-256 (or nothing) by reference.
        self._hosts: dict[str, tuple[str, str]] = {}
        self._nova: tuple[float, dict[str, str]] = (float("-inf"), {})

    def instances(self, budget: Budget) -> list[Instance]:
        """Every machine that is somebody's."""
        hosts = self._call(budget, "host.get_all_records")
        records = self._call(budget, "VM.get_all_records").values()
        return [
            machines.instance_of(
                record, self._driver, str(hosts.get(record.get("resident_on"), {}).get("name_label", ""))
            )
            for record in sorted(records, key=lambda record: (record["name_label"], record["uuid"]))
            if machines.is_instance(record)
        ]

    def find(self, budget: Budget, uuid_or_name: str) -> Instance:
        """Raises InstanceNotFound; ConsoleUnavailable if several have the name."""
        if _UUID.fullmatch(uuid_or_name):
            try:
                return self._instance(budget, self._record(budget, self._ref(budget, uuid_or_name, again=False)))
            except InstanceNotFound:
                pass  # somebody may have used a uuid as a name
        found = self._named(budget, uuid_or_name)
        if not found:
            raise InstanceNotFound(f"no machine {uuid_or_name!r} in the pool", cause="identity")
        if len(found) > 1:
            sentence = f"{len(found)} machines have the name {uuid_or_name!r}; use a uuid."
            raise ConsoleUnavailable(sentence, cause="ambiguous_name", public=sentence)
        return self._instance(budget, found[0])

    def locate(self, budget: Budget, uuid: str) -> Console:
        """The console's place, without a session."""
        record = self._rescued(budget, self._record(budget, self._ref(budget, uuid, again=False)))
        machines.require_console(record)
        self._require_graphics(budget, record)
        return self._console(budget, record, session=None, again=False)

    def open(self, budget: Budget, uuid: str, *, again: bool) -> Console:
        """The console's place, with the session that opens it."""
        ref = self._ref(budget, uuid, again=again)
        record, session = self._record_and_session(budget, ref)
        rescued = self._rescued(budget, record)
        machines.require_console(rescued)
        return self._console(budget, rescued, session=session, again=again, also=ref)

    # Machines

    def _call(self, budget: Budget, method: str, *params: Any) -> Any:
        try:
            return self._pool.call(budget, method, *params)
        except ApiFailure as failure:
            raise _translated(method, failure) from None

    def _ref(self, budget: Budget, uuid: str, *, again: bool) -> str:
        """The reference of the machine with this uuid: its own, or the one that Nova gave it."""
        try:
            return str(self._pool.call(budget, "VM.get_by_uuid", uuid.lower()))
        except ApiFailure as failure:
            if failure.code not in _GONE:
                raise _translated("VM.get_by_uuid", failure) from None
        ref = self._novas(budget, fresh=again).get(uuid.lower())
        if ref is None:
            raise InstanceNotFound(f"no machine {uuid} in the pool", cause="identity")
        return ref

    def _novas(self, budget: Budget, *, fresh: bool) -> dict[str, str]:
        """References by the uuids that Nova gave."""
        with self._lock:
            when, known = self._nova
        if not fresh and time.monotonic() - when < _NOVA_SECONDS:
            return known
        records = self._call(budget, "VM.get_all_records")
        known = {
            record["other_config"][machines.NOVA_UUID].lower(): ref
            for ref, record in records.items()
            if machines.is_instance(record) and machines.NOVA_UUID in record.get("other_config", {})
        }
        with self._lock:
            self._nova = (time.monotonic(), known)
        return known

    def _record(self, budget: Budget, ref: str) -> Record:
        return self._record_and_session(budget, ref)[0]

    def _record_and_session(self, budget: Budget, ref: str) -> tuple[Record, str]:
        try:
            record, session = self._pool.call_with_session(budget, "VM.get_record", ref)
        except ApiFailure as failure:
            raise _translated("VM.get_record", failure) from None
        if not machines.is_instance(record):
            raise InstanceNotFound("it is a template, a snapshot or a control domain", cause="identity")
        return record, session

    def _named(self, budget: Budget, name: str) -> list[Record]:
        records = []
        for ref in self._call(budget, "VM.get_by_name_label", name):
            try:
                records.append(self._record(budget, ref))
            except InstanceNotFound:
                continue  # gone meanwhile, or a template of the same name
        return records

    def _rescued(self, budget: Budget, record: Record) -> Record:
        """The machine that Nova has started to rescue this one, if it runs; else this one."""
        if machines.is_running(record):
            return record
        rescue = self._named(budget, f"{record['name_label']}{machines.RESCUE_SUFFIX}")
        running = [each for each in rescue if machines.is_running(each)]
        return running[0] if len(running) == 1 else record

    def _instance(self, budget: Budget, record: Record) -> Instance:
        ref = machines.host_of(record)
        name = self._call(budget, "host.get_name_label", ref) if ref else ""
        return machines.instance_of(record, self._driver, str(name))

    # Consoles

    def _require_graphics(self, budget: Budget, record: Record) -> None:
        """Raise ConsoleUnavailable for a machine without a graphical console."""
        for ref in record.get("consoles", ()):
            if self._call(budget, "console.get_protocol", ref) == "rfb":
                return
        raise ConsoleUnavailable(
            f"{record['name_label']} has no rfb console",
            cause="no_console",
            public="The machine has no graphical console now; it may be starting. Try again shortly.",
        )

    def _console(
        self, budget: Budget, record: Record, *, session: str | None, again: bool, also: str | None = None
    ) -> Console:
        address, certificate = self._host(budget, machines.host_of(record), again=again)
        member = self._members.at(address)
        if member is None:
            if is_suspicious(address):
                raise DriverUnavailable(
                    f"the pool names {address!r} as a host's address; if that is right, put it into "
                    "[xenserver] connection_url",
                    cause="driver_address",
                )
            member = self._members.usual(address)
        aliases = {str(record["uuid"]), *map(str, record.get("consoles", ())), *([also] if also else [])}
        return Console(
            member.host,
            member.port,
            machines.path_of(str(record["uuid"])),
            xen_login=session,
            tls=member.tls,
            certificate=certificate if member.tls else "",
            aliases=frozenset(aliases),
        )

    def _host(self, budget: Budget, ref: str, *, again: bool) -> tuple[str, str]:
        """Address and certificate of a host; what was learned before is good unless something has just failed."""
        with self._lock:
            known = None if again else self._hosts.get(ref)
        if known is None:
            known = (str(self._call(budget, "host.get_address", ref)), self._certificate(budget, ref))
            with self._lock:
                self._hosts[ref] = known
        return known

    def _certificate(self, budget: Budget, ref: str) -> str:
        """Its certificate's SHA-256; nothing where the API does not tell (a small role, an old version)."""
        if not self._learn:
            return ""
        try:
            pem = str(self._pool.call(budget, "host.get_server_certificate", ref))
            return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.strip())).hexdigest()
        except (ApiFailure, ValueError):
            return ""


def _translated(method: str, failure: ApiFailure) -> InstanceNotFound | DriverUnavailable:
    if failure.code in _GONE:
        return InstanceNotFound(f"{method}: {failure.code}", cause="identity")
    return DriverUnavailable(f"{method}: {failure}", cause="driver_refused")
