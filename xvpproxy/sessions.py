"""Who is connected: the live registry and the limits that hold across sessions.

A slot is taken before a console is dialled, so that of many viewers who race
for the last one exactly one gets it.  Workers race, too: each counts itself in
before it looks at the sum, so never one too many gets in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from twisted.internet.defer import Deferred, succeed

from .errors import TooManyRequests
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
        per_token: sessions that one token may open here.
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


class Counts(Protocol):
    """A row of numbers."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[int]: ...

    def __setitem__(self, place: int, count: int, /) -> None: ...


class Sessions:
    """All connections, and those of them that hold a session's slot.

    Args:
        counts: sessions of each worker, in memory that all of them see; or None if there is only this one.
        place: which of these counts is this worker's; it writes no other.
    """

    def __init__(self, limits: Limits, *, counts: Counts | None = None, place: int = 0) -> None:
        self.limits = limits
        #: Each connection, with the hash of its token while it holds a slot: the token itself may go.
        self.connections: dict[LiveSession, int | None] = {}
        self._counts: Counts = [0] if counts is None else counts
        self._place = place
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
            TooManyRequests: none is left, for this worker, all workers or this token.
        """
        limits = self.limits
        if self._held >= sessions_within(limits.descriptors):
            raise TooManyRequests(f"file descriptors allow {self._held} sessions here", cause="max_sessions")
        key = hash(token)
        of_token = self._per_token.get(key, 0)
        if of_token >= limits.per_token:
            raise TooManyRequests(
                f"max_sessions_per_token = {limits.per_token}",
                cause="max_sessions_per_token",
                public="This access URL has as many sessions open as it may; close one, or ask for a new URL.",
            )
        self._count(self._held + 1)
        if sum(self._counts) > limits.sessions:
            self._count(self._held - 1)
            raise TooManyRequests(f"max_sessions = {limits.sessions}", cause="max_sessions")
        self._per_token[key] = of_token + 1
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
        self._count(self._held - 1)
        if not self._held and self._empty is not None:
            empty, self._empty = self._empty, None
            empty.callback(None)

    def _count(self, held: int) -> None:
        self._held = self._counts[self._place] = held

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
