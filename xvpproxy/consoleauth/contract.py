"""What every token store promises.

Each store derives its own key from the token, as Nova's layouts demand, and
holds exactly what Nova holds.  A store is a plain synchronous core behind a
thin asynchronous face; the face bounds every call by the store timeout.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from xvpproxy.model import ConnectInfo, Token


class Absent(Enum):
    """Why a store has no live entry for a token; the value is the log's word.  Always false in a condition."""

    UNKNOWN = "token_unknown"
    EXPIRED = "token_expired"
    NO_INSTANCE = "token_without_instance"

    def __bool__(self) -> bool:
        return False


class TokenStore(Protocol):
    """Keeps connect_info under a token until it expires.

    Every method raises `StoreUnavailable` when the store cannot answer in time
    (with `cause="store_corrupt"` for a value that cannot be read under a
    token's key), and nothing else.  Cancelling is always safe.
    """

    #: The word of `[consoleauth] stores`: `memcached` or `database`.
    name: str

    #: Whether `ConnectInfo.access_url` is kept whole, or only as the base without the token.
    keeps_whole_url: bool

    def probe(self) -> None:
        """See at start whether the store is usable; blocking, bounded by the store timeout.

        Raises:
            ConfigurationError: it can never work as configured (missing table, bad URL).
            StoreUnavailable: it is down just now; it counts as present.
        """

    async def put(self, token: Token, info: ConnectInfo) -> None:
        """Keep `info` until `info.expires_at` (Unix seconds, not None).

        Raises:
            BadRequest: a value that the store's layout cannot hold, such as a path that is too long.
        """

    async def get(self, token: Token) -> ConnectInfo | Absent:
        """The entry that is live now, or why there is none."""

    async def delete(self, token: Token) -> bool:
        """Forget one token; whether that removed a live entry."""

    async def delete_instance(self, instance_uuid: str) -> frozenset[str]:
        """Forget every token of an instance; the SHA-256 (hex) of each live token that this removed."""

    def close(self) -> None:
        """Give back connections and threads."""
