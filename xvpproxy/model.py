"""The values that travel between the parts: all frozen, none prints a secret."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import Enum

#: The highest TCP port; the lowest that can be dialled is 1.
MAX_PORT = 65535
#: What of a token's SHA-256 is shown.
FINGERPRINT_CHARACTERS = 8


class Token:
    """The secret that opens one console.

    It cannot print itself: `str`, `repr` and `format` show the fingerprint.
    Only `reveal()` gives the text, so that every use of it is easy to find.
    """

    __slots__ = ("_secret", "sha256")

    def __init__(self, secret: str) -> None:
        self._secret = secret
        #: Lower-case hex SHA-256 of the UTF-8 text (64 characters): the key of Nova's database.
        self.sha256 = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()

    def reveal(self) -> str:
        """The secret text itself: for the stores and for printing an access URL."""
        return self._secret

    @property
    def fingerprint(self) -> str:
        """The first 8 hex digits of the token's SHA-256, safe to print."""
        return self.sha256[:FINGERPRINT_CHARACTERS]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return f"<Token {self.fingerprint}>"

    def __str__(self) -> str:
        return self.fingerprint

    def __format__(self, spec: str) -> str:
        return format(self.fingerprint, spec)

    def __reduce__(self) -> str:
        raise TypeError("a Token is never pickled")


@dataclass(frozen=True, slots=True)
class ConnectInfo:
    """What a token resolves to.

    Attributes:
        token: the token it was found under.
        instance_uuid: the instance whose console this is.
        console_type: Nova's word, such as `xvpvnc` or `novnc`.
        host: name or address that the gateway dials (IPv6 without brackets).
        port: 1 to 65535; anything else, such as libvirt's -1, means that the instance shows no console now.
        internal_access_path: the path a XenServer wants in its CONNECT, or None.
            It may hold a XenAPI session, so it is never printed.
        access_url: what the caller was given, as far as the store keeps it: the
            whole URL (memcached) or its base without the token (database).
        expires_at: Unix seconds after which the token is not valid; None if the
            store itself forgets it in time.
    """

    token: Token
    instance_uuid: str
    console_type: str
    host: str
    port: int
    internal_access_path: str | None = field(default=None, repr=False)
    access_url: str | None = field(default=None, repr=False)
    expires_at: float | None = None


class Outcome(Enum):
    """The one word a session ends with: the same in log, registry and metrics."""

    VIEWER_LEFT = "viewer_left"
    CONSOLE_LEFT = "console_left"
    REFUSED = "refused"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNREACHABLE = "unreachable"
    HANDSHAKE_FAILED = "handshake_failed"
    TIMED_OUT = "timed_out"
    STALLED = "stalled"
    IDLE = "idle"
    CLOSED_BY_OPERATOR = "closed_by_operator"
    SHUTDOWN = "shutdown"
    FAILED = "failed"


_SESSION_ID = re.compile(r"(session_id=)[^&;\s]*", re.IGNORECASE)


def masked_path(path: str | None) -> str | None:
    """An `internal_access_path` with the value of every `session_id` replaced by `***`."""
    return None if path is None else _SESSION_ID.sub(r"\1***", path)
