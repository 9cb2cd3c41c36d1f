"""What holds whatever is done to the gateway.

Every test here breaks something while twenty other sessions talk.  Afterwards
the gateway has logged no failure and exactly the expected endings, it holds no
descriptor, timer, thread or console connection more than before, and the
others have every byte.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from tests.bystanders import BYSTANDERS, Bystanders
from tests.consoles import Console, Script, rfb
from tests.endpoint import eventually, pause
from tests.gateway_fixture import LocalGateway, Tokens
from xvpproxy.gateway.session import Session
from xvpproxy.model import Token

#: Seconds within which everything that a fault took is given back.
SETTLING = 2.0


class Resources:
    """Descriptors, timers and threads of this process, without those that a gateway keeps for the next session."""

    def __init__(self, gateway: LocalGateway, console: Console) -> None:
        self._gateway = gateway
        self._console = console

    def count(self) -> dict[str, int]:
        kept = self._gateway.kept
        return {
            "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()) - kept["descriptors"],
            "timers": len(reactor.getDelayedCalls()) - kept["timers"] + self._gateway.timers,
            "threads": threading.active_count(),
            "bystanders' consoles": self._console.connected,
        }


class FaultCase(TestCase):
    """A gateway with twenty bystanders.

    Attributes:
        settings: what a class wants of its `LocalGateway`.
        timeouts: what it is told once the bystanders are in, who must not suffer from a busy machine: seconds
            for `preamble`, `connect` or `handshake`.
    """

    timeout = 100
    settings: dict = {}  # noqa: RUF012
    timeouts: dict[str, float] = {}  # noqa: RUF012

    async def setUp(self) -> None:
        self.tokens = Tokens()
        self.consoles: list[Console] = []
        self._echo = Console(rfb)
        self.gateway = LocalGateway(self.tokens, **self.settings)
        self.port = self.gateway.port
        self.bystanders = Bystanders()
        names = [self.tokens.add(f"bystander-{number}", self._echo.port) for number in range(BYSTANDERS)]
        await self.bystanders.enter(self.port, names)
        await eventually(lambda: self._echo.connected == BYSTANDERS, "the bystanders are in")
        parts, seconds = self.gateway.parts, self.timeouts
        parts.preamble_timeout = seconds.get("preamble", parts.preamble_timeout)
        parts.upstream._connect_timeout = seconds.get("connect", parts.upstream._connect_timeout)
        parts.upstream._handshake_timeout = seconds.get("handshake", parts.upstream._handshake_timeout)
        await self.take_stock()

    def console(self, script: Script, token: str = "the-token", path: str | None = None, **how: object) -> Console:
        """A console that plays `script`, and `token` leads to it."""
        console = Console(script, **how)
        self.consoles.append(console)
        self.tokens.add(token, console.port, path)
        return console

    async def take_stock(self) -> None:
        """What is held now is where everything has to come back to."""
        await pause(0)  # trial starts the timer of a test behind its first step
        self._resources = Resources(self.gateway, self._echo)
        self._before = self._resources.count()

    def session(self, token: str = "the-token") -> Session | None:
        """The live session that `token` has a slot for."""
        return {key: session for session, key in self.gateway.parts.sessions.holding.items()}.get(hash(Token(token)))

    async def held_back(self, direction: str) -> None:
        """Wait until a session's bytes `from_viewer` or `from_console` have come to a stop."""
        await eventually(lambda: self.session() is not None and self.session()._relay is not None, "it relays")
        relay, seen = self.session()._relay, -1
        while getattr(relay, direction) > seen:
            seen = getattr(relay, direction)
            await pause(0.3)

    async def settled(self, *endings: tuple[str, int, str] | str) -> None:
        """Hold the gateway to what it promises: `endings` are outcomes, or (outcome, status, cause), in any order."""
        for console in self.consoles:
            await eventually(lambda console=console: not console.connected, "the console's connections end")
            await console.close()
        self.consoles.clear()
        await eventually(lambda: len(self.gateway.closings) >= len(endings), f"{self.gateway.closings} are {endings}")
        await self._given_back()
        await self.bystanders.check()
        self.assertEqual(_sorted(self.gateway.closings, like=endings), _sorted(endings, like=endings))
        self.assertEqual(self.gateway.failures, [])

    async def _given_back(self) -> None:
        try:
            await eventually(
                lambda: all(now <= self._before[name] for name, now in self._resources.count().items()),
                "everything is given back",
                within=SETTLING,
            )
        except AssertionError:
            held = {name: (self._before[name], now) for name, now in self._resources.count().items()}
            raise AssertionError(f"before and now: {held}, {reactor.getDelayedCalls()}") from None

    async def tearDown(self) -> None:
        self.bystanders.stop()
        for console in self.consoles:
            await console.close()
        already = len(self.gateway.closings)
        await self.bystanders.leave()
        await eventually(lambda: not self.gateway.parts.sessions.connections, "the bystanders' sessions end")
        self.gateway.close()
        await self._echo.close()
        self.assertEqual(self.gateway.closings[already:], [("viewer_left", 0, "")] * BYSTANDERS)


def _sorted(closings: Sequence, *, like: Sequence) -> list:
    """Comparable: whole, or the outcomes alone where the expected ones are such."""
    if like and isinstance(like[0], str):
        closings = [closing if isinstance(closing, str) else closing[0] for closing in closings]
    return sorted(closings)
