"""What real Novas and their libraries left in memcached, read back from real servers."""

import json
from base64 import b64decode
from pathlib import Path

from pymemcache.client.base import Client
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from tests.fakes_stores import MovedClock
from tests.integration import peers
from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.memcached import MemcachedStore
from xvpproxy.consoleauth.memcached_server import MemcachedServer
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "memcached"
SERVERS = 3
TIMEOUT = 10.0
INSTANCE_LISTS = "instance_lists"


def writers() -> list[dict]:
    """Every file that a real writer made."""
    files = [json.loads(path.read_text()) for path in sorted(VECTORS.glob("*.json"))]
    return [file for file in files if "records" in file]


def vector(name: str) -> dict:
    return json.loads((VECTORS / f"{name}.json").read_text())


class MemcachedCase(TestCase):
    """A store over three real servers, and a raw client for each."""

    def setUp(self) -> None:
        ports = [peers.memcached(number).port for number in range(SERVERS)]
        self.raw = [Client((peers.HOST, port), default_noreply=False, timeout=TIMEOUT) for port in ports]
        for number, client in enumerate(self.raw):
            peers.empty_memcached(number)
            self.addCleanup(client.close)
        self.ports = ports
        self.clock = MovedClock(reactor)
        self.store = self.open_store()

    def open_store(self, token_ttl: int = 600, region_ttl: int = 600) -> MemcachedStore:
        store = MemcachedStore(
            [MemcachedServer((peers.HOST, port), timeout=TIMEOUT) for port in self.ports],
            [ThreadedPool("memcached", 4, reactor) for _ in self.ports],
            clock=self.clock,
            now=self.clock.seconds,
            timeout=TIMEOUT,
            lifetimes=records.Lifetimes(token_ttl=token_ttl, region_ttl=region_ttl),
        )
        self.addCleanup(store.close)
        return store

    def hold(self, server: int, stored: dict) -> None:
        """Put a value on a server exactly as it was written: key, flags, bytes and expiry."""
        key, value = b64decode(stored["key_b64"]), b64decode(stored["value_b64"])
        self.assertTrue(
            self.raw[server % SERVERS].set(key, value, flags=stored["flags"], expire=stored["exptime_sent"])
        )


class Vectors(MemcachedCase):
    async def test_reads_every_record_wherever_it_landed(self) -> None:
        """Each file in turn, its servers in another order than the writer's."""
        read = 0
        for file in writers():
            store = self.open_store(token_ttl=file["writer"]["token_ttl"])
            for record in file["records"]:
                if not record["stored"]:
                    continue
                for shift, stored in enumerate(record["stored"]):
                    self.hold(read + shift, stored)
                decoded = record["decodes_to"]
                self.clock.move_to((decoded.get("metadata") or {}).get("ct") or decoded["record"]["last_activity_at"])
                self.check_reading(await store.get(Token(record["token"])), decoded["record"], record["id"])
                read += 1
        self.assertGreater(read, 300)

    def check_reading(self, found: ConnectInfo | Absent, written: dict, name: str) -> None:
        if written.get("instance_uuid") is None:
            self.assertIs(found, Absent.NO_INSTANCE, name)
            return
        self.assertIsInstance(found, ConnectInfo, name)
        for field in ("instance_uuid", "console_type", "host"):
            self.assertEqual(getattr(found, field), written[field], name)
        self.assertEqual(found.port, int(written["port"]), name)
        self.assertEqual(found.internal_access_path, written["internal_access_path"] or None, name)
        self.assertEqual(found.access_url, written.get("access_url"), name)

    async def test_an_instance_list_is_no_token(self) -> None:
        read = 0
        for file in writers():
            for listed in file[INSTANCE_LISTS]:
                for stored in listed["stored"]:
                    self.hold(read, {"exptime_sent": 0} | stored)
                self.clock.move_to(file["written_at"] + 60)
                found = await self.store.get(Token(listed["instance_uuid"]))
                self.assertIs(found, Absent.UNKNOWN)
                self.assertIs(await self.store.delete(Token(listed["instance_uuid"])), False)
                read += 1
        self.assertGreater(read, 100)

    async def test_revokes_an_instance_of_every_writer(self) -> None:
        """The list and its tokens may be on different servers, under either kind of key."""
        for file in writers():
            for number in range(SERVERS):
                peers.empty_memcached(number)
            self.clock.move_to(file["written_at"] + 30)
            for place, record in enumerate(file["records"]):
                for stored in record["stored"]:
                    self.hold(place, stored)
            for place, listed in enumerate(file[INSTANCE_LISTS]):
                for stored in listed["stored"]:
                    self.hold(place + 1, {"exptime_sent": 0} | stored)
            store = self.open_store(token_ttl=file["writer"]["token_ttl"])
            for listed in file[INSTANCE_LISTS]:
                tokens = [Token(text) for text in listed["decodes_to"]["record"]]
                removed = await store.delete_instance(listed["instance_uuid"])
                self.assertEqual(removed, {token.sha256 for token in tokens}, file["vector_file"])
                for token in tokens:
                    self.assertIs(await store.get(token), Absent.UNKNOWN)

    async def test_refuses_every_hostile_value(self) -> None:
        """Each with the answer that fits: unreadable is an outage of the store, a list or another's record is not."""
        odd = vector("odd_values")
        unknown = {"odd-pickle-payload-json-list", "odd-payload-token-differs"}
        good = {"odd-compressed-good", "odd-no-flags-json", "odd-text-flag-json", "odd-pickle-trailing-bytes"}
        self.clock.move_to(odd["record"]["last_activity_at"] + 5)
        for number, value in enumerate(odd["values"]):
            key = odd["key_text"] if number % 2 else odd["token"]
            client = self.raw[number % SERVERS]
            self.assertTrue(client.set(key, b64decode(value["value_b64"]), flags=value["flags"]))
            answer = await self.answer(Token(odd["token"]))
            if value["id"] in good:
                self.assertIsInstance(answer, ConnectInfo, value["id"])
            else:
                self.assertEqual(answer, Absent.UNKNOWN if value["id"] in unknown else "store_corrupt", value["id"])
            client.delete(key)

    async def test_a_good_copy_counts_more_than_an_unreadable_one(self) -> None:
        odd = {value["id"]: value for value in vector("odd_values")["values"]}
        file = vector("odd_values")
        self.clock.move_to(file["record"]["last_activity_at"] + 5)
        for client, name in zip(
            self.raw, ("odd-integer-flag", "odd-compressed-good", "odd-direct-deep-json"), strict=True
        ):
            client.set(file["key_text"], b64decode(odd[name]["value_b64"]), flags=odd[name]["flags"])
        self.assertIsInstance(await self.answer(Token(file["token"])), ConnectInfo)

    async def answer(self, token: Token) -> ConnectInfo | Absent | str:
        try:
            return await self.store.get(token)
        except StoreUnavailable as error:
            self.assertNotIn(token.reveal(), str(error))
            return error.cause


class Expiry(MemcachedCase):
    """Whose clock ends a token, layout by layout."""

    cached = "rocky-py27-memcached"
    direct = "direct-liberty-py27"

    def load(self, name: str, exptime: int = 0) -> tuple[Token, float]:
        """The first record of a file, held without an expiry or with one; the token and its time."""
        record = vector(name)["records"][0]
        self.hold(0, record["stored"][0] | {"exptime_sent": exptime})
        decoded = record["decodes_to"]
        return Token(record["token"]), (decoded.get("metadata") or {}).get("ct") or decoded["record"][
            "last_activity_at"
        ]

    async def test_a_cached_record_lives_for_token_ttl_from_its_creation(self) -> None:
        token, created_at = self.load(self.cached)
        for age, live in ((0, True), (599, True), (601, False), (86400, False)):
            self.clock.move_to(created_at + age)
            self.assertEqual(bool(await self.store.get(token)), live, age)
        self.assertIs(await self.store.get(token), Absent.EXPIRED)

    async def test_says_when_a_cached_record_expires(self) -> None:
        token, created_at = self.load(self.cached)
        self.clock.move_to(created_at + 10)
        self.assertEqual((await self.store.get(token)).expires_at, created_at + 600)

    async def test_memcacheds_own_expiry_goes_before_token_ttl(self) -> None:
        token, created_at = self.load(self.cached, exptime=500)
        self.clock.move_to(created_at + 3600)
        found = await self.store.get(token)
        self.assertLess(abs(found.expires_at - self.clock.seconds() - 500), 5)

    async def test_without_token_ttl_the_region_time_rules_mangled_keys(self) -> None:
        token, created_at = self.load(self.cached)
        store = self.open_store(token_ttl=0, region_ttl=100)
        for age, live in ((99, True), (101, False)):
            self.clock.move_to(created_at + age)
            self.assertEqual(bool(await store.get(token)), live, age)

    async def test_without_token_ttl_plain_keys_live_for_ever(self) -> None:
        for name in (self.direct, "mitaka_newton-style-no-mangler-py27"):
            token, created_at = self.load(name)
            self.clock.move_to(created_at + 1e7)
            found = await self.open_store(token_ttl=0, region_ttl=100).get(token)
            self.assertIsInstance(found, ConnectInfo, name)
            self.assertIsNone(found.expires_at)

    async def test_a_direct_record_lives_for_token_ttl_from_its_last_activity(self) -> None:
        token, created_at = self.load(self.direct, exptime=3600)
        for age, live in ((599, True), (601, False)):
            self.clock.move_to(created_at + age)
            self.assertEqual(bool(await self.store.get(token)), live, age)

    async def test_a_little_skew_between_clocks_is_forgiven_and_a_lot_is_not(self) -> None:
        token, created_at = self.load(self.cached)
        self.clock.move_to(created_at - 30)
        self.assertTrue(await self.store.get(token))
        self.clock.move_to(created_at - 3600)
        with self.assertRaises(StoreUnavailable) as caught:
            await self.store.get(token)
        self.assertEqual(caught.exception.cause, "store_corrupt")
        self.assertIn("clocks", caught.exception.detail)
