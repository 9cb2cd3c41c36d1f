"""The embedded store beside memcached: what does not open it, and what does."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from twisted.internet import reactor
from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_stores import INSTANCE, connect_info
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.dormant import DormantTable, may_hold_tokens
from xvpproxy.consoleauth.sql import Embedded
from xvpproxy.consoleauth.token_table import TokenTable
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import Token

TIMEOUT = 10.0
TOKEN = Token("token")


class DormantCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp()) / "state" / "xvpproxy.sqlite"
        self.opened = 0
        self.table = DormantTable(self.path, self.count_and_open)
        self.addCleanup(self.table.close)

    def count_and_open(self) -> TokenTable:
        self.opened += 1
        return self.open()

    def open(self) -> TokenTable:
        embedded = Embedded(self.path, made_at_start=False)
        table = TokenTable(embedded=embedded, connections=4, now=reactor.seconds, timeout=TIMEOUT)
        self.addCleanup(table.close)
        return table

    def look(self, token: Token = TOKEN) -> object:
        return self.table.look([token])[token]

    def keep(self, table: TokenTable | DormantTable, token: Token = TOKEN) -> None:
        table.put(token, connect_info(token, expires_at=int(reactor.seconds()) + 60))


class Asleep(DormantCase):
    def check_knows_nothing(self) -> None:
        self.table.probe()
        self.assertIs(self.look(), Absent.UNKNOWN)
        self.assertIs(self.table.delete(TOKEN), False)
        self.assertEqual(self.table.delete_instance(INSTANCE), frozenset())
        self.table.hang_up()
        self.assertEqual(self.opened, 0)

    def test_without_a_file_nothing_is_opened_or_made(self) -> None:
        self.check_knows_nothing()
        self.assertFalse(self.path.parent.exists())

    def test_a_file_that_another_process_is_about_to_fill_is_no_outage(self) -> None:
        self.path.parent.mkdir(parents=True)
        self.path.touch()
        self.check_knows_nothing()
        self.keep(self.table)
        self.assertTrue(self.look())


class Awake(DormantCase):
    def test_a_token_that_is_put_makes_it(self) -> None:
        self.keep(self.table)
        self.assertTrue(self.look())
        self.assertEqual(self.opened, 1)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_what_another_process_put_is_found_at_once(self) -> None:
        other = self.open()
        for act, expected in (
            (lambda: self.look().token, TOKEN),
            (lambda: self.table.delete(TOKEN), True),
            (lambda: self.table.delete_instance(INSTANCE), {TOKEN.sha256}),
        ):
            self.table = DormantTable(self.path, self.count_and_open)
            self.path.unlink(missing_ok=True)
            self.assertIs(self.look(), Absent.UNKNOWN)
            self.keep(other)
            self.assertEqual(act(), expected)
            self.table.close()
        self.assertEqual(self.opened, 3)

    def test_many_at_once_open_it_once(self) -> None:
        tokens = [Token(f"token {number}") for number in range(20)]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda token: self.keep(self.table, token), tokens))
        self.assertTrue(all(self.table.look(tokens).values()))
        self.assertEqual(self.opened, 1)

    def test_a_file_that_vanishes_is_an_outage_from_then_on(self) -> None:
        self.keep(self.table)
        self.path.unlink()
        self.assertIn("missing", str(self.assertRaises(StoreUnavailable, self.look)))

    def test_a_file_that_is_no_database_is_an_outage(self) -> None:
        self.path.parent.mkdir(parents=True)
        self.path.write_bytes(b"not a database" * 1000)
        self.assertRaises(StoreUnavailable, self.look)

    def test_a_file_that_cannot_be_looked_at_may_hold_tokens(self) -> None:
        """Root sees everything: the directory that it cannot enter has to be played."""

        def refused(path: Path) -> os.stat_result:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

        self.assertFalse(may_hold_tokens(self.path))
        self.patch(os, "stat", refused)
        self.assertTrue(may_hold_tokens(self.path))
