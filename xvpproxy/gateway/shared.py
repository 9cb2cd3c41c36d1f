"""What all sessions share, and what they need of the parts beside them."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from ssl import SSLContext
from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from xvpproxy.model import ConnectInfo, Token
from xvpproxy.sessions import Sessions

from .dispatch import Dispatch
from .relay import Leg, RelayTimeouts, StartRelay
from .timers import Timers

#: What accept and socket fail with when the process or the machine has no more to give.
OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class CheckToken(Protocol):
    """The one verb of consoleauth that a session needs."""

    async def check(self, token: Token) -> ConnectInfo:
        """What the token resolves to.  Raises NotAuthorized or StoreUnavailable."""


class ReachConsole(Protocol):
    """How a session reaches its console."""

    async def connect(self, info: ConnectInfo) -> Leg:
        """The leg to the console, its RFB version first.  Raises XvpError."""


@dataclass(slots=True)
class Gateway:
    """What all sessions share.  A reload replaces the values, the next session takes them.

    Attributes:
        preamble_timeout: seconds from accept to a complete preamble.
        idle_timeout: seconds without a byte either way; 0 = never.
        tls: the context for viewers that speak TLS, or None.
        tls_required: whether viewers without TLS are refused.
        draining: whether new viewers are told that the gateway is shutting down.
        numbers: the sessions'; they begin anywhere, so that those of two workers, or of two runs, hardly meet.
    """

    reactor: IReactorTime
    dispatch: Dispatch
    timers: Timers
    sessions: Sessions
    consoleauth: CheckToken
    upstream: ReachConsole
    start_relay: StartRelay
    relay_timeouts: RelayTimeouts
    preamble_timeout: float
    idle_timeout: float = 0.0
    tls: SSLContext | None = None
    tls_required: bool = False
    draining: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(secrets.randbits(32)))
