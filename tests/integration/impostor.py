"""Servers that are no memcached, or a bad one, and a test case with stores that talk to them."""

import socket
import time
from collections.abc import Callable
from threading import Event, Thread

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from tests.fakes_stores import connect_info
from tests.integration import peers
from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth import records
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
            now=reactor.seconds,
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
