"""Thousands of viewers that break their TLS handshake, beside sessions inside TLS whose every byte is checked."""

import contextlib
import os
import random
import socket
import ssl
from collections.abc import Callable

from twisted.internet.defer import Deferred, ensureDeferred

from tests import viewers
from tests.certificates import Certificate
from tests.consoles import rfb
from tests.endpoint import LOOPBACK, Endpoint, eventually
from tests.faults.suite import FaultCase
from tests.sockets import in_thread, reset
from xvpproxy.gateway.tls import viewer_context

BREAKERS = 2100
TALKERS = 8


class BrokenHandshakes(FaultCase):
    async def setUp(self) -> None:
        await super().setUp()
        self.gateway.parts.tls = viewer_context(
            cert=Certificate(self.mktemp()).path, key=None, ciphers=None, minimum_version="default", required=False
        )
        await in_thread(int)  # the thread that they will need
        await self.take_stock()

    async def test_no_session_notices_them(self):
        self.console(rfb)
        talkers = [await viewers.enter(self.port, "the-token", tls=True) for _ in range(TALKERS)]
        breaking: Deferred = in_thread(break_handshakes, self.port, random.Random(16))
        talks = [ensureDeferred(self.talk(each, until=lambda: breaking.called)) for each in talkers]
        rounds = [await talk for talk in talks]
        await breaking
        self.assertGreater(min(rounds), 3, "the sessions have hardly talked while handshakes broke")
        await eventually(lambda: len(self.gateway.closings) == BREAKERS, "the broken ones end")
        self.assertLessEqual({outcome for outcome, _, _ in self.gateway.closings}, {"refused", "viewer_left"})
        causes = {cause for outcome, _, cause in self.gateway.closings if outcome == "refused"}
        self.assertEqual(causes, {"viewer_tls", "no_token"})
        for each in talkers:
            each.close()
        await eventually(lambda: self.session() is None, "the sessions end")
        await self.settled(*self.gateway.closings)

    async def talk(self, viewer: Endpoint, *, until: Callable[[], bool]) -> int:
        """Have every byte come back; the number of rounds."""
        rounds = 0
        while not until():
            data = os.urandom(random.choice((1, 100, 20_000, 200_000)))
            viewer.write(data)
            self.assertEqual(await viewer.read(len(data)), data)
            rounds += 1
        return rounds


def break_handshakes(port: int, chance: random.Random) -> None:
    """Break one handshake after the other, in every way and place."""
    hello = client_hello()
    for number in range(BREAKERS):
        with socket.create_connection((LOOPBACK, port), timeout=20) as viewer, contextlib.suppress(ConnectionError):
            WAYS[number % len(WAYS)](viewer, hello, chance)


def client_hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    return outgoing.read()


def nonsense(viewer: socket.socket, _hello: bytes, chance: random.Random) -> None:
    viewer.sendall(b"\x16\x03\x01" + chance.randbytes(chance.randrange(2, 2000)))


def no_tls(viewer: socket.socket, _hello: bytes, _chance: random.Random) -> None:
    viewer.sendall(b"GET /nothing HTTP/1.1\r\n\r\n")
    viewer.recv(1000)


def cut_hello(viewer: socket.socket, hello: bytes, chance: random.Random) -> None:
    viewer.sendall(hello[: chance.randrange(1, len(hello))])


def cut_hello_and_reset(viewer: socket.socket, hello: bytes, chance: random.Random) -> None:
    viewer.sendall(hello[: chance.randrange(1, len(hello))])
    reset(viewer)


def spoilt_hello(viewer: socket.socket, hello: bytes, chance: random.Random) -> None:
    place = chance.randrange(5, len(hello))
    viewer.sendall(hello[:place] + chance.randbytes(len(hello) - place))
    viewer.shutdown(socket.SHUT_WR)
    viewer.recv(1000)


def silence_after_the_hello(viewer: socket.socket, hello: bytes, _chance: random.Random) -> None:
    viewer.sendall(hello)
    viewer.recv(10_000)


def spoilt_answer(viewer: socket.socket, hello: bytes, chance: random.Random) -> None:
    viewer.sendall(hello)
    viewer.recv(10_000)
    viewer.sendall(b"\x14\x03\x03\0\x01\x01\x17\x03\x03\0\x45" + chance.randbytes(0x45))
    viewer.recv(10_000)


WAYS = (nonsense, no_tls, cut_hello, cut_hello_and_reset, spoilt_hello, silence_after_the_hello, spoilt_answer)
