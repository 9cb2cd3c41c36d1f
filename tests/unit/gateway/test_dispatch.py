"""Who is told of what happens on the gateway's sockets, by the reactor's own poller and by any reactor."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable

from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase, TestCase

from tests.sockets import reset, tcp_pair
from xvpproxy.gateway.dispatch import END, ERR, HUP, IN, OUT, PollerDispatch, ReactorDispatch, open_dispatch


class Owner:
    def __init__(self, *, broken: bool = False) -> None:
        self.told: list[int | str] = []
        self.broken = broken

    def on(self, events: int) -> None:
        self.told.append(events)
        if self.broken:
            raise ZeroDivisionError

    def again(self) -> None:
        self.on("again")

    def failed(self) -> None:
        self.on("failed")


class Reactor:
    """What of the epoll reactor is leaned on."""

    def __init__(self, poller: object) -> None:
        self._poller = poller


class DispatchCase:
    def connection(self) -> tuple[socket.socket, socket.socket]:
        ours, peer = tcp_pair()
        self.addCleanup(ours.close)
        self.addCleanup(peer.close)
        return ours, peer


class OnThePoller(DispatchCase, SynchronousTestCase):
    def setUp(self) -> None:
        self.epoll = select.epoll()
        self.addCleanup(self.epoll.close)
        self.reactor = Reactor(self.epoll)
        dispatch = open_dispatch(self.reactor)
        assert isinstance(dispatch, PollerDispatch)
        self.dispatch = dispatch

    def watched(self, owner: Owner) -> tuple[socket.socket, socket.socket]:
        ours, peer = self.connection()
        self.dispatch.add(ours.fileno(), owner)
        return ours, peer

    def poll(self) -> list[tuple[int, int]]:
        return self.reactor._poller.poll(1, 1)

    def test_serves_its_owners_and_gives_the_reactor_the_rest(self) -> None:
        owner = Owner()
        _ours, peer = self.watched(owner)
        theirs, feed = self.connection()
        self.reactor._poller.register(theirs.fileno(), select.EPOLLIN)
        peer.sendall(b"x")
        feed.sendall(b"x")
        self.assertEqual(self.poll(), [(theirs.fileno(), select.EPOLLIN)])
        self.assertEqual(owner.told, [IN | OUT])
        self.assertEqual(self.poll(), [(theirs.fileno(), select.EPOLLIN)])
        self.assertEqual(owner.told, [IN | OUT], "an edge is told once")

    def test_tells_an_end_from_a_reset(self) -> None:
        for leave, bits in ((socket.socket.close, END | IN), (reset, ERR | HUP | END | IN)):
            owner = Owner()
            _ours, peer = self.watched(owner)
            self.poll()
            leave(peer)
            self.poll()
            self.assertEqual(owner.told[1:], [bits | OUT])

    def test_a_new_owner_is_told_of_what_is_new(self) -> None:
        former, latter = Owner(), Owner()
        ours, peer = self.watched(former)
        peer.sendall(b"x")
        self.poll()
        self.dispatch.add(ours.fileno(), latter)
        self.assertEqual(self.reactor._poller.poll(0, 1), [])
        self.assertEqual(latter.told, [])
        peer.sendall(b"y")
        self.poll()
        self.assertEqual((former.told, latter.told), ([IN | OUT], [IN | OUT]))

    def test_tells_nothing_of_what_was_removed(self) -> None:
        owner = Owner()
        ours, peer = self.watched(owner)
        self.dispatch.remove(ours.fileno())
        ours.close()
        peer.close()
        self.assertEqual((self.dispatch.poll(0, 1), owner.told), ([], []))

    def test_a_descriptor_that_is_used_again_is_told_to_its_new_owner(self) -> None:
        former, latter = Owner(), Owner()
        ours, _peer = self.watched(former)
        another, _peer = self.connection()
        self.poll()
        number = ours.fileno()
        self.dispatch.remove(number)
        ours.close()
        os.dup2(another.fileno(), number)
        self.addCleanup(os.close, number)
        self.dispatch.add(number, latter)
        self.poll()
        self.assertEqual((former.told, latter.told), ([OUT], [OUT]))

    def test_another_turn_comes_without_waiting(self) -> None:
        owner = Owner()
        self.dispatch.soon(owner)
        self.assertEqual(self.dispatch.poll(60, 1), [])
        self.assertEqual(owner.told, ["again"])

    def test_an_owner_that_asks_again_and_again_leaves_the_others_their_turns(self) -> None:
        owner = Owner()
        owner.again = lambda: self.dispatch.soon(owner)
        self.dispatch.soon(owner)
        for _ in range(3):
            self.assertEqual(self.dispatch.poll(60, 1), [])

    def test_a_fault_in_one_owner_ends_that_one_only(self) -> None:
        """Even one that cannot be ended."""
        broken, whole = Owner(broken=True), Owner()
        self.dispatch.soon(broken)
        for owner in (broken, whole):
            self.watched(owner)
            self.dispatch.soon(owner)
        self.dispatch.poll(1, 1)
        self.assertEqual(broken.told, [OUT, "failed", *["again", "failed"] * 2])
        self.assertEqual(whole.told, [OUT, "again"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 6)

    def test_steady_owners_keep_the_poll_as_long_as_there_is_nothing_for_the_reactor(self) -> None:
        theirs, feed = self.connection()
        self.reactor._poller.register(theirs.fileno(), select.EPOLLIN)
        owner = Owner()
        ours, peer = self.connection()
        self.dispatch.add(ours.fileno(), owner, steady=True)

        def on(events: int) -> None:
            owner.told.append(events)
            (peer if len(owner.told) < 4 else feed).sendall(b"x")

        owner.on = on
        self.assertEqual(self.poll(), [(theirs.fileno(), select.EPOLLIN)])
        self.assertEqual(len(owner.told), 4)

    def test_steady_owners_keep_the_poll_for_a_moment_only(self) -> None:
        owner = Owner()
        ours, peer = self.connection()
        self.dispatch.add(ours.fileno(), owner, steady=True)
        owner.on = lambda _events: peer.sendall(b"x")
        for timeout in (-1, 60, 0):
            self.assertEqual(self.reactor._poller.poll(timeout, 1), [], "it never comes back")

    def test_an_end_of_a_steady_owner_and_what_others_do_is_for_the_reactor_at_once(self) -> None:
        for steady, does in ((True, self.dispatch.remove), (False, lambda _fd: None)):
            ours, _peer = self.connection()
            theirs, _peer = self.connection()
            owner = Owner()
            self.dispatch.add(ours.fileno(), owner, steady=steady)

            def on(
                _events: int,
                number: int = ours.fileno(),
                does: Callable[[int], None] = does,
                waits: int = theirs.fileno(),
            ) -> None:
                does(number)
                self.reactor._poller.register(waits, select.EPOLLOUT)

            owner.on = on
            self.assertEqual(self.poll(), [])
            self.assertEqual(self.poll(), [(theirs.fileno(), select.EPOLLOUT)])
            self.reactor._poller.unregister(theirs.fileno())

    def test_the_reactor_gets_its_own_poller_back(self) -> None:
        self.watched(Owner())
        self.dispatch.close()
        self.assertIs(self.reactor._poller, self.epoll)

    def test_a_reactor_without_such_a_poller_is_left_alone_and_it_says_so(self) -> None:
        for reactor_ in (Reactor(None), Reactor(select.poll()), object()):
            with capturedLogs() as events:
                self.assertIsInstance(open_dispatch(reactor_), ReactorDispatch)
            self.assertIn("slower", events[-1]["log_format"])


class OnAnyReactor(DispatchCase, TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.ours, self.peer = self.connection()
        self.dispatch = ReactorDispatch(reactor)
        self.addCleanup(self.dispatch.close)
        self.owner = Owner()

    async def told(self) -> set[int | str]:
        """What the owner has been told since it was last asked; the same comes often."""
        self.owner.told.clear()
        await deferLater(reactor, 0.05)
        return set(self.owner.told)

    async def test_tells_what_was_asked_for_as_long_as_it_is_so(self) -> None:
        self.dispatch.add(self.ours.fileno(), self.owner)
        self.peer.sendall(b"x")
        self.assertEqual(await self.told(), {IN, OUT})
        self.dispatch.writing(self.ours.fileno(), wanted=False)
        self.assertEqual(await self.told(), {IN})
        self.dispatch.reading(self.ours.fileno(), wanted=False)
        self.assertEqual(await self.told(), set())
        self.dispatch.reading(self.ours.fileno(), wanted=True)
        self.assertEqual(await self.told(), {IN})

    async def test_changes_hands(self) -> None:
        former = Owner()
        self.dispatch.add(self.ours.fileno(), former)
        self.dispatch.add(self.ours.fileno(), self.owner)
        self.assertEqual((await self.told(), former.told), ({OUT}, []))

    async def test_tells_a_writer_of_a_reset(self) -> None:
        self.dispatch.add(self.ours.fileno(), self.owner)
        self.dispatch.reading(self.ours.fileno(), wanted=False)
        await self.told()
        reset(self.peer)
        self.assertIn(ERR, await self.told())

    async def test_tells_nothing_of_what_was_removed(self) -> None:
        self.peer.sendall(b"x")
        self.dispatch.add(self.ours.fileno(), self.owner)
        self.owner.on = lambda events: (self.owner.told.append(events), self.dispatch.remove(self.ours.fileno()))
        await deferLater(reactor, 0.05)
        self.assertEqual(len(self.owner.told), 1, "a reactor tells of input, then of output")

    async def test_a_fault_in_an_owner_ends_it(self) -> None:
        owner = Owner(broken=True)
        self.dispatch.soon(owner)
        await deferLater(reactor, 0.05)
        self.assertEqual(owner.told, ["again", "failed"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
