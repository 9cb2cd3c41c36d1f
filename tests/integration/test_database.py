"""Rows that real Novas wrote, read from the databases that they use; and databases that fail."""

import json
import sqlite3
from pathlib import Path

import psycopg
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from tests.fakes_stores import INSTANCE, MovedClock, connect_info
from tests.integration import databases, peers
from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.sql import DatabaseStore, Embedded
from xvpproxy.consoleauth.token_table import TokenTable
from xvpproxy.errors import ConfigurationError, StoreUnavailable
from xvpproxy.model import Token

TIMEOUT = 10.0
SLACK = 1.5


class DatabaseCase(TestCase):
    def setUp(self) -> None:
        self.clock = MovedClock(reactor)

    def open_store(self, timeout: float = TIMEOUT, **table) -> DatabaseStore:
        opened = TokenTable(connections=4, now=self.clock.seconds, timeout=timeout, **table)
        store = DatabaseStore(opened, ThreadedPool("database", 4, reactor), clock=self.clock, timeout=timeout)
        self.addCleanup(store.close)
        return store

    async def keep(self, store: DatabaseStore, text: str) -> Token:
        token = Token(text)
        await store.put(token, connect_info(token, expires_at=self.clock.seconds() + 60))
        return token

    async def failure(self, call) -> StoreUnavailable:
        with self.assertRaises(StoreUnavailable) as caught:
            await call
        self.assertNotIn(peers.PASSWORD, str(caught.exception))
        return caught.exception

    def new_path(self) -> Path:
        return Path(self.mktemp())


class Dumps(DatabaseCase):
    """Every row of the recorded dumps, through each kind of server."""

    async def check(self, name: str, url: str) -> None:
        store = self.open_store(url=url)
        store.probe()
        before = self.count(store)
        written = json.loads((databases.VECTORS / f"{name}.json").read_text())["records"]
        rows = [record for record in written if record.get("row")]
        self.assertGreater(len(rows), 10)
        for record in rows:
            row, token = record["row"], Token(record["token"])
            self.clock.move_to(row["expires"] - 0.5)
            found = await store.get(token)
            for field in ("instance_uuid", "console_type", "host", "port", "internal_access_path"):
                self.assertEqual(getattr(found, field), row[field], record["token"])
            self.assertEqual(found.access_url, row.get("access_url_base"))
            self.assertEqual(found.expires_at, row["expires"])
            self.clock.move_to(row["expires"])
            self.assertIs(await store.get(token), Absent.EXPIRED)
            self.assertIs(await store.get(Token(record["token"].upper())), Absent.UNKNOWN)
        self.clock.move_to(rows[0]["row"]["expires"] + 1e6)
        await self.keep(store, "minted")
        self.assertEqual(self.count(store), before + 1, "an operator's expired rows are not ours to remove")

    def count(self, store: DatabaseStore) -> int:
        with store._table._engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM console_auth_tokens").scalar()

    async def test_rocky_in_sqlite(self) -> None:
        await self.check("rocky_sqlite", databases.sqlite_with("rocky_sqlite", self.new_path()))

    async def test_nova34_in_sqlite(self) -> None:
        await self.check("nova34_sqlite", databases.sqlite_with("nova34_sqlite", self.new_path()))

    async def test_rocky_in_mariadb(self) -> None:
        await self.check("rocky_mariadb", databases.mariadb_with("rocky_mariadb"))

    async def test_nova34_in_mariadb(self) -> None:
        await self.check("nova34_mariadb", databases.mariadb_with("nova34_mariadb"))

    async def test_rocky_in_postgresql(self) -> None:
        await self.check("rocky_mariadb", databases.postgresql_with("rocky_mariadb"))

    async def test_nova34_in_postgresql(self) -> None:
        await self.check("nova34_mariadb", databases.postgresql_with("nova34_mariadb"))

    async def test_takes_urls_as_operators_write_them(self) -> None:
        for driver in ("mysql", "mysql+pymysql", "mysql+mysqldb", "mariadb"):
            self.open_store(url=databases.mariadb_with("nova34_mariadb", driver)).probe()
        url = databases.postgresql_with("nova34_mariadb")
        for driver in ("postgresql", "postgresql+psycopg2", "postgres"):
            self.open_store(url=url.replace("postgresql+psycopg", driver)).probe()


class Faults(DatabaseCase):
    async def test_a_server_that_is_down_is_an_outage(self) -> None:
        for driver in ("mysql+pymysql", "postgresql+psycopg"):
            url = f"{driver}://nova:{peers.PASSWORD}@{peers.HOST}:{peers.free_port()}/nova"
            store = self.open_store(url=url)
            self.assertRaises(StoreUnavailable, store.probe)
            failure = await self.failure(store.get(Token("token")))
            self.assertIn("refused", str(failure))

    async def test_a_wrong_password_is_an_outage_that_does_not_show_it(self) -> None:
        for url in (peers.mariadb_url("faults"), peers.postgresql_url("faults")):
            failure = await self.failure(self.open_store(url=url.replace(peers.PASSWORD, "wr0ng-pass")).get(Token("x")))
            self.assertNotIn("wr0ng-pass", str(failure))
            self.assertIn("nova", str(failure))

    async def test_a_database_without_the_table_can_never_work(self) -> None:
        for url in (peers.mariadb_url("faults"), peers.postgresql_url("faults")):
            error = self.assertRaises(ConfigurationError, self.open_store(url=url).probe)
            self.assertIn("no table console_auth_tokens", str(error))
            self.assertNotIn(peers.PASSWORD, str(error))

    async def test_a_connection_that_was_cut_is_no_failure(self) -> None:
        """As a restart or a middlebox does it, to every connection of the pool."""
        for url, cut in (
            (databases.mariadb_with("nova34_mariadb"), self.cut_mariadb),
            (databases.postgresql_with("nova34_mariadb"), self.cut_postgresql),
        ):
            store = self.open_store(url=url)
            token = await self.keep(store, "token")
            await gatherResults([Deferred.fromCoroutine(store.get(token)) for _ in range(20)])
            cut()
            self.assertTrue(await store.get(token))

    def cut_mariadb(self) -> None:
        others = "FROM information_schema.processlist WHERE id <> connection_id() AND user = 'nova'"
        peers.mariadb_run(peers.mariadb_run(f"SELECT CONCAT('KILL ', id, ';') {others}"))

    def cut_postgresql(self) -> None:
        peers.postgresql_run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )

    async def test_a_server_that_hangs_is_an_outage_in_time_and_heals(self) -> None:
        for peer, url in (
            (peers.mariadb(), databases.mariadb_with("nova34_mariadb")),
            (peers.postgresql(), databases.postgresql_with("nova34_mariadb")),
        ):
            store = self.open_store(url=url, timeout=1.0)
            token = await self.keep(store, "token")
            peer.pause()
            self.addCleanup(peer.resume)
            began = reactor.seconds()
            calls = [Deferred.fromCoroutine(self.failure(store.get(token))) for _ in range(20)]
            await gatherResults(calls)
            self.assertLess(reactor.seconds() - began, 1 + SLACK)
            await self.failure(store.get(token))
            await self.until_threads_are_free(store)
            peer.resume()
            self.assertTrue(await self.until_healed(store, token))

    async def until_threads_are_free(self, store: DatabaseStore) -> None:
        """Although the server still hangs."""
        deadline = reactor.seconds() + 5 + SLACK
        while store._table._busy:
            self.assertLess(reactor.seconds(), deadline, "threads still wait for an answer")
            await deferLater(reactor, 0.1)

    async def until_healed(self, store: DatabaseStore, token: Token) -> bool:
        """Within the 5 seconds that a store may take to heal; the first calls find what hung before them."""
        deadline = reactor.seconds() + 5 + SLACK
        while reactor.seconds() < deadline:
            try:
                return bool(await store.get(token))
            except StoreUnavailable:
                await deferLater(reactor, 0.1)
        return False

    async def test_a_statement_that_takes_too_long_is_given_up_by_the_server_too(self) -> None:
        url = databases.postgresql_with("nova34_mariadb")
        store = self.open_store(url=url, timeout=1.0)
        token = await self.keep(store, "token")
        with psycopg.connect(url.replace("+psycopg", "")) as holder:
            holder.execute("LOCK TABLE console_auth_tokens IN ACCESS EXCLUSIVE MODE")
            await self.failure(store.get(token))
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            deadline = reactor.seconds() + TIMEOUT
            while holder.execute(waiting).fetchone()[0]:
                self.assertLess(reactor.seconds(), deadline, "the statement still waits")
                await deferLater(reactor, 0.1)
        self.assertTrue(await store.get(token))

    async def test_a_locked_row_delays_no_look_up(self) -> None:
        """Nova's own transactions on the table are nothing that a reader waits for."""
        store = self.open_store(url=databases.mariadb_with("nova34_mariadb"))
        token = await self.keep(store, "token")
        engine = store._table._engine
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT * FROM console_auth_tokens FOR UPDATE").all()
            self.assertTrue(await store.get(token))


class EmbeddedStore(DatabaseCase):
    def open_embedded(self, *, made_at_start: bool = True, timeout: float = TIMEOUT) -> DatabaseStore:
        self.path = self.new_path() / "state" / "xvpproxy.sqlite"
        store = self.open_store(embedded=Embedded(self.path, made_at_start=made_at_start), timeout=timeout)
        store.probe()
        return store

    async def test_is_for_its_owner_only(self) -> None:
        self.open_embedded()
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.path.parent.stat().st_mode & 0o777, 0o700)

    async def test_is_made_by_minting_and_never_by_looking(self) -> None:
        store = self.open_embedded(made_at_start=False)
        self.assertIn("missing", str(await self.failure(store.get(Token("token")))))
        self.assertIn("missing", str(await self.failure(store.delete(Token("token")))))
        self.assertIn("missing", str(await self.failure(store.delete_instance(INSTANCE))))
        self.assertFalse(self.path.exists())
        self.assertTrue(await store.get(await self.keep(store, "token")))
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    async def test_one_that_vanished_is_an_outage_until_the_next_mint(self) -> None:
        store = self.open_embedded()
        token = await self.keep(store, "token")
        self.path.unlink()
        self.assertIn("missing", str(await self.failure(store.get(token))))
        await self.keep(store, "other")
        self.assertIs(await store.get(token), Absent.UNKNOWN)

    async def test_one_that_is_no_database_any_more_is_an_outage(self) -> None:
        store = self.open_embedded()
        token = await self.keep(store, "token")
        self.path.write_bytes(b"not a database" * 1000)
        await self.failure(store.get(token))
        self.path.write_bytes(b"")
        await self.failure(store.get(token))

    async def test_a_row_that_cannot_be_read_fails_its_own_token_only(self) -> None:
        store = self.open_embedded()
        tokens = [await self.keep(store, text) for text in ("good", "bad", "better")]
        with sqlite3.connect(self.path) as database:
            row = (tokens[1].sha256,)
            database.execute("UPDATE console_auth_tokens SET expires = 'never' WHERE token_hash = ?", row)
        good, bad, better = [Deferred.fromCoroutine(store.get(token)) for token in tokens]
        self.assertEqual((await self.failure(bad)).cause, "store_corrupt")
        self.assertTrue(await good and await better)

    async def test_a_lock_of_somebody_elses_is_an_outage_in_time(self) -> None:
        store = self.open_embedded(timeout=1.0)
        token = await self.keep(store, "token")
        holder = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN EXCLUSIVE")
        began = reactor.seconds()
        await gatherResults([Deferred.fromCoroutine(self.failure(store.get(token))) for _ in range(20)])
        self.assertLess(reactor.seconds() - began, 1 + SLACK)
        holder.execute("ROLLBACK")
        self.assertTrue(await store.get(token))

    async def test_expired_rows_are_swept_by_minting_and_at_start(self) -> None:
        store = self.open_embedded()
        await self.keep(store, "old")
        self.clock.move_by(61)
        await self.keep(store, "new")
        self.assertEqual(self.count(), 1)
        self.clock.move_by(61)
        store.probe()
        self.assertEqual(self.count(), 0)

    def count(self) -> int:
        with sqlite3.connect(self.path) as connection:
            return connection.execute("SELECT count(*) FROM console_auth_tokens").fetchone()[0]

    async def test_has_the_newest_novas_columns(self) -> None:
        """In their order too, as far as SQLite tells."""
        self.open_embedded()
        nova = self.new_path()
        databases.sqlite_with("nova34_sqlite", nova)
        self.assertEqual(self.columns(self.path), self.columns(nova))

    def columns(self, path: Path) -> list:
        with sqlite3.connect(path) as connection:
            rows = connection.execute("PRAGMA table_info(console_auth_tokens)").fetchall()
        return [(name, kind, required, key) for _, name, kind, required, _, key in rows]

    async def test_a_directory_that_cannot_be_made_is_named_with_the_option(self) -> None:
        (self.new_path()).write_text("")
        blocked = self.new_path()
        blocked.write_text("")
        store = self.open_store(embedded=Embedded(blocked / "xvpproxy.sqlite", made_at_start=True))
        error = self.assertRaises(ConfigurationError, store.probe)
        self.assertIn("state_path", str(error))
