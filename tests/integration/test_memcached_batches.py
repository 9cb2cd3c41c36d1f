"""Many look-ups at once against real servers: few exchanges, and nobody pays for another's token."""

import pickle
import sys
import threading

from pymemcache.client.base import Client
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults

from tests import rocky
from tests.fakes_stores import connect_info
from tests.integration import peers
from tests.integration.impostor import FaultCase
from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.authority import ConsoleAuth
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

TIMEOUT = 10.0


class Batches(FaultCase):
    def setUp(self) -> None:
        super().setUp()
        server = peers.start_memcached(None, "-m", "64")  # room for the large values that a test keeps
        self.addCleanup(server.stop)
        self.port = server.port
        self.raw = Client((peers.HOST, self.port), default_noreply=False, timeout=TIMEOUT)
        self.addCleanup(self.raw.close)
        self.store = self.open_store(self.port, timeout=TIMEOUT)

    def gets(self) -> int:
        """How many requests to read something the server has seen; each batch is one."""
        return self.raw.stats()[b"cmd_get"]

    async def at_once(self, *texts: str) -> list[ConnectInfo | Absent | str]:
        async def look_up(text: str) -> ConnectInfo | Absent | str:
            try:
                return await self.store.get(Token(text))
            except StoreUnavailable as error:
                return error.cause

        return await gatherResults([Deferred.fromCoroutine(look_up(text)) for text in texts])

    async def keep_all(self, *texts: str) -> None:
        for text in texts:
            await self.keep(self.store, Token(text))

    async def test_a_thousand_look_ups_of_a_few_tokens_ask_for_each_once(self) -> None:
        texts = [f"token-{number}" for number in range(20)]
        await self.keep_all(*texts)
        before = self.gets()
        found = await self.at_once(*texts * 50)
        self.assertEqual([info.token.reveal() for info in found], texts * 50)
        self.assertEqual(self.gets() - before, 2 * 20, "two keys for each token")

    async def test_more_tokens_than_a_batch_takes_are_all_answered(self) -> None:
        texts = [f"token-{number}" for number in range(600)]
        await self.keep_all(*texts[:5], *texts[-5:])
        found = await self.at_once(*texts)
        self.assertEqual([bool(answer) for answer in found], [True] * 5 + [False] * 590 + [True] * 5)

    async def test_a_value_that_cannot_be_read_fails_its_own_token_only(self) -> None:
        await self.keep_all("good", "better")
        self.raw.set(records.mangled_key("pickled"), pickle.dumps(object()), flags=records.FLAG_PICKLE)
        self.raw.set("plain", b"{", flags=0)
        answers = await self.at_once("good", "pickled", "unknown", "plain", "better")
        self.assertEqual(answers[1:4], ["store_corrupt", Absent.UNKNOWN, "store_corrupt"])
        self.assertTrue(answers[0] and answers[4])
        self.assertTrue(await self.store.get(Token("good")), "the server is suspect")

    async def test_values_that_are_too_much_together_fail_their_own_tokens_only(self) -> None:
        big = [f"big-{number}" for number in range(8)]
        await self.keep_all("good", "better")
        for text in big:
            self.assertTrue(self.raw.set(text, b"{" + b" " * 1_000_000))
        answers = await self.at_once("good", *big, "better")
        self.assertTrue(answers[0] and answers[-1])
        self.assertEqual(answers[1:-1], ["store_corrupt"] * 8)

    async def test_what_we_mint_says_itself_until_when_it_is_good(self) -> None:
        """No exchange is spent on asking memcached."""
        token = Token("minted")
        expires_at = reactor.seconds() + 77.5
        await self.store.put(token, connect_info(token, expires_at=expires_at))
        before = self.raw.stats()[b"cmd_meta"]
        self.assertEqual((await self.store.get(token)).expires_at, expires_at)
        self.assertEqual(self.raw.stats()[b"cmd_meta"], before)


class Cost(FaultCase):
    """Counted in calls of Python functions, which no other load on the machine moves."""

    async def calls_for_each(self, count: int, work) -> float:
        calls = 0

        def note(_frame, event: str, _argument) -> None:
            nonlocal calls
            calls += event == "call"

        threading.setprofile(note)  # of threads to come: those of a new store
        sys.setprofile(note)
        try:
            await work()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
        return calls / count

    def setUp(self) -> None:
        super().setUp()
        peers.empty_memcached()
        port = peers.memcached().port
        self.tokens = [Token(rocky.stands(port, 5900)) for _ in range(50)]
        store = self.open_store(port, timeout=TIMEOUT)
        lifetimes = records.Lifetimes(600, 600)
        self.consoleauth = ConsoleAuth([store], clock=reactor, now=reactor.seconds, base_urls={}, lifetimes=lifetimes)

    async def test_fifty_look_ups_at_once_cost_little_each(self) -> None:
        async def look_up() -> None:
            await gatherResults([Deferred.fromCoroutine(self.consoleauth.check(token)) for token in self.tokens])

        self.assertLess(await self.calls_for_each(len(self.tokens), look_up), 100)

    async def test_a_check_waits_for_one_deferred_and_goes_when_that_is_cancelled(self) -> None:
        """Whoever drives the coroutine needs to know no more than that."""
        check = self.consoleauth.check(self.tokens[0])
        answered: Deferred[None] = Deferred()
        check.send(None).addCallback(lambda found: answered.callback(None) or found)
        await answered
        with self.assertRaises(StopIteration) as ended:
            check.send(None)
        self.assertEqual(ended.exception.value.port, 5900)
        check = self.consoleauth.check(self.tokens[0])
        waited = check.send(None)
        waited.cancel()
        self.assertRaises(CancelledError, check.send, None)
