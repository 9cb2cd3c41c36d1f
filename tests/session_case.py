"""A session whose viewer is real and whose consoleauth and console are a test's."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs
from twisted.trial.unittest import TestCase

from tests.sockets import tcp_pair
from xvpproxy.gateway.dispatch import Dispatch, open_dispatch
from xvpproxy.gateway.pipes import Pipes
from xvpproxy.gateway.relay import Leg, RelayGround, RelayTimeouts
from xvpproxy.gateway.relays import Relays
from xvpproxy.gateway.session import Session, SessionState
from xvpproxy.gateway.shared import Gateway
from xvpproxy.gateway.timers import Timers
from xvpproxy.model import ConnectInfo, Token
from xvpproxy.sessions import Limits, Sessions

REQUEST = b"CONNECT /console?token=SECRET-1 HTTP/1.0\r\n\r\n"
PREAMBLE_SECONDS = 0.3
#: What a viewer gets that is let in: 200, and the console's version.
LET_IN = b"HTTP/1.1 200 OK\r\n\r\nRFB 003.008\n"


class Doors:
    """Consoleauth and upstream in one: each answers with what the test put there."""

    def __init__(self) -> None:
        self.checked: list[Token] = []
        self.dialled: list[ConnectInfo] = []
        self.checking: Callable[[], Coroutine[Any, Any, None]] | Exception | None = None
        self.connecting: Callable[[], Coroutine[Any, Any, None]] | Exception | None = None
        self.console_type = "xvpvnc"
        self.console: socket.socket

    async def check(self, token: Token) -> ConnectInfo:
        self.checked.append(token)
        await self._go(self.checking)
        return ConnectInfo(token, "the-instance", self.console_type, "192.0.2.1", 5900)

    async def connect(self, info: ConnectInfo) -> Leg:
        self.dialled.append(info)
        await self._go(self.connecting)
        ours, self.console = tcp_pair()
        return Leg(ours, b"RFB 003.008\n", place="192.0.2.1:5900")

    async def _go(self, what: Callable[[], Coroutine[Any, Any, None]] | Exception | None) -> None:
        if isinstance(what, Exception):
            raise what
        if what is not None:
            await what()


class SessionCase(TestCase):
    """
    Attributes:
        dispatched_by: what the sockets have their events from.
        session: the one that was accepted last.
    """

    timeout = 20
    dispatched_by: Callable[[Any], Dispatch] = staticmethod(open_dispatch)

    def setUp(self) -> None:
        ground = RelayGround(self.dispatched_by(reactor), Timers(reactor), Pipes())
        self.addCleanup(ground.close)
        self.doors = Doors()
        self.gateway = Gateway(
            reactor=reactor,
            dispatch=ground.dispatch,
            timers=ground.timers,
            sessions=Sessions(Limits(sessions=4, per_token=2, pending_per_address=3, descriptors=100)),
            consoleauth=self.doors,
            upstream=self.doors,
            start_relay=Relays(ground).start,
            relay_timeouts=RelayTimeouts(),
            preamble_timeout=PREAMBLE_SECONDS,
        )
        capture = capturedLogs()
        self.events = capture.__enter__()
        self.addCleanup(capture.__exit__, None, None, None)

    def accept(self) -> socket.socket:
        ours, viewer = tcp_pair()
        self.addCleanup(viewer.close)
        self.session = Session(ours, "127.0.0.1", self.gateway)
        return viewer

    async def settle(self) -> dict[str, Any]:
        """The one close event, once nothing of the session is left."""
        for _ in range(400):
            if not self.gateway.sessions.connections:
                break
            await deferLater(reactor, 0.01)
        self.assertEqual(self.gateway.sessions.descriptors, 0)
        self.assertEqual(self.gateway.sessions.holding, {})
        self.assertIs(self.session.state, SessionState.CLOSED)
        closed = [event for event in self.events if "outcome" in event]
        self.assertEqual(len(closed), 1, closed)
        self.assertNotIn("SECRET-1", repr(self.events))
        return closed[0]
