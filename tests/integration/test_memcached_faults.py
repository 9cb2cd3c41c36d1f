"""A memcached that is down, hangs, drips, lies, or comes back: never a bad token, never a thread held for ever."""

import socket
from collections.abc import Callable

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults

from tests.fakes_stores import INSTANCE, connect_info
from tests.integration import peers
from tests.integration.impostor import SLACK, TIMEOUT, FaultCase, drips, floods, replies, says_nothing
from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.model import Token


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
        asked: list[bytes] = []
        store = self.open_store(self.impostor(self.with_old_record(b"ERROR\r\n", asked)).port)
        for _ in range(3):
            self.assertIs(await store.get(self.token), Absent.EXPIRED)
        self.assertEqual(sum(request.startswith(b"mg ") for request in asked), 1)

    async def test_a_time_that_is_left_and_none_that_anybody_can_mean(self) -> None:
        store = self.open_store(self.impostor(self.with_old_record(b"HD t100\r\n", [])).port)
        self.assertTrue(await store.get(self.token))
        store = self.open_store(self.impostor(self.with_old_record(b"HD t%b\r\n" % (b"9" * 5000), [])).port)
        self.assertEqual((await self.failure(store.get(self.token))).cause, "store_corrupt")

    def with_old_record(self, answer: bytes, asked: list[bytes]) -> Callable[[socket.socket], None]:
        """A server with a record that is expired by its own times; `answer` is for all other requests."""
        raw = records.write_record(self.token, connect_info(self.token, expires_at=None), reactor.seconds() - 10_000)
        value = b"VALUE %b %d %d\r\n%b\r\nEND\r\n" % (
            records.mangled_key("token"), raw.flags, len(raw.data), raw.data,
        )  # fmt: skip

        def serve(connection: socket.socket) -> None:
            while request := connection.recv(4096):
                asked.append(request)
                connection.sendall(value if request.startswith(b"get") else answer)

        return serve
