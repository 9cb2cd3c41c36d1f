"""Noticing that a peer is gone while nobody reads from it."""

from __future__ import annotations

import socket

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from tests.sockets import reset, tcp_pair
from xvpproxy.gateway.watch import EpollWatch, NoWatch, open_watch


class Epoll(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.watch = open_watch(reactor)
        self.addCleanup(self.watch.close)
        self.ours, self.peer = tcp_pair()
        self.addCleanup(self.ours.close)
        self.addCleanup(self.peer.close)
        self.told: list[str] = []

    def add(self, *, fin: bool) -> None:
        self.watch.add(self.ours.fileno(), lambda: self.told.append("gone"), fin=fin)

    async def after_a_while(self) -> list[str]:
        await deferLater(reactor, 0.05)
        return self.told

    async def test_is_what_linux_gets(self) -> None:
        self.assertIsInstance(self.watch, EpollWatch)

    async def test_tells_of_a_reset_once_whatever_waits_unread(self) -> None:
        for fin in (True, False):
            self.ours, self.peer = tcp_pair()
            self.told.clear()
            self.peer.sendall(b"unread")
            self.add(fin=fin)
            self.assertEqual(await self.after_a_while(), [])
            reset(self.peer)
            self.assertEqual(await self.after_a_while(), ["gone"])
            self.ours.close()

    async def test_tells_of_a_fin_only_if_asked(self) -> None:
        self.add(fin=False)
        self.peer.shutdown(socket.SHUT_WR)
        self.assertEqual(await self.after_a_while(), [])
        self.watch.remove(self.ours.fileno())
        self.add(fin=True)
        self.assertEqual(await self.after_a_while(), ["gone"])

    async def test_tells_nothing_once_removed(self) -> None:
        self.add(fin=True)
        self.watch.remove(self.ours.fileno())
        self.watch.remove(self.ours.fileno())
        reset(self.peer)
        self.assertEqual(await self.after_a_while(), [])

    async def test_adding_again_replaces_whom_to_tell(self) -> None:
        self.watch.add(self.ours.fileno(), lambda: self.told.append("former"), fin=True)
        self.add(fin=True)
        reset(self.peer)
        self.assertEqual(await self.after_a_while(), ["gone"])

    async def test_elsewhere_it_does_nothing_quietly(self) -> None:
        watch = NoWatch()
        watch.add(self.ours.fileno(), lambda: self.told.append("gone"), fin=True)
        watch.remove(self.ours.fileno())
        watch.close()
        self.assertEqual(self.told, [])
