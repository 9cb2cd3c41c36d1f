"""What every token store promises; a test case mixes this in and says how to make the store."""

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.task import deferLater

from tests.fakes_stores import INSTANCE, OTHER_INSTANCE, MovedClock, connect_info
from xvpproxy.consoleauth.contract import Absent, TokenStore
from xvpproxy.model import Token

PATH = "/console?ref=OpaqueRef:7db51fc0-d48c-45a4-8bb0-cc63ba3b567e&session_id=OpaqueRef:7c5f8fbb-b041-4d88"


class TokenStoreContract:
    """The promises.  `make_store` gives a new, empty store that goes by `self.clock`."""

    #: Bound for what has to happen by itself, in seconds.
    patience = 15.0

    def make_store(self) -> TokenStore:
        raise NotImplementedError

    def setUp(self) -> None:
        self.clock = MovedClock(reactor)
        self.store = self.make_store()
        self.addCleanup(self.store.close)

    async def keep(self, text: str, seconds: float = 60, **changes) -> Token:
        token = Token(text)
        await self.store.put(token, connect_info(token, expires_at=int(self.clock.seconds()) + seconds, **changes))
        return token

    async def pass_expiry_of(self, token: Token) -> None:
        """Let the life of `token`, which is a second or two, be over."""
        self.clock.move_by(5)

    async def test_gives_back_what_was_put(self) -> None:
        info = {
            "instance_uuid": INSTANCE,
            "console_type": "xvpvnc",
            "host": "2001:db8:10::15c1",
            "port": 443,
            "internal_access_path": PATH,
            "access_url": "https://gateway.example.org:6081/console",
        }
        token = await self.keep("given", **info)
        found = await self.store.get(token)
        self.assertEqual({name: getattr(found, name) for name in info}, info)
        self.assertEqual(found.token, token)
        self.assertTrue(self.clock.seconds() + 50 < found.expires_at < self.clock.seconds() + 65, found.expires_at)

    async def test_keeps_an_entry_without_path_and_url(self) -> None:
        found = await self.store.get(await self.keep("plain", console_type="novnc"))
        self.assertEqual(
            (found.internal_access_path, found.access_url, found.console_type, found.port), (None, None, "novnc", 5900)
        )

    async def test_does_not_know_a_token_that_was_never_put(self) -> None:
        await self.keep("known")
        self.assertIs(await self.store.get(Token("unknown")), Absent.UNKNOWN)

    async def test_tells_tokens_apart_that_look_alike(self) -> None:
        await self.keep("Token")
        for other in ("token", "Token ", " Token", "Toke", "Token\x00", ""):
            self.assertFalse(await self.store.get(Token(other)), repr(other))

    async def test_takes_any_text_as_a_token(self) -> None:
        for text in ("f\u00fcr K\u00f6ln \u263a", "x" * 300, "line\nfeed", "sp ace", "%20&token=", "\udcff"):
            self.assertTrue(await self.store.get(await self.keep(text)), repr(text))

    async def test_refuses_a_token_after_its_expiry(self) -> None:
        token = await self.keep("short", seconds=2)
        self.assertTrue(await self.store.get(token))
        await self.pass_expiry_of(token)
        self.assertFalse(await self.store.get(token))

    async def test_forgets_a_deleted_token_and_says_so_once(self) -> None:
        token, other = await self.keep("gone"), await self.keep("stays")
        self.assertIs(await self.store.delete(token), True)
        self.assertIs(await self.store.delete(token), False)
        self.assertIs(await self.store.get(token), Absent.UNKNOWN)
        self.assertTrue(await self.store.get(other))

    async def test_does_not_count_an_expired_token_as_deleted(self) -> None:
        token = await self.keep("short", seconds=2)
        await self.pass_expiry_of(token)
        self.assertIs(await self.store.delete(token), False)

    async def test_forgets_all_tokens_of_an_instance_and_no_others(self) -> None:
        tokens = {await self.keep(f"token {number}") for number in range(5)}
        other = await self.keep("other", instance_uuid=OTHER_INSTANCE)
        removed = await self.store.delete_instance(INSTANCE)
        self.assertEqual(removed, {token.sha256 for token in tokens})
        for token in tokens:
            self.assertIs(await self.store.get(token), Absent.UNKNOWN)
        self.assertTrue(await self.store.get(other))
        self.assertEqual(await self.store.delete_instance(INSTANCE), frozenset())

    async def test_keeps_tokens_minted_after_an_instance_was_revoked(self) -> None:
        await self.keep("before")
        await self.store.delete_instance(INSTANCE)
        token = await self.keep("after")
        self.assertTrue(await self.store.get(token))
        self.assertEqual(await self.store.delete_instance(INSTANCE), {token.sha256})

    async def test_loses_none_of_a_hundred_tokens_minted_at_once(self) -> None:
        tokens = [Token(f"token {number}") for number in range(100)]
        await gatherResults([Deferred.fromCoroutine(self.keep(token.reveal())) for token in tokens])
        self.assertEqual(await self.store.delete_instance(INSTANCE), {token.sha256 for token in tokens})
        survivors = [token for token in tokens if await self.store.get(token)]
        self.assertEqual(survivors, [])

    async def test_a_cancelled_call_harms_no_other(self) -> None:
        token = await self.keep("known")
        calls = [Deferred.fromCoroutine(self.store.get(token)) for _ in range(20)]
        for call in calls[::2]:
            call.addErrback(lambda failure: failure.trap(CancelledError))
            call.cancel()
        for call in calls[1::2]:
            self.assertTrue(await call)
        self.assertTrue(await self.store.get(token))

    async def test_answers_a_thousand_look_ups_at_once(self) -> None:
        known = [await self.keep(f"known {number}") for number in range(10)]
        tokens = [*known, *(Token(f"unknown {number}") for number in range(300))]
        answers = await gatherResults([Deferred.fromCoroutine(self.store.get(token)) for token in tokens * 4])
        for token, answer in zip(tokens * 4, answers, strict=True):
            self.assertEqual(answer.token if answer else None, token if token in known else None)

    async def until(self, condition) -> None:
        """Ask again and again until the coroutine function says yes."""
        deadline = reactor.seconds() + self.patience
        while not await condition():
            self.assertLess(reactor.seconds(), deadline, "it did not happen in time")
            await deferLater(reactor, 0.1)
