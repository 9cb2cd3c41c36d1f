"""The reactor's poller with our own descriptors in it."""

from __future__ import annotations

import os
import select

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.gateway.dispatch import Dispatch, attach


class Owner:
    def __init__(self, *, broken: bool = False) -> None:
        self.told: list[int | str] = []
        self.broken = broken

    def on(self, events: int) -> None:
        self.told.append(events)
        if self.broken:
            raise ZeroDivisionError

    def again(self) -> None:
        self.told.append("again")

    def failed(self) -> None:
        self.told.append("failed")


class Reactor:
    """What of the epoll reactor is leaned on."""

    def __init__(self, poller: object) -> None:
        self._poller = poller


class Attached(SynchronousTestCase):
    def setUp(self) -> None:
        self.epoll = select.epoll()
        self.addCleanup(self.epoll.close)
        self.reactor = Reactor(self.epoll)
        dispatch = attach(self.reactor)
        assert isinstance(dispatch, Dispatch)
        self.dispatch = dispatch

    def pipe(self) -> tuple[int, int]:
        ends = os.pipe()
        for end in ends:
            self.addCleanup(os.close, end)
        return ends

    def test_serves_its_owners_and_gives_the_reactor_the_rest(self) -> None:
        (ours, feed_ours), (theirs, feed_theirs) = self.pipe(), self.pipe()
        owner = Owner()
        self.dispatch.add(ours, owner)
        self.reactor._poller.register(theirs, select.EPOLLIN)
        os.write(feed_ours, b"x")
        os.write(feed_theirs, b"x")
        self.assertEqual(self.reactor._poller.poll(1, 1), [(theirs, select.EPOLLIN)])
        self.assertEqual(owner.told, [select.EPOLLIN])
        self.assertEqual(self.reactor._poller.poll(0, 1), [(theirs, select.EPOLLIN)])
        self.assertEqual(owner.told, [select.EPOLLIN], "an edge is told once")

    def test_tells_nothing_of_what_was_removed(self) -> None:
        ours, feed = self.pipe()
        owner = Owner()
        self.dispatch.add(ours, owner)
        self.dispatch.remove(ours)
        self.dispatch.remove(ours)
        os.write(feed, b"x")
        self.assertEqual((self.dispatch.poll(0, 1), owner.told), ([], []))

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
        (broken, feed_broken), (whole, feed_whole) = self.pipe(), self.pipe()
        owners = Owner(broken=True), Owner()
        self.dispatch.add(broken, owners[0])
        self.dispatch.add(whole, owners[1])
        os.write(feed_broken, b"x")
        os.write(feed_whole, b"x")
        self.dispatch.poll(1, 1)
        self.assertEqual((owners[0].told, owners[1].told), ([select.EPOLLIN, "failed"], [select.EPOLLIN]))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_the_reactor_gets_its_own_poller_back(self) -> None:
        ours, _feed = self.pipe()
        self.dispatch.add(ours, Owner())
        self.dispatch.detach(self.reactor)
        self.assertIs(self.reactor._poller, self.epoll)
        self.epoll.register(ours)


class NotAttached(SynchronousTestCase):
    def test_a_reactor_without_such_a_poller_is_left_alone(self) -> None:
        for reactor in (Reactor(None), Reactor(select.poll()), object()):
            self.assertIsNone(attach(reactor))
