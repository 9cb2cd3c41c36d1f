"""Which token stores follow from a configuration, and what is said about those that do not."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.logger import LogLevel, formatEvent
from twisted.trial.unittest import TestCase

from tests.configs.case import ConfigTestCase
from tests.fakes_stores import INSTANCE
from tests.integration import databases
from xvpproxy import stores
from xvpproxy.consoleauth import token_table
from xvpproxy.consoleauth.authority import ConsoleAuth
from xvpproxy.errors import ConfigurationError, NotAuthorized, StoreUnavailable
from xvpproxy.model import Token

#: Ports on which nothing listens: a store that is down is a store all the same.
MEMCACHED = "[cache]\nenabled = true\nbackend = dogpile.cache.memcached\nmemcache_servers = 127.0.0.1:9\n"
MARIADB = "[database]\nconnection = mysql+pymysql://nova:s3cret@127.0.0.1:9/nova\n"


class StoresCase(ConfigTestCase, TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.state = self.directory / "state"
        self.events: list[dict] = []
        self.patch(stores.log, "observer", self.events.append)

    def open(self, text: str = "", *, make_embedded: bool = True) -> ConsoleAuth:
        conf = self.load(f"[DEFAULT]\nstate_path = {self.state}\n{text}").conf
        authority = stores.open_consoleauth(conf, reactor, make_embedded=make_embedded)
        self.addCleanup(authority.close)
        return authority

    def names(self, text: str) -> list[str]:
        return [store.name for store in self.open(text).stores]

    def warnings(self) -> str:
        return "\n".join(formatEvent(event) for event in self.events if event["log_level"] >= LogLevel.warn)

    def refused(self, text: str) -> str:
        return str(self.assertRaises(ConfigurationError, self.open, text))

    @property
    def embedded(self) -> Path:
        return self.state / "xvpproxy.sqlite"


class Implied(StoresCase):
    def test_nothing_set_is_the_embedded_store(self) -> None:
        self.assertEqual(self.names(""), ["database"])
        self.assertTrue(self.embedded.exists())
        self.assertEqual(self.warnings(), "")

    def test_a_cache_in_memcached_goes_before_the_database(self) -> None:
        self.assertEqual(self.names(MEMCACHED + MARIADB), ["memcached", "database"])

    def test_every_memcached_backend_will_do(self) -> None:
        for backend in stores.MEMCACHED_BACKENDS:
            text = MEMCACHED.replace("dogpile.cache.memcached", backend)
            self.assertEqual(self.names(text), ["memcached", "database"], backend)

    def test_the_old_option_is_enough(self) -> None:
        self.assertEqual(self.names("memcached_servers = 127.0.0.1:9\n"), ["memcached", "database"])

    def test_beside_memcached_the_embedded_store_is_not_made(self) -> None:
        self.assertEqual(self.names(MEMCACHED), ["memcached", "database"])
        self.assertFalse(self.state.exists())

    def test_one_that_is_left_alone_is_made(self) -> None:
        self.assertEqual(self.names(MEMCACHED.replace("memcached\n", "redis\n")), ["database"])
        self.assertTrue(self.embedded.exists())

    def test_one_that_cannot_be_looked_at_is_left_out_and_said(self) -> None:
        self.state.write_text("no directory")
        self.assertEqual(self.names(MEMCACHED), ["memcached"])
        self.assertIn("Set [DEFAULT] state_path", self.warnings())

    def test_a_cache_that_is_not_enabled_does_not_count(self) -> None:
        self.assertEqual(self.names(MEMCACHED.replace("true", "false")), ["database"])

    def test_a_backend_that_is_no_memcached_is_left_out_and_said(self) -> None:
        for backend in ("dogpile.cache.null", "oslo_cache.dict", "dogpile.cache.redis"):
            self.assertEqual(self.names(MEMCACHED.replace("dogpile.cache.memcached", backend)), ["database"])
            self.assertIn(f"[cache] backend = {backend}", self.warnings())

    def test_a_database_without_the_table_is_left_out_and_the_embedded_store_used(self) -> None:
        path = self.directory / "other.sqlite"
        sqlite3.connect(path).close()
        authority = self.open(f"[database]\nconnection = sqlite:///{path}\n")
        self.assertEqual([store.name for store in authority.stores], ["database"])
        self.assertIn("no table console_auth_tokens", self.warnings())
        self.assertIn(f"the embedded store {self.embedded}", self.warnings())
        self.assertEqual(path.stat().st_size, 0, "an operator's database was changed")

    def test_a_database_whose_driver_is_missing_is_left_out_with_its_extra(self) -> None:
        self.patch(token_table, "TokenTable", self.no_driver)
        self.assertEqual(self.names(MEMCACHED + MARIADB), ["memcached"])
        self.assertIn("pip install xvpproxy[mysql]", self.warnings())

    def no_driver(self, **_: object) -> None:
        raise ConfigurationError("[database] connection: the driver is not installed: pip install xvpproxy[mysql]")

    def test_a_database_that_is_down_counts_as_present(self) -> None:
        self.assertEqual(self.names(MARIADB), ["database"])
        self.assertIn("token store database is down at start", self.warnings())
        self.assertNotIn("s3cret", self.warnings())
        self.assertFalse(self.embedded.exists())

    def test_an_operators_table_is_used(self) -> None:
        url = databases.sqlite_with("rocky_sqlite", self.directory / "nova.sqlite")
        self.assertEqual(self.names(f"[database]\nconnection = {url}\n"), ["database"])
        self.assertFalse(self.embedded.exists())

    def test_enable_consoleauth_without_memcached_is_said(self) -> None:
        self.assertEqual(self.names("[workarounds]\nenable_consoleauth = true\n"), ["database"])
        self.assertIn("enable_consoleauth", self.warnings())
        self.events.clear()
        text = f"{MEMCACHED}{MARIADB}[workarounds]\nenable_consoleauth = true\n"
        self.assertEqual(self.names(text), ["memcached", "database"])
        self.assertNotIn("enable_consoleauth", self.warnings())


class Imports(StoresCase):
    def modules(self, text: str) -> set[str]:
        """What a process of its own has imported once it has opened its stores, as the gateway does."""
        path = self.directory / "xvpproxy.conf"
        path.write_text(f"[DEFAULT]\nstate_path = {self.state}\n{text}")
        program = (
            "import sys; from twisted.internet import reactor; from xvpproxy import config, daemon, service, stores;"
            "stores.open_consoleauth(config.load([sys.argv[1]]).conf, reactor); print(*sys.modules)"
        )
        command = [sys.executable, "-c", program, str(path)]
        return set(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.decode().split())

    def test_memcached_alone_does_without_sqlalchemy(self) -> None:
        named = f"{MEMCACHED}[consoleauth]\nstores = memcached\n"
        for text in (MEMCACHED, "memcached_servers = 127.0.0.1:9\n", named):
            modules = self.modules(text)
            self.assertIn("pymemcache", modules)
            self.assertNotIn("sqlalchemy", modules)
        self.assertFalse(self.state.exists())

    def test_a_database_has_it(self) -> None:
        self.assertIn("sqlalchemy", self.modules(""))

    def test_an_embedded_store_that_is_there_has_it_beside_memcached_too(self) -> None:
        self.open()
        self.assertIn("sqlalchemy", self.modules(MEMCACHED))

    def test_one_that_is_named_has_it_and_is_made(self) -> None:
        modules = self.modules(f"{MEMCACHED}[consoleauth]\nstores = memcached, database\n")
        self.assertIn("sqlalchemy", modules)
        self.assertTrue(self.embedded.exists())


class Named(StoresCase):
    def test_the_order_is_the_operators(self) -> None:
        text = f"{MEMCACHED}{MARIADB}[consoleauth]\nstores = database, memcached\n"
        self.assertEqual(self.names(text), ["database", "memcached"])
        self.assertEqual(self.names("[consoleauth]\nstores = database, database\n"), ["database"])

    def test_memcached_alone_needs_no_cache_to_be_enabled(self) -> None:
        text = "[consoleauth]\nstores = memcached\n[cache]\nmemcache_servers = 127.0.0.1:9\n"
        self.assertEqual(self.names(text), ["memcached"])
        self.assertFalse(self.embedded.exists())

    def test_rpc_is_not_there_yet(self) -> None:
        self.assertIn("not available in this version", self.refused("[consoleauth]\nstores = memcached, rpc\n"))

    def test_an_unknown_store_is_refused(self) -> None:
        self.assertIn("redis", "\n".join(self.problems("[consoleauth]\nstores = redis\n")))

    def test_a_store_that_can_never_work_stops_the_start(self) -> None:
        path = self.directory / "other.sqlite"
        sqlite3.connect(path).close()
        stop = "[consoleauth]\nstores = database\n[database]\nconnection = "
        self.assertIn("no table console_auth_tokens", self.refused(f"{stop}sqlite:///{path}\n"))
        self.assertIn("there is no file", self.refused(f"{stop}sqlite:///{path}x\n"))
        self.assertIn("is not a database URL", self.refused(f"{stop}s3cret\n"))
        self.assertIn(
            "backend = dogpile.cache.redis",
            self.refused("[consoleauth]\nstores = memcached\n[cache]\nbackend = dogpile.cache.redis\n"),
        )

    def test_every_problem_is_reported_at_once(self) -> None:
        text = "[consoleauth]\nstores = memcached, database\n[cache]\nmemcache_servers = h:x\n"
        problems = self.refused(f"{text}[database]\nconnection = nonsense\n")
        self.assertIn("memcache_servers", problems)
        self.assertIn("[database] connection", problems)

    def test_one_that_is_down_does_not_stop_the_start(self) -> None:
        text = f"{MEMCACHED}{MARIADB}[consoleauth]\nstores = memcached, database\n"
        self.assertEqual(self.names(text), ["memcached", "database"])

    def test_tls_files_that_cannot_be_read_are_named(self) -> None:
        text = f"{MEMCACHED}tls_enabled = true\ntls_cafile = /nonexistent.pem\n[consoleauth]\nstores = memcached\n"
        self.assertIn("tls_cafile", self.refused(text))


class Servers(StoresCase):
    def addresses(self, text: str) -> list[str]:
        store = self.open(f"{text}[consoleauth]\nstores = memcached\nstore_timeout = 0.2\n").stores[0]
        return [place.server.name for place in store._places]

    def test_takes_every_spelling_of_an_address(self) -> None:
        given = "127.0.0.1:9, inet6:[::1]:9, [::1]:10, unix:/nonexistent, /nonexistent2, localhost, inet:127.0.0.1:11"
        self.assertEqual(
            self.addresses(MEMCACHED.replace("127.0.0.1:9", given)),
            *(["127.0.0.1:9", "::1:9", "::1:10", "/nonexistent", "/nonexistent2", "localhost:11211", "127.0.0.1:11"],),
        )

    def test_refuses_what_is_no_address(self) -> None:
        for address in ("h:x", ":11211", "h:0", "h:65536", "inet6:[::1", "[]:1"):
            text = MEMCACHED.replace("127.0.0.1:9", address) + "[consoleauth]\nstores = memcached\n"
            self.assertIn(repr(address), self.refused(text))

    def test_the_cache_goes_before_the_old_option(self) -> None:
        old = "memcached_servers = 127.0.0.1:10, 127.0.0.1:11\n"
        self.assertEqual(self.addresses(old + MEMCACHED), ["127.0.0.1:9"])
        self.assertEqual(self.addresses(old), ["127.0.0.1:10", "127.0.0.1:11"])

    def test_a_backend_argument_goes_before_the_servers(self) -> None:
        text = f"{MEMCACHED}backend_argument = pool_size:5\nbackend_argument = url:127.0.0.1:12,127.0.0.1:13\n"
        self.assertEqual(self.addresses(text), ["127.0.0.1:12", "127.0.0.1:13"])


class Working(StoresCase):
    async def test_mints_and_checks_in_the_embedded_store(self) -> None:
        authority = self.open()
        token, _ = await authority.mint(instance_uuid=INSTANCE, host="192.0.2.7", port=5900)
        self.assertEqual((await authority.check(token)).port, 5900)
        with self.assertRaises(NotAuthorized):
            await self.open().check(Token("unknown"))

    async def test_looking_makes_no_embedded_store(self) -> None:
        authority = self.open(make_embedded=False)
        with self.assertRaises(StoreUnavailable):
            await authority.check(Token("unknown"))
        self.assertFalse(self.state.exists())

    async def test_the_embedded_file_named_by_hand_is_still_the_embedded_store(self) -> None:
        self.open(f"[database]\nconnection = sqlite:///{self.embedded}\n")
        self.assertTrue(self.embedded.exists())
