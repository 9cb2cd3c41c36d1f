"""Token stores that are down, hang, talk nonsense or come back: 503, never 401, and it heals by itself."""

import json
from base64 import b64decode
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults

from tests import rocky, viewers
from tests.bystanders import BYSTANDERS
from tests.consoles import Caller, Console, Script, rfb, says, silent
from tests.endpoint import eventually, pause
from tests.faults.process_suite import ProcessCase
from tests.integration.peers import free_port, start_memcached

DOWN = ("refused", 503, "store_unavailable")
CORRUPT = ("refused", 503, "store_corrupt")
LEFT = ("viewer_left", 0, "")
ODD_VALUES = Path(__file__).parent.parent / "vectors" / "memcached" / "odd_values.json"


#: Records of another token, lists of an instance, and good records that have expired.
NOT_CORRUPT = {
    *("odd-payload-token-differs", "odd-pickle-payload-json-list", "odd-pickle-trailing-bytes"),
    *("odd-compressed-good", "odd-no-flags-json", "odd-text-flag-json"),
}


def answering(line: bytes, *, gap: float = 0.0) -> Script:
    """Says `line` to every request, or a byte each `gap` seconds."""

    async def script(caller: Caller) -> None:
        while True:
            await caller.read_through(b"\r\n")
            for piece in [line[at : at + 1] for at in range(len(line))] if gap else [line]:
                if caller.ended:
                    return
                caller.write(piece)
                await pause(gap)

    return script


STRANGERS = [
    (answering(b"ERROR\r\n"), "store_corrupt"),
    (answering(b"SERVER_ERROR out of memory\r\n"), "store_corrupt"),
    (answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "store_corrupt"),
    (answering(b"\r\n" * 50), "store_corrupt"),
    (answering(b"VALUE k 1 10\r\nabc"), "store_unavailable"),
    (answering(b"x" * 4000, gap=0.01), "store_unavailable"),
    (says(b"", then="end"), "store_unavailable"),
    (says(b"", then="reset"), "store_unavailable"),
    (silent, "store_unavailable"),
]


class StoreCase(ProcessCase):
    async def start_on(self, port: int, *, bystanders: int = BYSTANDERS, **options: object) -> None:
        """A gateway whose tokens are in the memcached at `port`, if there is one."""
        cache = {"enabled": True, "backend": "dogpile.cache.memcached", "memcache_servers": f"127.0.0.1:{port}"}
        await self.start({"cache": cache, "consoleauth": {"stores": "memcached", **options}}, bystanders=bystanders)

    def memcached(self, port: int | None = None):
        peer = start_memcached(port)
        self.addCleanup(peer.stop)
        return peer

    async def check_unavailable(self, token: str) -> float:
        """The seconds until a viewer was told 503."""
        began = reactor.seconds()
        reply = await viewers.refused(self.port, viewers.request(token))
        self.assertEqual((reply.status, reply.reason), (503, "Token Store Unavailable"))
        self.assertGreater(int(reply.headers["Retry-After"]), 0)
        return reactor.seconds() - began

    async def check_crowd_unavailable(self, token: str) -> None:
        replies = await gatherResults(
            [Deferred.fromCoroutine(viewers.refused(self.port, viewers.request(token))) for _ in range(50)]
        )
        self.assertEqual({reply.status for reply in replies}, {503})

    async def check_unauthorized(self, token: str) -> None:
        reply = await viewers.refused(self.port, viewers.request(token))
        self.assertEqual((reply.status, reply.reason), (401, "Not Authorized"))

    async def healed(self, token: str) -> None:
        """It is served again within 5 seconds."""
        deadline = reactor.seconds() + 5.0
        while reactor.seconds() < deadline:
            viewer = await viewers.knock(self.port, viewers.request(token))
            await viewer.until(lambda viewer=viewer: len(viewer.received) >= len(viewers.ACCEPTED))
            healed = viewer.received.startswith(viewers.ACCEPTED)
            await viewers.leave([viewer])
            if healed:
                return
            await pause(0.2)
        self.fail("it did not heal within 5 s")


class Down(StoreCase):
    async def test_a_gateway_starts_without_its_store_and_serves_once_it_is_there(self):
        port = free_port()
        began = reactor.seconds()
        await self.start_on(port, bystanders=0)
        self.assertLess(reactor.seconds() - began, 15.0)
        self.assertIn("memcached is down at start", self.gateway.output)
        for _ in range(3):
            await self.check_unavailable("any-token")
        self.memcached(port)
        await self.healed(rocky.stands(port, self.console(rfb).port))


class Failing(StoreCase):
    async def test_stopping_it_tells_new_viewers_503_and_changes_nothing_for_those_inside(self):
        memcached = self.memcached()
        await self.start_on(memcached.port)
        console = self.console(rfb)
        token = rocky.stands(memcached.port, console.port)
        inside = await viewers.enter(self.port, token)
        memcached.stop()
        await self.check_crowd_unavailable(token)
        await pause(1.5)
        inside.write(b"still here")
        self.assertEqual(await inside.read(10), b"still here")
        await self.bystanders.check()
        memcached = self.memcached(memcached.port)
        await self.healed(rocky.stands(memcached.port, console.port))
        await viewers.leave([inside])
        await eventually(lambda: self.gateway.closings.count(LEFT) == 2, "both have left")
        self.assertEqual(set(self.gateway.closings), {DOWN, LEFT})

    async def test_one_that_hangs_is_503_after_the_store_timeout_and_heals(self):
        memcached = self.memcached()
        await self.start_on(memcached.port, store_timeout=1.0)
        token = rocky.stands(memcached.port, self.console(rfb).port)
        await viewers.leave([await viewers.enter(self.port, token)])
        memcached.pause()
        seconds = await self.check_unavailable(token)
        self.assertGreater(seconds, 0.9)
        self.assertLess(seconds, 5.0)
        await self.check_crowd_unavailable(token)  # nobody waits behind them once it answers again
        await self.bystanders.check()
        memcached.resume()
        await self.healed(token)

    async def test_what_is_no_memcached_is_503(self):
        memcached = self.memcached()
        await self.start_on(memcached.port, store_timeout=1.0)
        memcached.stop()
        before = self.gateway.resources()
        endings = []
        for script, cause in STRANGERS:
            stranger = Console(script, port=memcached.port)
            await self.check_unavailable("the-token")
            endings.append(("refused", 503, cause))
            self.assertEqual(self.gateway.closings[-1], endings[-1])
            await stranger.close()
        await self.settled(before, *endings)

    async def test_values_that_cannot_be_read_are_corrupt(self):
        memcached = self.memcached()
        await self.start_on(memcached.port)
        await self.check_unauthorized("unknown")
        before = self.gateway.resources()
        odd = json.loads(ODD_VALUES.read_text())
        for value in odd["values"]:
            rocky.put(memcached.port, odd["token"], b64decode(value["value_b64"]), value["flags"])
            if value["id"] in NOT_CORRUPT:
                await self.check_unauthorized(odd["token"])
            else:
                await self.check_unavailable(odd["token"])
        corrupt = len(odd["values"]) - len(NOT_CORRUPT)
        closings = self.gateway.closings
        self.assertEqual(closings.count(CORRUPT), corrupt)
        await self.settled(before, *closings)
        self.assertNotIn(odd["token"], self.gateway.output)
