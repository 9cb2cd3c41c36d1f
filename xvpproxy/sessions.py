"""Who is connected: the live registry and the limits that hold across sessions.

A slot is taken before a console is dialled, so that of many viewers who race
for the last one exactly one gets it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from twisted.internet.defer import Deferred, succeed

from .errors import TooManyRequests
from .model import Outcome, Token


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is admitted at once; each at least 1.

    Attributes:
        sessions: sessions in the whole process.
        per_token: sessions that one token may open.
        pending_per_address: connections from one address that have not shown a valid token.
        descriptors: file descriptors that connections may take; accepting pauses there.
    """

    sessions: int
    per_token: int
    pending_per_address: int
    descriptors: int


class LiveSession(Protocol):
    """What the registry knows of a connection."""

    def stop(self, outcome: Outcome) -> None:
        """End it now."""

    def look(self, now: float, idle_timeout: float) -> None:
        """End it if nothing has moved for so many seconds."""


class Sessions:
    """All connections, and those of them that hold a session's slot."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.connections: set[LiveSession] = set()
        self.holding: dict[LiveSession, Token] = {}
        self._per_token: Counter[Token] = Counter()
        self._pending: Counter[str] = Counter()
        self._empty: Deferred[None] | None = None

    # Connections that have not shown a valid token

    def admit(self, connection: LiveSession, address: str) -> bool:
        """Count a new connection; False if its address has too many pending ones already."""
        self.connections.add(connection)
        self._pending[address] += 1
        return self._pending[address] <= self.limits.pending_per_address

    def crowded(self, address: str) -> bool:
        """Whether an address has so many pending connections that not even a refusal is due."""
        return self._pending[address] >= 2 * self.limits.pending_per_address

    def known(self, address: str) -> None:
        """A connection from `address` has shown a valid token, or is gone."""
        self._pending[address] -= 1
        if self._pending[address] <= 0:
            del self._pending[address]

    def forget(self, connection: LiveSession) -> None:
        """A connection is closed."""
        self.connections.discard(connection)

    # Sessions

    def take(self, session: LiveSession, token: Token) -> None:
        """Take a slot for `session`.

        Raises:
            TooManyRequests: none is left, for the process or for this token.
        """
        if len(self.holding) >= self.limits.sessions:
            raise TooManyRequests(f"max_sessions = {self.limits.sessions}", cause="max_sessions")
        if self._per_token[token] >= self.limits.per_token:
            raise TooManyRequests(
                f"max_sessions_per_token = {self.limits.per_token}",
                cause="max_sessions_per_token",
                public="This access URL has as many sessions open as it may; close one, or ask for a new URL.",
            )
        self._per_token[token] += 1
        self.holding[session] = token

    def give_back(self, session: LiveSession) -> None:
        """The slot of `session` is free again; harmless if it holds none."""
        token = self.holding.pop(session, None)
        if token is not None:
            self._per_token[token] -= 1
            if not self._per_token[token]:
                del self._per_token[token]
            if not self.holding and self._empty is not None:
                empty, self._empty = self._empty, None
                empty.callback(None)

    def when_empty(self) -> Deferred[None]:
        """Fires once no session holds a slot; for one waiter at a time, who may cancel it."""
        if not self.holding:
            return succeed(None)
        self._empty = Deferred(lambda _: setattr(self, "_empty", None))
        return self._empty

    @property
    def descriptors(self) -> int:
        """File descriptors in use: one a connection, one more for a session's console."""
        return len(self.connections) + len(self.holding)
