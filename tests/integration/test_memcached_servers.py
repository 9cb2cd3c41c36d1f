"""Several memcached servers, some of them in trouble; TLS, Unix sockets, names, lists and long times."""

import shutil
import socket
import ssl
import tempfile
from threading import Thread

from pymemcache.client.base import Client
from twisted.internet import reactor

from tests.certificates import make_certificate
from tests.fakes_stores import INSTANCE, connect_info
from tests.integration import peers
from tests.integration.impostor import SLACK, TIMEOUT, FaultCase, replies, says_nothing
from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.memcached_server import MemcachedServer
from xvpproxy.model import Token


class SeveralServers(FaultCase):
    def setUp(self) -> None:
        super().setUp()
        self.good = peers.memcached().port
        peers.empty_memcached()

    def tokens_first_asked_at(self, place: int, servers: int) -> Token:
        """A token for which python-memcached would choose the server at `place`."""
        number = 0
        while next(records.placement(records.mangled_key(f"token {number}"), servers)) != place:
            number += 1
        return Token(f"token {number}")

    async def test_a_token_is_found_although_its_usual_server_is_down(self) -> None:
        await self.keep(self.open_store(self.good), self.token)
        down = peers.free_port()
        for ports in ((self.good, down), (down, self.good), (down, self.good, down)):
            self.assertTrue(await self.open_store(*ports).get(self.token))

    async def test_a_miss_is_an_outage_while_one_server_is_down(self) -> None:
        for ports in ((self.good, peers.free_port()), (peers.free_port(), self.good)):
            failure = await self.failure(self.open_store(*ports).get(self.token))
            self.assertEqual(failure.cause, "store_unavailable")

    async def test_a_quarter_of_the_timeout_is_enough_for_the_usual_server(self) -> None:
        token = self.tokens_first_asked_at(0, 2)
        await self.keep(self.open_store(self.good), token)
        store = self.open_store(self.impostor(says_nothing).port, self.good, timeout=8.0)
        began = reactor.seconds()
        self.assertTrue(await store.get(token))
        took = reactor.seconds() - began
        self.assertTrue(1.8 < took < 2 + SLACK, took)

    async def test_a_server_that_failed_lately_is_not_waited_for(self) -> None:
        token = self.tokens_first_asked_at(0, 2)
        await self.keep(self.open_store(self.good), token)
        store = self.open_store(self.impostor(says_nothing).port, self.good, timeout=4.0)
        await self.failure(store.get(Token("unknown")))
        began = reactor.seconds()
        self.assertTrue(await store.get(token))
        self.assertLess(reactor.seconds() - began, 0.8)

    async def test_mints_on_the_next_server_that_python_memcached_would_try(self) -> None:
        token = self.tokens_first_asked_at(1, 2)
        store = self.open_store(self.good, peers.free_port())
        await self.keep(store, token)
        self.assertTrue(await self.open_store(self.good).get(token))

    async def test_a_revocation_that_does_not_reach_every_server_is_an_outage(self) -> None:
        await self.keep(self.open_store(self.good), self.token)
        store = self.open_store(self.good, peers.free_port())
        await self.failure(store.delete(self.token))
        self.assertIs(await self.open_store(self.good).get(self.token), Absent.UNKNOWN)
        await self.failure(store.delete_instance(INSTANCE))


class Connections(FaultCase):
    async def test_speaks_tls_and_checks_the_certificate(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        cert, key = make_certificate(folder)
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.load_cert_chain(cert, key)

        def serve(connection: socket.socket) -> None:
            with server.wrap_socket(connection, server_side=True) as inside:
                while inside.recv(4096):
                    inside.sendall(b"END\r\n")

        port = self.impostor(serve).port
        trusting = ssl.create_default_context(cafile=cert)
        self.assertIs(await self.open_store(port, tls=trusting).get(self.token), Absent.UNKNOWN)
        failure = await self.failure(self.open_store(port, tls=ssl.create_default_context()).get(self.token))
        self.assertEqual(failure.cause, "store_unavailable")

    async def test_speaks_over_a_unix_socket(self) -> None:
        folder = tempfile.mkdtemp()  # shorter than a path below trial's own directory
        self.addCleanup(shutil.rmtree, folder)
        path = f"{folder}/memcached"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            Thread(target=lambda: replies(b"END\r\n")(listener.accept()[0]), daemon=True).start()
            server = MemcachedServer(path, timeout=TIMEOUT)
            self.assertEqual(server.fetch([b"key"]), {})
            server.close()

    async def test_tries_every_address_of_a_name(self) -> None:
        """`localhost` may be ::1 first, where nothing listens."""
        port = peers.memcached().port
        server = MemcachedServer(("localhost", port), timeout=TIMEOUT)
        self.addCleanup(server.close)
        self.assertEqual(server.fetch([b"key"]), {})

    async def test_a_long_time_goes_out_as_a_date(self) -> None:
        peers.empty_memcached()
        store = self.open_store(peers.memcached().port, timeout=5.0)
        month = 40 * 24 * 3600
        await store.put(self.token, connect_info(self.token, expires_at=reactor.seconds() + month))
        found = await store.get(self.token)
        self.assertLess(abs(found.expires_at - reactor.seconds() - month), 60)

    async def test_a_long_list_is_rid_of_tokens_that_are_gone(self) -> None:
        peers.empty_memcached()
        port = peers.memcached().port
        store, raw = self.open_store(port, timeout=5.0), Client((peers.HOST, port), default_noreply=False)
        self.addCleanup(raw.close)
        for number in range(40):
            await self.keep(store, Token(f"{number}"))
            raw.delete(records.mangled_key(f"{number}"))
        await self.keep(store, self.token)
        listed = records.read_list(records.Raw(raw.get(records.mangled_key(INSTANCE)), records.FLAG_PICKLE))
        self.assertLess(len(listed), 20)
        self.assertIn("token", listed)
