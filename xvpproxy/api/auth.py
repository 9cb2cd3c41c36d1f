"""Who calls, and what they may do."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from hashlib import sha256
from ipaddress import ip_address
from typing import Protocol

from xvpproxy.errors import ConfigurationError

from .messages import Fault

TOKEN_HEADER = "x-auth-token"  # noqa: S105  (a header's name)
_LINE = re.compile(r"(?P<name>[!-~]{1,64})\s+(?P<role>\S+)\s+(?P<hash>[0-9a-fA-F]{64})")


class Right(Flag):
    """What a call needs."""

    LIST = auto()
    CONSOLE = auto()
    TOKEN = auto()


class Role(Enum):
    """What a caller has; the value is the word in the tokens file."""

    ADMIN = "admin"
    CONSOLE = "console"
    READER = "reader"


RIGHTS = {
    Role.ADMIN: Right.LIST | Right.CONSOLE | Right.TOKEN,
    Role.CONSOLE: Right.LIST | Right.CONSOLE,
    Role.READER: Right.LIST,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is known here, by the name that the log shows."""

    name: str
    role: Role

    def need(self, right: Right) -> None:
        """Raise Fault 403 unless the caller has this right."""
        if right not in RIGHTS[self.role]:
            raise Fault(403, f"Policy doesn't allow this call to the role {self.role.value}.")


class Auth(Protocol):
    """How callers are known."""

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Whose call has these headers (names in lower case).  Raises Fault 401 or 403."""


class Anybody:
    """`noauth2`: every caller on this machine is an admin.

    A web page could make a browser here call us under a host name of its own;
    such a call is told by that name.
    """

    def caller(self, headers: Mapping[str, str]) -> Caller:
        host = headers.get("host", "").lower()
        name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
        if not _is_loopback(name):
            raise Fault(403, "Without authentication this API answers to localhost and loopback addresses only.")
        return Caller("noauth2", Role.ADMIN)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name in ("", "localhost")


@dataclass(frozen=True, slots=True)
class TokenHolders:
    """`token`: callers show a token of which only the SHA-256 is known here."""

    hashes: tuple[tuple[str, Caller], ...] = field(repr=False)

    def caller(self, headers: Mapping[str, str]) -> Caller:
        shown = headers.get(TOKEN_HEADER)
        if shown is None:
            raise _unauthorized("The call needs a token in the header X-Auth-Token.")
        ours = sha256(shown.encode("latin-1")).hexdigest()
        found = None
        for known, caller in self.hashes:  # all of them, so that the time says nothing
            if hmac.compare_digest(known, ours):
                found = caller
        if found is None:
            raise _unauthorized("The token in the header X-Auth-Token is not known here.")
        return found


def _unauthorized(message: str) -> Fault:
    return Fault(401, message, WWW_Authenticate='Token realm="xvpproxy"')


def read_tokens(text: str, path: str) -> TokenHolders:
    """The callers in a tokens file.

    Raises:
        ConfigurationError: with every line that cannot be used; none of them is quoted.
    """
    problems: list[str] = []
    hashes: dict[str, Caller] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].strip()
        if not words:
            continue
        place = f"[api] tokens_file = {path}: line {number}"
        match = _LINE.fullmatch(words)
        if match is None:
            problems.append(
                f"{place} is not NAME ROLE SHA256, where SHA256 is 64 hex digits; "
                "printf %s TOKEN | sha256sum prints them"
            )
        elif match["role"] not in [role.value for role in Role]:
            problems.append(f"{place}: the role must be one of {', '.join(role.value for role in Role)}")
        elif match["hash"].lower() in hashes:
            problems.append(f"{place}: another line has the same token")
        else:
            hashes[match["hash"].lower()] = Caller(match["name"], Role(match["role"]))
    if not hashes and not problems:
        problems.append(f"[api] tokens_file = {path}: it has no line NAME ROLE SHA256, so nobody could call the API")
    if problems:
        raise ConfigurationError(*problems)
    return TokenHolders(tuple(hashes.items()))
