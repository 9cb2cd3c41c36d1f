"""A gateway whose drivers look at the simulated pool, and at consoles at fixed addresses beside it."""

from twisted.internet import reactor

from tests import viewers
from tests.consoles import Console, rfb
from tests.endpoint import LOOPBACK, Endpoint, eventually
from tests.gateway_fixture import LocalGateway, Tokens
from tests.xenpool.bench import PoolCase
from xvpproxy.drivers.registry import Drivers
from xvpproxy.drivers.static import StaticConsole, StaticDriver
from xvpproxy.gateway.identity import VerifiedUpstream

PRINTER = "6d7c0144-2a80-4db6-971e-07e62e622122"


class GatewayCase(PoolCase):
    """Tokens are minted as the API would: from where the driver locates the console now.

    Attributes:
        patience: `[gateway] connect_timeout`.
        api_timeout: `[xenserver] login_timeout`.
    """

    patience = 10.0
    api_timeout = 10.0

    async def setUp(self):
        await super().setUp()
        self.printer = Console(rfb)
        self.addCleanup(self.printer.close)
        self.xen = self.driver(timeout=self.api_timeout)
        self.static = StaticDriver([StaticConsole(PRINTER, "printer", LOOPBACK, self.printer.port)])
        self.drivers = Drivers([self.xen, self.static])
        self.tokens = Tokens()
        self.gateway = LocalGateway(self.tokens, trust=self.trust(), connect_timeout=self.patience)
        self.addCleanup(self._close_gateway)
        self.verify(patience=self.patience)

    def verify(self, **how):
        """Put the check of `VerifiedUpstream` before the gateway's own upstream."""
        settings = {"clock": reactor, "patience": self.patience, "verify": True} | how
        self.unverified = self.gateway.parts.upstream
        self.gateway.parts.upstream = VerifiedUpstream(self.unverified, self.drivers, **settings)

    async def _close_gateway(self):
        self.gateway.close()
        await eventually(lambda: not self.gateway.parts.sessions.connections, "the sessions end")

    async def mint(self, token, uuid):
        """A token for the console of `uuid` where it is now."""
        console = await self.drivers.locate(await self.drivers.find(uuid))
        path = console.internal_access_path
        return self.tokens.add(token, console.port, path, host=console.host, instance_uuid=uuid)

    async def enter(self, token) -> Endpoint:
        """Open a session that echoes."""
        viewer = await self.welcome(token)
        viewer.write(b"hello")
        self.assertEqual(await viewer.read(5), b"hello")
        return viewer

    async def welcome(self, token) -> Endpoint:
        """Open a session; the console's version has been read."""
        return await viewers.enter(self.gateway.port, token)

    async def refused(self, token):
        """The answer that refuses, and the seconds it took."""
        before = reactor.seconds()
        answer = await viewers.refused(self.gateway.port, viewers.request(token))
        return answer, reactor.seconds() - before

    async def leave(self, viewer):
        viewer.close()
        await eventually(lambda: viewer.gone, "the viewer has left")

    def served(self):
        """Per host, the CONNECTs that came."""
        return [len(door.heads) for door in self.doors]
