"""A gateway inside the test's own process, where its timers, threads and descriptors can be counted."""

import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet import reactor
from twisted.logger import LogEvent, globalLogPublisher

from tests.endpoint import LOOPBACK
from xvpproxy.blocking import ThreadedPool
from xvpproxy.errors import NotAuthorized
from xvpproxy.gateway.dispatch import Dispatch, open_dispatch
from xvpproxy.gateway.idleness import IdleSweep
from xvpproxy.gateway.keepalive import KeepAlive
from xvpproxy.gateway.listener import Listener, bind
from xvpproxy.gateway.pipes import Pipes
from xvpproxy.gateway.relay import RelayGround, RelayTimeouts
from xvpproxy.gateway.relays import Relays
from xvpproxy.gateway.shared import Gateway
from xvpproxy.gateway.timers import Timers
from xvpproxy.gateway.tls import Trust, xenserver_trust
from xvpproxy.gateway.upstream import Upstream
from xvpproxy.model import ConnectInfo, Outcome, Token
from xvpproxy.sessions import Limits, Sessions

INSTANCE = "16b48cc3-f907-45b6-bbcc-1b6be436d8f2"
LIMITS = Limits(sessions=1000, per_token=16, pending_per_address=64, descriptors=4000)


class Tokens:
    """A consoleauth that knows what a test tells it: under a token its answer, or who makes it."""

    def __init__(self) -> None:
        self.known: dict[str, ConnectInfo | Exception | Callable[[], Awaitable[ConnectInfo]]] = {}
        self.asked = 0

    def add(self, token: str, port: int, path: str | None = None, **changes: object) -> str:
        values = {"instance_uuid": INSTANCE, "console_type": "xvpvnc", "host": LOOPBACK, "port": port} | changes
        self.known[token] = ConnectInfo(token=Token(token), internal_access_path=path, **values)
        return token

    async def check(self, token: Token) -> ConnectInfo:
        self.asked += 1
        found = self.known.get(token.reveal())
        if found is None:
            raise NotAuthorized
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, ConnectInfo) else await found()


class LocalGateway:
    """The gateway's own parts, put together as the service does, with `tokens` in place of the stores.

    Attributes:
        port: where it listens, on loopback.
        events: what was logged since it was made.
    """

    def __init__(
        self,
        tokens: Tokens,
        *,
        limits: Limits = LIMITS,
        timeouts: RelayTimeouts = RelayTimeouts(),  # noqa: B008  (frozen)
        preamble_timeout: float = 20.0,
        idle_timeout: float = 0.0,
        connect_timeout: float = 20.0,
        handshake_timeout: float = 20.0,
        trust: Trust | None = None,
        tls_doors: frozenset[tuple[str, int]] = frozenset(),
        tls: ssl.SSLContext | None = None,
        tls_required: bool = False,
        dispatch: Callable[[Any], Dispatch] = open_dispatch,
    ) -> None:
        self.events: list[LogEvent] = []
        globalLogPublisher.addObserver(self.events.append)
        self._ground = ground = RelayGround(dispatch(reactor), Timers(reactor), Pipes())
        self._resolver = ThreadedPool("resolver", 2, reactor)
        self.parts = Gateway(
            reactor=reactor,
            dispatch=ground.dispatch,
            timers=ground.timers,
            sessions=Sessions(limits),
            consoleauth=tokens,
            upstream=Upstream(
                dispatch=ground.dispatch,
                timers=ground.timers,
                resolver=self._resolver,
                trust=trust or xenserver_trust(ca_file=None, fingerprints=None, verify=True),
                tls_doors=tls_doors,
                keepalive=KeepAlive(),
                connect_timeout=connect_timeout,
                handshake_timeout=handshake_timeout,
            ),
            start_relay=Relays(ground).start,
            relay_timeouts=timeouts,
            preamble_timeout=preamble_timeout,
            idle_timeout=idle_timeout,
            tls=tls,
            tls_required=tls_required,
        )
        (listening,) = bind(LOOPBACK, 0, option="a test")
        self.port: int = listening.getsockname()[1]
        self._listener = Listener(listening, gateway=self.parts, keepalive=KeepAlive())
        self._idleness = IdleSweep(self.parts)
        self._idleness.start()

    @property
    def closed(self) -> list[LogEvent]:
        """The line of every session that has ended, in order."""
        return [event for event in self.events if "outcome" in event]

    @property
    def closings(self) -> list[tuple[str, int, str]]:
        """Their outcomes, statuses (0 for none) and causes."""
        return [(event["outcome"], event["status"], event["cause"]) for event in self.closed]

    @property
    def failures(self) -> list[LogEvent]:
        return [event for event in self.events if event.get("log_failure") is not None]

    @property
    def timers(self) -> int:
        """Timers that run, however few of the reactor's are behind them."""
        return sum(len(queue) for queue in self._ground.timers._queues.values())

    @property
    def kept(self) -> dict[str, int]:
        """What stays however many sessions end: timers of the reactor's, and descriptors of pipes for the next bulk."""
        return {"timers": len(self._ground.timers._alarms), "descriptors": 2 * len(self._ground.pipes._idle)}

    def close(self) -> None:
        self._listener.close()
        for session in list(self.parts.sessions.connections):
            session.stop(Outcome.SHUTDOWN)
        self._idleness.close()
        self._ground.close()
        self._resolver.stop()
        globalLogPublisher.removeObserver(self.events.append)
