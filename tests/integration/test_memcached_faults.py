"""A memcached that is down, hangs, drips, lies, or comes back: never a bad token, never a thread held for ever."""

import shutil
import socket
import ssl
import tempfile
import time
from collections.abc import Callable
from threading import Event, Thread

from pymemcache.client.base import Client
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.trial.unittest import TestCase

from tests.fakes_stores import INSTANCE, connect_info
from tests.integration import peers
from tests.sockets import make_certificate
from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.memcached import MemcachedStore
from xvpproxy.consoleauth.memcached_server import MAX_REPLY_BYTES, MemcachedServer
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import Token

TIMEOUT = 1.0  # seconds for the store
SLACK = 1.5  # seconds that a busy machine may add


class Impostor:
    """A server that is no memcached: `serve` gets each connection, in a thread."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server((peers.HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.accepted = 0
        self.ended = Event()
        self._serve = serve
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            Thread(target=self._guarded, args=(connection,), daemon=True).start()

    def _guarded(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._serve(connection)
            except OSError:
                pass  # the client hung up
            finally:
                self.ended.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def replies(text: bytes) -> Callable[[socket.socket], None]:
    """Answers every request with the same bytes."""

    def serve(connection: socket.socket) -> None:
        while connection.recv(4096):
            connection.sendall(text)

    return serve


def says_nothing(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def drips(connection: socket.socket) -> None:
    """A correct answer, never late by any receive's measure, and never complete."""
    connection.recv(4096)
    connection.sendall(b"VALUE " + records.mangled_key("token") + b" 0 100000\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def floods(connection: socket.socket) -> None:
    connection.recv(4096)
    sent = 0
    while sent < 16 * MAX_REPLY_BYTES:
        sent += connection.send(b"V" * 65536)


class FaultCase(TestCase):
    def setUp(self) -> None:
        self.token = Token("token")

    def open_store(self, *ports: int, timeout: float = TIMEOUT, **server) -> MemcachedStore:
        store = MemcachedStore(
            [MemcachedServer((peers.HOST, port), timeout=timeout, **server) for port in ports],
            [ThreadedPool("memcached", 4, reactor) for _ in ports],
            clock=reactor,
            timeout=timeout,
            lifetimes=records.Lifetimes(token_ttl=600, region_ttl=600),
        )
        self.addCleanup(store.close)
        return store

    def impostor(self, serve: Callable[[socket.socket], None]) -> Impostor:
        server = Impostor(serve)
        self.addCleanup(server.close)
        return server

    async def keep(self, store: MemcachedStore, token: Token) -> None:
        await store.put(token, connect_info(token, expires_at=reactor.seconds() + 60))

    async def failure(self, call) -> StoreUnavailable:
        with self.assertRaises(StoreUnavailable) as caught:
            await call
        return caught.exception


class OneServer(FaultCase):
    async def test_a_server_that_is_down_is_an_outage_at_once(self) -> None:
        store = self.open_store(peers.free_port())
        began = reactor.seconds()
        failures = [await self.failure(store.get(self.token)) for _ in range(50)]
        self.assertLess(reactor.seconds() - began, TIMEOUT + SLACK)
        self.assertEqual({failure.cause for failure in failures}, {"store_unavailable"})

    async def test_a_server_that_hangs_is_an_outage_after_the_store_timeout(self) -> None:
        store = self.open_store(self.impostor(says_nothing).port)
        began = reactor.seconds()
        failure = await self.failure(store.get(self.token))
        took = reactor.seconds() - began
        self.assertEqual(failure.cause, "store_unavailable")
        self.assertTrue(TIMEOUT * 0.9 < took < TIMEOUT + SLACK, took)

    async def test_many_calls_to_a_server_that_hangs_all_end_in_time(self) -> None:
        store = self.open_store(self.impostor(says_nothing).port)
        began = reactor.seconds()
        calls = [Deferred.fromCoroutine(self.failure(store.get(self.token))) for _ in range(200)]
        await gatherResults(calls)
        self.assertLess(reactor.seconds() - began, TIMEOUT + SLACK)

    async def test_a_server_that_drips_holds_no_thread(self) -> None:
        server = self.impostor(drips)
        store = self.open_store(server.port)
        began = reactor.seconds()
        await self.failure(store.get(self.token))
        self.assertLess(reactor.seconds() - began, TIMEOUT + SLACK)
        self.assertTrue(server.ended.wait(TIMEOUT + SLACK), "the connection is still held")

    async def test_a_server_that_floods_is_cut_off(self) -> None:
        server = self.impostor(floods)
        failure = await self.failure(self.open_store(server.port, timeout=10.0).get(self.token))
        self.assertEqual(failure.cause, "store_corrupt")
        self.assertTrue(server.ended.wait(SLACK), "the connection is still held")

    async def test_an_answer_that_is_none_of_memcacheds_is_corrupt(self) -> None:
        key = records.mangled_key("token")
        for text in (
            b"SERVER_ERROR out of memory\r\n",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"\x00\x01\x02\r\n",
            b"VALUE\r\n",
            b"VALUE other 0 1\r\nx\r\nEND\r\n",
            b"VALUE " + key + b" x y\r\n",
            b"VALUE " + key + b" 0 -5\r\nx\r\nEND\r\n",
            b"VALUE " + key + b" 0 2\r\n{}\r\nEND\r\n",
            b"VALUE " + key + b' 0 9\r\n{"token":\r\nEND\r\n',
        ):
            failure = await self.failure(self.open_store(self.impostor(replies(text)).port).get(self.token))
            self.assertEqual(failure.cause, "store_corrupt", text)

    async def test_an_idle_connection_that_was_cut_is_no_failure(self) -> None:
        server = peers.start_memcached()
        store = self.open_store(server.port)
        await gatherResults([Deferred.fromCoroutine(self.keep(store, Token(f"{number}"))) for number in range(20)])
        server.stop()
        again = peers.start_memcached(server.port)
        self.addCleanup(again.stop)
        self.assertIs(await store.get(self.token), Absent.UNKNOWN)
        await self.keep(store, self.token)
        self.assertTrue(await store.get(self.token))

    async def test_a_server_that_comes_back_is_used_at_once(self) -> None:
        server = peers.start_memcached()
        store = self.open_store(server.port)
        await self.keep(store, self.token)
        server.stop()
        await self.failure(store.get(self.token))
        again = peers.start_memcached(server.port)
        self.addCleanup(again.stop)
        self.assertIs(await store.get(self.token), Absent.UNKNOWN)

    async def test_a_server_that_stopped_answering_heals_when_it_goes_on(self) -> None:
        server = peers.start_memcached()
        self.addCleanup(server.stop)
        store = self.open_store(server.port)
        await self.keep(store, self.token)
        server.pause()
        await gatherResults([Deferred.fromCoroutine(self.failure(store.get(self.token))) for _ in range(50)])
        server.resume()
        self.assertTrue(await store.get(self.token))

    async def test_a_cancelled_call_stops_waiting(self) -> None:
        store = self.open_store(self.impostor(says_nothing).port)
        for call in (store.get(self.token), self.keep(store, self.token), store.delete_instance(INSTANCE)):
            waiting = Deferred.fromCoroutine(call)
            waiting.cancel()
            self.failureResultOf(waiting, CancelledError)

    async def test_an_old_memcached_that_knows_no_meta_commands_will_do(self) -> None:
        raw = records.write_record(self.token, connect_info(self.token), reactor.seconds())
        key = records.mangled_key("token")

        def serve(connection: socket.socket) -> None:
            while request := connection.recv(4096):
                value = b"VALUE %b %d %d\r\n%b\r\nEND\r\n" % (key, raw.flags, len(raw.data), raw.data)
                connection.sendall(value if request.startswith(b"get") else b"ERROR\r\n")

        store = self.open_store(self.impostor(serve).port)
        for _ in range(3):
            self.assertTrue(await store.get(self.token))


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
