"""TCP settings of both legs."""

from __future__ import annotations

import socket

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.gateway.keepalive import OPTS, KeepAlive


class Applied(SynchronousTestCase):
    def applied(self, keepalive: KeepAlive) -> tuple[int, ...]:
        with socket.socket() as connection:
            keepalive.apply(connection)
            self.assertTrue(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            on = connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            return (on, *(connection.getsockopt(socket.IPPROTO_TCP, name) for name in names))

    def test_sets_all_three(self) -> None:
        self.assertEqual(self.applied(KeepAlive(idle=61, interval=16, count=5)), (1, 61, 16, 5))

    def test_any_zero_turns_it_off(self) -> None:
        for off in (KeepAlive(idle=0), KeepAlive(interval=0), KeepAlive(count=0)):
            self.assertEqual(self.applied(off)[0], 0)

    def test_can_be_turned_off_where_it_was_on(self) -> None:
        with socket.socket() as connection:
            for keepalive, on in ((KeepAlive(), True), (KeepAlive(idle=0), False), (KeepAlive(), True)):
                keepalive.apply(connection)
                self.assertEqual(bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)), on)

    def test_takes_whatever_the_options_take(self) -> None:
        idle, interval, count = (option.type for option in OPTS["gateway"])
        for times in ((idle.max, interval.max, count.max), (1, 1, 1)):
            self.assertEqual(self.applied(KeepAlive(*times)), (1, *times))
        for times in ((idle.max + 1, 15, 4), (60, interval.max + 1, 4), (60, 15, count.max + 1)):
            self.assertRaises(OSError, self.applied, KeepAlive(*times))
