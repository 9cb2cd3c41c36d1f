"""Token stores for tests: one in memory that keeps the contract, and clocks that can be moved."""

from collections.abc import Callable
from dataclasses import replace

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from xvpproxy.consoleauth.contract import Absent
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

INSTANCE = "6d7c0144-2a80-4db6-971e-07e62e622122"
OTHER_INSTANCE = "16b48cc3-f907-45b6-bbcc-1b6be436d8f2"


def connect_info(token: Token, **changes) -> ConnectInfo:
    """A good entry; `expires_at` has to be given to keep it."""
    values = {"instance_uuid": INSTANCE, "console_type": "xvpvnc", "host": "192.0.2.7", "port": 5900}
    return ConnectInfo(token=token, **(values | changes))


class MemoryStore:
    """A `TokenStore` in a dictionary, which can be told to fail or to hang."""

    keeps_whole_url = True

    def __init__(self, now: Callable[[], float], name: str = "memcached") -> None:
        self.name = name
        self.asked = 0
        self.closed = False
        self.failure: StoreUnavailable | None = None
        self.hanging: list[Deferred[None]] | None = None
        self._now = now
        self._entries: dict[Token, ConnectInfo] = {}

    def probe(self) -> None:
        if self.failure:
            raise self.failure

    async def put(self, token: Token, info: ConnectInfo) -> None:
        await self._answering()
        self._entries[token] = replace(info, token=token)

    async def get(self, token: Token) -> ConnectInfo | Absent:
        self.asked += 1
        await self._answering()
        info = self._entries.get(token, Absent.UNKNOWN)
        return info if isinstance(info, Absent) or info.expires_at > self._now() else Absent.EXPIRED

    async def delete(self, token: Token) -> bool:
        live = bool(await self.get(token))
        self._entries.pop(token, None)
        return live

    async def delete_instance(self, instance_uuid: str) -> frozenset[str]:
        await self._answering()
        tokens = [token for token, info in self._entries.items() if info.instance_uuid == instance_uuid]
        return frozenset([token.sha256 for token in tokens if await self.delete(token)])

    def close(self) -> None:
        self.closed = True

    async def _answering(self) -> None:
        if self.hanging is not None:
            self.hanging.append(Deferred())
            await self.hanging[-1]
        if self.failure:
            raise self.failure


@implementer(IReactorTime)
class MovedClock:
    """The reactor's clock, moved: what times say can be chosen while timeouts stay real."""

    def __init__(self, reactor: IReactorTime) -> None:
        self._reactor = reactor
        self._moved = 0.0

    def seconds(self) -> float:
        return self._reactor.seconds() + self._moved

    def callLater(self, *args, **kwargs):
        return self._reactor.callLater(*args, **kwargs)

    def getDelayedCalls(self):
        return self._reactor.getDelayedCalls()

    def move_to(self, seconds: float) -> None:
        """Let it be `seconds` (Unix time) now."""
        self._moved = seconds - self._reactor.seconds()

    def move_by(self, seconds: float) -> None:
        self._moved += seconds
