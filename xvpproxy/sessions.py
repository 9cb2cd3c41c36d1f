"""Who is connected: the live registry and the limits that hold across sessions.

A slot is taken before a console is dialled, so that of many viewers who race
for the last one exactly one gets it.  Workers race, too: each counts itself in
before it looks at the sum, so never one too many gets in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from twisted.internet.defer import Deferred, succeed

from .errors import TooManyRequests
from .ledger import Ledger, open_ledgers
from .model import Outcome, Token

#: Descriptors that stay for viewers that only ask: so that one too many is told 429.
_ASKING_DESCRIPTORS = 32


def sessions_within(descriptors: int) -> int:
    """How many sessions as many file descriptors allow."""
    return max(1, (descriptors - _ASKING_DESCRIPTORS) // 2)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is admitted at once; each at least 1.

    Attributes:
        sessions: sessions of all workers together.
        per_token: sessions of all workers that one token may open.
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
    """All connections, and those of them that hold a session's slot.

    Args:
        ledger: the sessions of all workers; or None if there is only this one.
    """

    def __init__(self, limits: Limits, ledger: Ledger | None = None) -> None:
        self.limits = limits
        #: Each connection, with the hash of its token while it holds a slot: the token itself may go.
        self.connections: dict[LiveSession, int | None] = {}
        self._ledger = ledger or open_ledgers(1, sessions_within(limits.descriptors))[0]
        self._held = 0
        self._per_token: dict[int, int] = {}
        self._pending: Counter[str] = Counter()
        self._empty: Deferred[None] | None = None

    # Connections that have not shown a valid token

    def admit(self, connection: LiveSession, address: str) -> bool:
        """Count a new connection; False if its address has too many pending ones already."""
        self.connections[connection] = None
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
        self.give_back(connection)
        self.connections.pop(connection, None)

    # Sessions

    def take(self, session: LiveSession, token: Token) -> None:
        """Take a slot for `session`, which has been admitted.

        Raises:
            TooManyRequests: none is left, here or at all, or none for this token.
        """
        limits, ledger, key = self.limits, self._ledger, hash(token)
        if self._held >= min(sessions_within(limits.descriptors), ledger.room):
            raise TooManyRequests(f"file descriptors allow {self._held} sessions here", cause="max_sessions")
        of_token = self._per_token.get(key, 0) + 1
        ledger.add(key)  # before the look at what others have, who do the same
        if of_token + ledger.elsewhere(key) > limits.per_token:
            ledger.remove(key)
            raise TooManyRequests(
                f"max_sessions_per_token = {limits.per_token}",
                cause="max_sessions_per_token",
                public="This access URL has as many sessions open as it may; close one, or ask for a new URL.",
            )
        if ledger.total() > limits.sessions:
            ledger.remove(key)
            raise TooManyRequests(f"max_sessions = {limits.sessions}", cause="max_sessions")
        self._held += 1
        self._per_token[key] = of_token
        self.connections[session] = key

    def give_back(self, session: LiveSession) -> None:
        """The slot of `session` is free again; harmless if it holds none."""
        key = self.connections.get(session)
        if key is None:
            return
        self.connections[session] = None
        self._per_token[key] -= 1
        if not self._per_token[key]:
            del self._per_token[key]
        self._ledger.remove(key)
        self._held -= 1
        if not self._held and self._empty is not None:
            empty, self._empty = self._empty, None
            empty.callback(None)

    def when_empty(self) -> Deferred[None]:
        """Fires once no session holds a slot; for one waiter at a time, who may cancel it."""
        if not self._held:
            return succeed(None)
        self._empty = Deferred(lambda _: setattr(self, "_empty", None))
        return self._empty

    @property
    def holding(self) -> dict[LiveSession, int]:
        """The sessions of this worker that hold a slot, each with the hash of its token."""
        return {session: key for session, key in self.connections.items() if key is not None}

    @property
    def descriptors(self) -> int:
        """File descriptors in use: one a connection, one more for a session's console."""
        return len(self.connections) + self._held
