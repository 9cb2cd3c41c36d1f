"""What is kept of one viewer from accept to close: who, what for, since when, and its one outcome.

Ten thousand of these live at once, so it holds little: `opening.py` has what is
needed until the relay runs.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from enum import Enum
from operator import sub
from socket import socket
from time import time  # noqa: TID251  (the time of day, for people)
from typing import Any

from twisted.logger import Logger, LogLevel

from xvpproxy.model import FINGERPRINT_CHARACTERS, ConnectInfo, Outcome, Token

from .opening import Opening
from .relay import Leg, Relay
from .shared import Gateway

log = Logger()

#: Times of a session that is relaying: its accept, and how long each phase before took.
_TIMES = struct.Struct("d3f")
#: More references than there are mean that an object is never freed.
_IMMORTAL_REFERENCES = 1 << 29


def _interned_for_ever() -> bool:
    """Whether this Python never frees what is interned, as 3.12 did not before its seventh release."""
    return sys.getrefcount(sys.intern(f"{__name__} asks")) > _IMMORTAL_REFERENCES


#: Of strings that many sessions have one copy, unless it would stay when they are gone: anybody can send us new ones.
_shared: Callable[[str], str] = str if _interned_for_ever() else sys.intern


class SessionState(Enum):
    """How far a session is: a label for people, nothing branches on it."""

    PREAMBLE = "preamble"
    CHECKING = "checking"
    CONNECTING = "connecting"
    RELAYING = "relaying"
    CLOSED = "closed"


_PHASES = [state.value for state in SessionState if state is not SessionState.CLOSED]
#: The text of so many phases' seconds.
_SPANS = [" ".join([f"{name}=%.3f" for name in _PHASES[:count]]) for count in range(len(_PHASES) + 1)]


class Session:
    """One connection of a viewer; it runs from the moment it is made.

    Args:
        connected: non-blocking; the session owns it.
        address: the viewer's address, without its port.
    """

    __slots__ = (
        "_gateway", "_instance", "_number", "_opening", "_quiet_since", "_relay", "_seen", "_times", "_token",
        "address",
    )  # fmt: skip

    def __init__(self, connected: socket, address: str, gateway: Gateway) -> None:
        self._number = next(gateway.numbers)
        self.address = _shared(address)
        self._gateway = gateway
        #: The token's SHA-256 in hex, and the instance's UUID: many sessions may share them.
        self._token = self._instance = ""
        #: When each phase began; packed once there are no more to come.
        self._times: list[float] | bytes = [gateway.reactor.seconds()]
        self._relay: Relay | None = None
        #: Bytes that had moved when last looked, and since when it has been so many.
        self._seen, self._quiet_since = -1, 0.0
        self._opening: Opening | None = None
        welcome = gateway.sessions.admit(self, self.address)
        try:
            self._opening = Opening(self, connected, gateway, welcome=welcome)
        except BaseException:
            gateway.dispatch.remove(connected.fileno())
            connected.close()
            gateway.sessions.known(self.address)
            self.forget()
            raise
        self._opening.begin()

    @property
    def id(self) -> str:
        """The word for it in the log: 8 hex digits."""
        return f"{self._number & 0xFFFFFFFF:08x}"

    @property
    def state(self) -> SessionState:
        """How far it is."""
        if isinstance(self._times, bytes):
            return SessionState.RELAYING if self._relay is not None else SessionState.CLOSED
        if not self._times:
            return SessionState.CLOSED
        return SessionState(_PHASES[len(self._times) - 1])

    def stop(self, outcome: Outcome) -> None:
        """End it now, wherever it stands; harmless once it has ended."""
        if self._relay is not None:
            self._relay.close(outcome)
        elif self._opening is not None:
            self._opening.stop(outcome)

    def look(self, now: float, idle_timeout: float) -> None:
        """End it if no byte has moved for `idle_timeout`, as far as earlier looks can tell."""
        relay = self._relay
        if relay is None:
            return
        moved = relay.from_viewer + relay.from_console
        if moved != self._seen:
            self._seen, self._quiet_since = moved, now
        elif now - self._quiet_since >= idle_timeout:
            relay.close(Outcome.IDLE)

    # What its opening tells

    def checking(self, token: Token) -> None:
        """The preamble has been read."""
        self._token = _shared(token.sha256)
        self._begin_phase()

    def connecting(self, info: ConnectInfo) -> None:
        """The token is good."""
        self._instance = _shared(info.instance_uuid)
        self._begin_phase()

    def relaying(self, viewer: Leg, console: Leg) -> None:
        """Both legs are there."""
        self._begin_phase()
        first, second, third, fourth = self._times
        self._times = _TIMES.pack(first, second - first, third - second, fourth - third)
        gateway = self._gateway
        try:
            self._relay = gateway.start_relay(viewer, console, gateway.relay_timeouts, self)
        except Exception:  # noqa: BLE001  (whatever it is, both sockets are closed)
            log.failure("session failed", session_id=self.id)
            self.relay_ended(Outcome.FAILED)
            return
        self._opening = None
        _note(
            LogLevel.info,
            "open viewer={viewer} instance={instance} console={console} fingerprint={fingerprint}",
            session_id=self.id,
            viewer=self.address,
            instance=self._instance,
            console=console.place,
            fingerprint=self._token[:FINGERPRINT_CHARACTERS],
        )

    def _begin_phase(self) -> None:
        assert isinstance(self._times, list)
        self._times.append(self._gateway.reactor.seconds())

    # Its end

    def relay_ended(self, outcome: Outcome, *, cause: str = "", detail: str = "") -> None:
        """See `RelayOwner`."""
        self.closed(outcome, cause=cause, detail=detail)
        self._relay = None
        self.forget()

    def closed(
        self, outcome: Outcome, *, status: int = 0, cause: str = "", detail: str = "", spoke: bool = True
    ) -> None:
        """Record the one outcome; the slot is free again."""
        now = self._gateway.reactor.seconds()
        opened, spans = self._spans(now)
        self._times = []
        self._gateway.sessions.give_back(self)
        relay = self._relay
        why = ""
        if status or cause:
            fields = (("status", status), ("cause", cause), ("detail", repr(detail) if detail else ""))
            why = "".join(f" {name}={value}" for name, value in fields if value)
        _note(
            LogLevel.info if spoke else LogLevel.debug,
            "closed outcome={outcome}{why} viewer={viewer} instance={instance} fingerprint={fingerprint} "
            "from_viewer={from_viewer} from_console={from_console} seconds={seconds} {phases}",
            session_id=self.id,
            outcome=outcome.value,
            why=why,
            status=status,
            cause=cause,
            detail=detail,
            viewer=self.address,
            instance=self._instance or "-",
            fingerprint=self._token[:FINGERPRINT_CHARACTERS] or "-",
            from_viewer=relay.from_viewer if relay else 0,
            from_console=relay.from_console if relay else 0,
            seconds=round(now - opened, 3),
            phases=_SPANS[len(spans)] % spans,
            phase_seconds=dict(zip(_PHASES, spans, strict=False)),
        )

    def forget(self) -> None:
        """Its socket is closed."""
        self._opening = None
        self._gateway.sessions.forget(self)

    def _spans(self, now: float) -> tuple[float, tuple[float, ...]]:
        """When it was accepted, and the seconds of each phase."""
        times = self._times
        if isinstance(times, bytes):
            opened, first, second, third = _TIMES.unpack(times)
            return opened, (first, second, third, max(0.0, now - opened - first - second - third))
        return times[0], tuple(map(sub, [*times[1:], now], times))


def _note(level: Any, text: str, **event: object) -> None:
    """As `log.emit`, which looks for the level among all of them each time: two lines a session are worth that."""
    event.update(
        log_logger=log,
        log_level=level,
        log_namespace=log.namespace,
        log_source=log.source,
        log_format=text,
        log_time=time(),
    )
    log.observer(event)
