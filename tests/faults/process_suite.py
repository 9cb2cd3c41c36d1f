"""Faults of the gateway as a process of its own, with bystanders."""

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from tests.bystanders import BYSTANDERS, Bystanders
from tests.consoles import Console, Script, rfb
from tests.endpoint import LOOPBACK, eventually
from tests.gateway_fixture import INSTANCE
from tests.gateway_process import GatewayProcess, Options, SteppingClock
from xvpproxy import config
from xvpproxy.stores import open_consoleauth

#: Seconds within which everything that a fault took is given back.
SETTLING = 2.0


class ProcessCase(TestCase):
    """A gateway process with twenty bystanders, on the options that a test asks for."""

    timeout = 100

    async def start(
        self,
        options: Options | None = None,
        *,
        descriptors: int | None = None,
        clock: SteppingClock | None = None,
        bystanders: int = BYSTANDERS,
    ):
        """Start the gateway; its tokens are minted by `token`, into the store that it uses."""
        self.consoles: list[Console] = []
        self.gateway = GatewayProcess(self.mktemp(), options or {}, descriptors=descriptors, clock=clock)
        self.addCleanup(self.gateway.stop)
        await self.gateway.started()
        self.port = self.gateway.port
        self.consoleauth = open_consoleauth(config.load([str(self.gateway.file)]).conf, reactor)
        self.addCleanup(self.consoleauth.close)
        self.bystanders = Bystanders()
        echo = self.console(rfb)
        await self.bystanders.enter(self.port, [await self.token(echo) for _ in range(bystanders)])
        self.addCleanup(self.bystanders.stop)

    def console(self, script: Script) -> Console:
        console = Console(script)
        self.consoles.append(console)
        self.addCleanup(console.close)
        return console

    async def token(self, console: Console, path: str | None = None, ttl: int = 600) -> str:
        minted, _url = await self.consoleauth.mint(
            instance_uuid=INSTANCE, host=LOOPBACK, port=console.port, internal_access_path=path, ttl=ttl
        )
        return minted.reveal()

    async def settled(self, before: dict[str, int], *endings: tuple[str, int, str]) -> None:
        """Everything is back to `before`, the bystanders lost nothing, and exactly `endings` happened."""
        await eventually(lambda: len(self.gateway.closings) >= len(endings), f"{self.gateway.closings} are {endings}")
        await eventually(
            lambda: all(now <= before[name] for name, now in self.gateway.resources().items()),
            f"{self.gateway.resources()} comes back to {before}",
            within=SETTLING,
        )
        await self.bystanders.check()
        self.assertEqual(sorted(self.gateway.closings), sorted(endings))
