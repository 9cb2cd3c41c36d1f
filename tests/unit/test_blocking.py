"""The door to blocking code."""

from __future__ import annotations

import threading

from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase, TestCase

from xvpproxy.blocking import CALLS_PER_THREAD, InlinePool, PoolBusy, ThreadedPool


class Threaded(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.pool = ThreadedPool("test", 1, reactor)
        self.addCleanup(self.pool.stop)
        self.gate = threading.Event()
        self.addCleanup(self.gate.set)

    def start(self, function: object, *args: object) -> Deferred[object]:
        return Deferred.fromCoroutine(self.pool.run(function, *args))

    async def test_runs_elsewhere_and_gives_the_result(self) -> None:
        name = await self.pool.run(lambda: threading.current_thread().name)
        self.assertIn("test", name)

    async def test_gives_the_exception(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            await self.pool.run(lambda: 1 / 0)

    async def test_without_a_thread_it_is_busy_until_there_is_one(self) -> None:
        pool = ThreadedPool("test", 3, reactor)
        self.addCleanup(pool.stop)
        real, allowed = threading.Thread.start, [0]

        def start(thread: threading.Thread) -> None:
            if not allowed[0]:
                raise RuntimeError("can't start new thread")
            allowed[0] -= 1
            real(thread)

        self.patch(threading.Thread, "start", start)
        for _ in range(2):
            with self.assertRaises(PoolBusy):
                await pool.run(int)
        allowed[0] = 1
        self.assertEqual(await pool.run(int), 0)
        self.assertEqual([await pool.run(int) for _ in range(2)], [0, 0])

    async def test_refuses_more_than_it_can_hold(self) -> None:
        waiting = [self.start(self.gate.wait) for _ in range(CALLS_PER_THREAD)]
        with self.assertRaises(PoolBusy):
            await self.pool.run(int)
        self.gate.set()
        for each in waiting:
            await each
        self.assertEqual(await self.pool.run(int), 0)

    async def test_cancelling_abandons_the_wait_and_frees_the_place_later(self) -> None:
        waiting = [self.start(self.gate.wait) for _ in range(CALLS_PER_THREAD)]
        for each in waiting:
            each.cancel()
            with self.assertRaises(CancelledError):
                await each
        with self.assertRaises(PoolBusy):
            await self.pool.run(int)
        self.gate.set()
        self.assertEqual(await self._patiently(), 0)

    async def test_a_call_that_was_cancelled_before_its_turn_never_runs(self) -> None:
        ran: list[int] = []
        first = self.start(self.gate.wait)
        abandoned, kept = self.start(ran.append, 1), self.start(ran.append, 2)
        abandoned.cancel()
        with self.assertRaises(CancelledError):
            await abandoned
        self.gate.set()
        await first
        await kept
        self.assertEqual(ran, [2])

    async def _patiently(self) -> int:
        while True:
            try:
                return await self.pool.run(int)
            except PoolBusy:
                turn: Deferred[None] = Deferred()
                reactor.callLater(0, turn.callback, None)
                await turn

    async def test_takes_nothing_once_it_is_stopped(self) -> None:
        await self.pool.run(int)
        self.pool.stop()
        with self.assertRaises(PoolBusy):
            await self.pool.run(int)

    async def test_its_threads_do_not_keep_the_process(self) -> None:
        self.assertTrue(await self.pool.run(lambda: threading.current_thread().daemon))


class Inline(SynchronousTestCase):
    def test_runs_at_once(self) -> None:
        self.assertEqual(self.successResultOf(Deferred.fromCoroutine(InlinePool().run(int, "7"))), 7)
