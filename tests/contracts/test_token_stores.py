"""Every token store keeps the promises: in memory, memcached (one, three servers), SQLite, MariaDB, PostgreSQL."""

from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from tests.contracts.token_store_suite import TokenStoreContract
from tests.fakes_stores import MemoryStore
from tests.integration import databases, peers
from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth.contract import Absent, TokenStore
from xvpproxy.consoleauth.dormant import DormantTable
from xvpproxy.consoleauth.memcached import MemcachedStore
from xvpproxy.consoleauth.memcached_server import MemcachedServer
from xvpproxy.consoleauth.records import Lifetimes
from xvpproxy.consoleauth.sql import DatabaseStore, Embedded
from xvpproxy.consoleauth.token_table import TokenTable
from xvpproxy.errors import BadRequest
from xvpproxy.model import Token

TIMEOUT = 10.0  # seconds; what happens after it is tested elsewhere


class MovingMemory(TokenStoreContract, TestCase):
    """The stand-in that other tests use."""

    def make_store(self) -> TokenStore:
        return MemoryStore(self.clock.seconds)


class OneMemcached(TokenStoreContract, TestCase):
    servers = 1

    def make_store(self) -> TokenStore:
        ports = [peers.memcached(number).port for number in range(self.servers)]
        for number in range(self.servers):
            peers.empty_memcached(number)
        return MemcachedStore(
            [MemcachedServer((peers.HOST, port), timeout=TIMEOUT) for port in ports],
            [ThreadedPool("memcached", 4, reactor) for _ in ports],
            clock=self.clock,
            now=self.clock.seconds,
            timeout=TIMEOUT,
            lifetimes=Lifetimes(token_ttl=600, region_ttl=600),
        )

    async def pass_expiry_of(self, token: Token) -> None:
        """A memcached goes by a clock of its own."""

        async def gone() -> bool:
            return not await self.store.get(token)

        await self.until(gone)


class ThreeMemcached(OneMemcached):
    servers = 3


class Database(TokenStoreContract):
    """What all databases share."""

    def open(self, **table) -> TokenStore:
        return self.over(self.table(**table))

    def table(self, **table) -> TokenTable:
        return TokenTable(connections=4, now=self.clock.seconds, timeout=TIMEOUT, **table)

    def over(self, table: TokenTable | DormantTable) -> TokenStore:
        return DatabaseStore(table, ThreadedPool("database", 4, reactor), clock=self.clock, timeout=TIMEOUT)

    async def test_knows_an_expired_token_from_an_unknown_one(self) -> None:
        token = await self.keep("short", seconds=2)
        await self.pass_expiry_of(token)
        self.assertIs(await self.store.get(token), Absent.EXPIRED)

    async def test_says_how_long_a_path_may_be(self) -> None:
        self.assertTrue(await self.store.get(await self.keep("longest", internal_access_path="/" + "x" * 254)))
        with self.assertRaises(BadRequest) as caught:
            await self.keep("too long", internal_access_path="/" + "x" * 255)
        self.assertIn("internal_access_path has 256 characters", caught.exception.public)

    async def test_says_that_the_column_of_times_ends(self) -> None:
        with self.assertRaises(BadRequest) as caught:
            await self.keep("for ever", seconds=2**31)
        self.assertIn("2038", caught.exception.public)


class EmbeddedSQLite(Database, TestCase):
    def make_store(self) -> TokenStore:
        store = self.open(embedded=Embedded(Path(self.mktemp(), "state", "xvpproxy.sqlite"), made_at_start=True))
        store.probe()
        return store


class DormantSQLite(Database, TestCase):
    """Nothing is there at first."""

    def make_store(self) -> TokenStore:
        embedded = Embedded(Path(self.mktemp(), "state", "xvpproxy.sqlite"), made_at_start=False)
        store = self.over(DormantTable(embedded.path, lambda: self.table(embedded=embedded)))
        store.probe()
        return store


class MariaDB(Database, TestCase):
    def make_store(self) -> TokenStore:
        return self.open(url=databases.mariadb_with("nova34_mariadb"))


class RockyMariaDB(Database, TestCase):
    """The columns of 2018."""

    def make_store(self) -> TokenStore:
        return self.open(url=databases.mariadb_with("rocky_mariadb"))


class PostgreSQL(Database, TestCase):
    def make_store(self) -> TokenStore:
        return self.open(url=databases.postgresql_with("nova34_mariadb"))
