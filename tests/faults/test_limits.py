"""Too much at once: of sessions, of one token's sessions, of connections that show no token."""

from dataclasses import replace

from tests import viewers
from tests.bystanders import BYSTANDERS
from tests.consoles import Caller, rfb
from tests.endpoint import Endpoint, dial, eventually, pause
from tests.faults.suite import FaultCase
from tests.gateway_fixture import LIMITS

ELSEWHERE = "127.0.0.7"


async def slowly(caller: Caller) -> None:
    """A console that takes its time, so that all racers are under way at once."""
    await pause(0.3)
    await rfb(caller)


class LimitCase(FaultCase):
    async def race(self, count: int, token: str = "the-token") -> tuple[list[Endpoint], list[viewers.Answer]]:
        """Let `count` viewers come at once: those that got in, and the others' answers."""
        racers = [await viewers.knock(self.port, viewers.request(token)) for _ in range(count)]
        for racer in racers:
            await racer.until(lambda racer=racer: len(racer.received) > len(viewers.ACCEPTED))
        inside = [racer for racer in racers if racer.received.startswith(viewers.ACCEPTED)]
        for racer in inside:
            await viewers.welcomed(racer)
        return inside, [await viewers.answer(racer) for racer in racers if racer not in inside]


class PerToken(LimitCase):
    settings = {"limits": replace(LIMITS, per_token=4)}  # noqa: RUF012

    async def test_of_many_racers_on_one_token_exactly_as_many_as_may_get_in(self):
        console = self.console(slowly)
        inside, refused = await self.race(30)
        self.assertEqual((len(inside), len(refused)), (4, 26))
        for reply in refused:
            self.assertEqual((reply.status, reply.reason), (429, "Too Many Requests"))
            self.assertGreater(int(reply.headers["Retry-After"]), 0)
        self.assertEqual(len(console.callers), 4)
        await viewers.leave(inside)
        await self.settled(*[("refused", 429, "max_sessions_per_token")] * 26, *[("viewer_left", 0, "")] * 4)

    async def test_a_session_that_ends_or_never_opens_leaves_its_place_to_the_next(self):
        self.tokens.add("the-token", 1)  # nobody listens there
        for _ in range(6):
            await viewers.refused(self.port, viewers.request("the-token"))
        self.console(rfb)
        for _ in range(3):
            inside, refused = await self.race(4)
            self.assertEqual(refused, [])
            await viewers.leave(inside)
            await eventually(lambda: len(self.gateway.parts.sessions.holding) == BYSTANDERS, "the places are free")
        await self.settled(*["unreachable"] * 6, *["viewer_left"] * 12)


class PerProcess(LimitCase):
    settings = {"limits": replace(LIMITS, sessions=BYSTANDERS + 3)}  # noqa: RUF012

    async def test_of_many_racers_exactly_as_many_as_there_are_places_get_in(self):
        self.console(slowly)
        inside, refused = await self.race(12)
        self.assertEqual((len(inside), len(refused)), (3, 9))
        self.assertTrue(all(reply.status == 429 and reply.headers["Retry-After"] for reply in refused))
        await viewers.leave(inside)
        await self.settled(*[("refused", 429, "max_sessions")] * 9, *[("viewer_left", 0, "")] * 3)


class PerAddress(LimitCase):
    settings = {"limits": replace(LIMITS, pending_per_address=5)}  # noqa: RUF012

    async def test_an_address_that_shows_no_token_is_told_429_and_then_nothing(self):
        self.console(rfb)
        pending = [await dial(self.port, source=ELSEWHERE) for _ in range(5)]
        await eventually(lambda: len(self.gateway.parts.sessions.connections) == BYSTANDERS + 5, "they are in")
        reply = await viewers.refused(self.port, viewers.request("the-token"), source=ELSEWHERE)
        self.assertEqual((reply.status, reply.reason), (429, "Too Many Requests"))
        self.assertGreater(int(reply.headers["Retry-After"]), 0)
        pending += [await dial(self.port, source=ELSEWHERE) for _ in range(20)]
        await eventually(lambda: sum(each.ended for each in pending) == 15, "those above twice the limit are closed")
        others = await viewers.enter(self.port, "the-token")  # from another address
        await viewers.leave([others])
        for each in pending:
            each.close()
        await eventually(lambda: len(self.gateway.parts.sessions.connections) == BYSTANDERS, "they are gone")
        await viewers.leave([await viewers.enter(self.port, "the-token", source=ELSEWHERE)])
        await self.settled(*self._sorted_endings())

    def _sorted_endings(self) -> list[tuple[str, int, str]]:
        crowded = ("refused", 429, "max_pending_per_address")
        self.assertEqual(self.gateway.closings.count(crowded), 1)
        rest = [closing for closing in self.gateway.closings if closing != crowded]
        self.assertEqual(rest, [("viewer_left", 0, "")] * 12)
        return self.gateway.closings

    async def test_viewers_with_a_good_token_do_not_count(self):
        self.console(rfb)
        inside = [await viewers.enter(self.port, "the-token", source=ELSEWHERE) for _ in range(12)]
        await viewers.leave(inside)
        await self.settled(*["viewer_left"] * 12)
