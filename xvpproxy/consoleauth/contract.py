"""What every token store promises.

Each store derives its own key from the token, as Nova's layouts demand, and
holds exactly what Nova holds.  A store is a plain synchronous core behind a
thin asynchronous face; the face bounds every call by the store timeout.
"""

from __future__ import annotations

from typing import Protocol

from xvpproxy.model import ConnectInfo, Token


class TokenStore(Protocol):
    """Keeps connect_info under a token until it expires.

    Every method raises `StoreUnavailable` when the store cannot answer in time
    (with `cause="store_corrupt"` for a value that cannot be read under a
    token's key), and nothing else.  Cancelling is always safe.
    """

    #: The word of `[consoleauth] stores`: `memcached` or `database`.
    name: str

    def probe(self) -> None:
        """See at start whether the store is usable; blocking, bounded by the store timeout.

        Raises:
            ConfigurationError: it can never work as configured (missing table, bad URL).
            StoreUnavailable: it is down just now; it counts as present.
        """

    async def put(self, token: Token, info: ConnectInfo) -> None:
        """Keep `info` until `info.expires_at` (Unix seconds)."""

    async def get(self, token: Token) -> ConnectInfo | None:
        """The entry that is live now, or None if it is unknown, expired or no valid record."""

    async def delete(self, token: Token) -> int:
        """Forget one token; how many live entries that removed (0 or 1)."""

    async def delete_instance(self, instance_uuid: str) -> int:
        """Forget every token of an instance; how many live entries that removed."""

    def close(self) -> None:
        """Give back connections and threads."""
