"""What a XenServer host answers to CONNECT /console: the order of its checks, and the bytes of each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from .xenpool import Host, Machine, Pool, Refused

#: xapi's own limit, the blank line included.
MAX_HEAD_BYTES: Final = 1006

ACCEPTED: Final = (b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n", b"\r\n")

_REASONS: Final = {
    401: "Unauthorised",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    500: "Internal Error",
    503: "Connection Limit Exceeded",
}


class Rejected(Exception):
    """The host refuses: `reply` is what it says before it closes."""

    def __init__(self, reply: bytes) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request, as crudely taken apart as xapi does it.

    Attributes:
        session: from the cookie, else from the query; empty for none.
    """

    method: str
    path: str
    query: dict[str, str]
    version: str
    session: str
    basic: bool
    length: int

    @classmethod
    def parse(cls, head: bytes) -> Request:
        """Raises Rejected for what is no request."""
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        parts = first.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004
            raise Rejected(rejection(500, "1.1", "Http.Parse_error"))
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        target = urlsplit(parts[1])
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        cookies = _cookies(headers.get("cookie", ""))
        return cls(
            parts[0],
            target.path,
            query,
            parts[2].removeprefix("HTTP/"),
            cookies.get("session_id", query.get("session_id", "")),
            "authorization" in headers,
            int(headers.get("content-length", "0")),
        )


def _cookies(header: str) -> dict[str, str]:
    """Names are not trimmed, so only the first cookie of `a=b; c=d` is found under its own name."""
    pairs = header.split(";" if ";" in header else "&")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def console_of(pool: Pool, host: Host, request: Request) -> Machine:
    """The machine whose screen `request` opens at `host`.  Raises Rejected."""
    version = request.version
    if not request.path.startswith(("/console", "/remotecmd")):
        raise Rejected(rejection(403, "1.1"))
    if not request.session and request.basic:
        raise Rejected(rejection(500, version, "Db_exn.DBCache_NotFound"))
    try:
        login = pool.login(request.session)
    except Refused:
        raise Rejected(rejection(401, version)) from None
    if login.role == "read-only":
        raise Rejected(rejection(403, version))
    machine = _named(pool, request)
    if machine.kind == "dom0" and login.role != "pool-admin":
        raise Rejected(rejection(403, version))
    if machine.power_state != "Running" or machine.host is not host or not machine.consoles:
        raise Rejected(rejection(500, version, "Console.Failure"))
    if pool.one_viewer_only and machine.streams:
        raise Rejected(rejection(503, version, f"{login.user} is connected"))
    return machine


def _named(pool: Pool, request: Request) -> Machine:
    """By `uuid`, else by `ref`, of the machine or of one of its consoles."""
    wanted = request.query.get("uuid") or request.query.get("ref")
    for machine in pool.machines:
        consoles = [console for console in machine.consoles if console.protocol == "rfb"]
        if request.query.get("uuid"):
            names = {machine.uuid, *(console.uuid for console in consoles)}
        else:
            names = {machine.ref, *(console.ref for console in consoles)}
        if wanted in names:
            return machine
    more = f"Db_exn.Read_missing_uuid({wanted})" if request.query.get("uuid") else "Console.Failure"
    raise Rejected(rejection(500, request.version, more))


def rejection(status: int, version: str, more: str = "") -> bytes:
    """A failure as xapi words it: lower-case header names, the length first, then HTML; a 404 is its head alone."""
    line = f"HTTP/{version} {status} {_REASONS[status]}\r\n"
    if status == 404:  # noqa: PLR2004
        return f"{line}connection: close\r\ncache-control: no-cache, no-store\r\n\r\n".encode()
    additional = f"<h1> Additional information </h1>{more}" if more else ""
    body = f"<html><body><h1>HTTP {status} {_REASONS[status].lower()}</h1>{additional}</body></html>"
    realm = 'WWW-Authenticate: Basic realm="connect_console"\r\n' if status == 401 else ""  # noqa: PLR2004
    return (
        f"{line}content-length: {len(body)}\r\ncontent-type: text/html\r\nconnection: close\r\n"
        f"cache-control: no-cache, no-store\r\n{realm}\r\n{body}"
    ).encode()
