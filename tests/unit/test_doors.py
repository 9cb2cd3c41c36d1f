"""What every worker gets before it is one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

from tests.configs.case import ConfigTestCase
from xvpproxy.doors import Doors, count_workers, open_doors
from xvpproxy.errors import ConfigurationError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as free:
        return int(free.getsockname()[1])


class DoorsCase(ConfigTestCase):
    def open(self, workers: int, *, viewers: int, api: int = 0) -> list[Doors]:
        text = f"[vnc]\nxvpvncproxy_host = {LOOPBACK}\nxvpvncproxy_port = {viewers}\n"
        text += f"[api]\nlisten = {LOOPBACK}:{api}\n" if api else ""
        doors = open_doors(self.load(text).conf, workers)
        for each in doors:
            self.addCleanup(each.close)
        return doors


class Sharing(DoorsCase):
    def test_every_worker_has_sockets_of_its_own_at_the_same_addresses(self) -> None:
        viewers, api = free_port(), free_port()
        doors = self.open(3, viewers=viewers, api=api)
        self.assertEqual([each.number for each in doors], [0, 1, 2])
        for each in doors:
            self.assertEqual([door.getsockname()[1] for door in each.viewers], [viewers])
            self.assertEqual([door.getsockname()[1] for door in each.api], [api])

    def test_what_is_closed_leaves_its_viewers_to_the_others(self) -> None:
        port = free_port()
        first, second = self.open(2, viewers=port)
        first.close()
        for _ in range(20):
            with socket.create_connection((LOOPBACK, port), timeout=5):
                second.viewers[0].accept()[0].close()

    def test_doors_that_are_off_are_nothing(self) -> None:
        for each in self.open(2, viewers=0):
            self.assertEqual((each.viewers, each.api), ([], []))

    def test_each_sees_the_sessions_of_the_others(self) -> None:
        first, second = self.open(2, viewers=0)
        second.ledger.add(5)
        self.assertEqual((first.ledger.total(), first.ledger.workers), (1, 2))


class TakenPorts(DoorsCase):
    def taken(self, *, shared: bool) -> int:
        stranger = socket.create_server((LOOPBACK, 0), reuse_port=shared)
        self.addCleanup(stranger.close)
        return int(stranger.getsockname()[1])

    def test_is_named_even_if_whoever_has_it_would_share_it(self) -> None:
        for workers in (1, 2):
            for shared in (False, True):
                port = self.taken(shared=shared)
                with self.assertRaises(ConfigurationError) as caught:
                    self.open(workers, viewers=port)
                self.assertIn(f"{LOOPBACK}:{port}", str(caught.exception))

    def test_one_door_that_cannot_be_had_closes_the_others(self) -> None:
        port = free_port()
        self.assertRaises(ConfigurationError, self.open, 2, viewers=port, api=self.taken(shared=True))
        socket.create_server((LOOPBACK, port)).close()


class Ahead(ConfigTestCase):
    def imported(self, text: str) -> bool:
        """Whether the parent of workers imports what a database takes."""
        code = (
            "import sys; from xvpproxy import config, doors\n"
            "doors.import_ahead(config.load(sys.argv[1:]).conf); print('sqlalchemy' in sys.modules)"
        )
        command = [sys.executable, "-c", code, self.file(text)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout == "True\n"

    def test_a_database_is_imported_where_a_gateway_opens_one_at_start(self) -> None:
        cached = "[cache]\nenabled = true\nbackend = oslo_cache.memcache_pool\n"
        self.assertTrue(self.imported(""))
        self.assertFalse(self.imported(cached))
        self.assertTrue(self.imported(f"{cached}[consoleauth]\nstores = memcached, database\n"))
        self.assertFalse(self.imported("[consoleauth]\nstores = memcached\n"))
        self.assertTrue(self.imported(f"{cached}[database]\nconnection = sqlite:////nowhere.sqlite\n"))


class HowMany(SynchronousTestCase):
    def count(self, workers: int) -> int:
        return count_workers(type("Conf", (), {"workers": workers})())

    def test_is_what_the_option_says_or_one_per_core(self) -> None:
        self.assertEqual(self.count(1), 1)
        self.assertEqual(self.count(5), 5)
        self.assertEqual(self.count(0), len(os.sched_getaffinity(0)))
