"""The viewers' door."""

from __future__ import annotations

import errno
import os
import socket
from types import SimpleNamespace

from twisted.internet import reactor
from twisted.internet.task import Clock, deferLater
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase, TestCase

from tests.sockets import in_thread
from xvpproxy.errors import ConfigurationError
from xvpproxy.gateway import listener
from xvpproxy.gateway.dispatch import IN, Dispatch, Owner, ReactorDispatch, open_dispatch
from xvpproxy.gateway.keepalive import KeepAlive
from xvpproxy.gateway.listener import Listener, bind
from xvpproxy.sessions import Limits, Sessions


class ManualDispatch:
    """A note of who owns what, who wants to read, and who has asked for a turn."""

    edges = True

    def __init__(self) -> None:
        self.owners: dict[int, Owner] = {}
        self.reads: set[int] = set()
        self.asked: list[Owner] = []

    def add(self, fd: int, owner: Owner) -> None:
        self.owners[fd] = owner
        self.reads.add(fd)

    def remove(self, fd: int) -> None:
        del self.owners[fd]

    def reading(self, fd: int, *, wanted: bool) -> None:
        (self.reads.add if wanted else self.reads.discard)(fd)

    def soon(self, owner: Owner) -> None:
        self.asked.append(owner)

    def turn(self) -> None:
        """The turn of those who have asked for it."""
        asked, self.asked = self.asked, []
        for owner in asked:
            owner.again()


class Scripted:
    """A listening socket whose accepts are a script."""

    def __init__(self, *script: object) -> None:
        self.script = list(script)

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        step = self.script.pop(0) if self.script else BlockingIOError()
        if isinstance(step, Exception):
            raise step
        return step, ("192.0.2.7", 5000)

    def getsockname(self) -> tuple[str, int]:
        return ("2001:db8::1", 6081)

    def fileno(self) -> int:
        return 7

    def setsockopt(self, *_option: int) -> None:
        pass

    def close(self) -> None:
        self.script.append("closed")


class Accepting(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.dispatch = Clock(), ManualDispatch()
        self.accepted: list[str] = []
        self.patch(listener, "Session", lambda _socket, address, _gateway: self.accepted.append(address))
        limits = Limits(sessions=10, per_token=1, pending_per_address=2, descriptors=4)
        self.gateway = SimpleNamespace(reactor=self.clock, dispatch=self.dispatch, sessions=Sessions(limits))

    def listen(self, *script: object) -> Listener:
        door = Listener(Scripted(*script), gateway=self.gateway, keepalive=KeepAlive())
        self.assertIs(self.dispatch.owners[7], door)
        return door

    def resume(self) -> None:
        """Let the pause be over, and the turn come that is asked for then."""
        self.clock.advance(1)
        self.dispatch.turn()

    def viewer(self) -> socket.socket:
        ours = socket.socket()
        self.addCleanup(ours.close)
        return ours

    def test_starts_a_session_for_each_that_waits(self) -> None:
        self.listen(self.viewer(), ConnectionAbortedError(), self.viewer()).on(IN)
        self.assertEqual(self.accepted, ["192.0.2.7"] * 2)

    def test_a_viewers_socket_does_not_block(self) -> None:
        viewer = self.viewer()
        self.listen(viewer).on(IN)
        self.assertFalse(viewer.getblocking())

    def test_after_so_many_the_sessions_get_their_turn_and_none_is_forgotten(self) -> None:
        self.listen(*[self.viewer() for _ in range(150)]).on(IN)
        taken = [len(self.accepted)]
        while self.dispatch.asked:
            self.dispatch.turn()
            taken.append(len(self.accepted))
        self.assertEqual(taken, [64, 128, 150])

    def test_pauses_without_spinning_when_descriptors_run_out_and_resumes(self) -> None:
        for number in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
            door = self.listen(OSError(number, os.strerror(number)), self.viewer())
            door.on(IN)
            self.assertNotIn(7, self.dispatch.reads)
            door.on(IN)
            self.assertEqual((self.accepted, self.dispatch.asked), ([], []))
            self.resume()
            self.assertIn(7, self.dispatch.reads)
            self.assertEqual(self.accepted.pop(), "192.0.2.7")
            door.close()

    def test_a_turn_that_was_asked_for_waits_for_the_end_of_the_pause(self) -> None:
        door = self.listen(*[self.viewer() for _ in range(64)], OSError(errno.EMFILE, "too many"), self.viewer())
        door.on(IN)
        door.on(IN)
        self.dispatch.turn()
        self.assertEqual((len(self.accepted), len(self.clock.getDelayedCalls())), (64, 1))
        self.resume()
        self.assertEqual(len(self.accepted), 65)

    def test_says_once_in_a_while_that_descriptors_have_run_out(self) -> None:
        with capturedLogs() as events:
            self.listen(*[OSError(errno.EMFILE, "too many")] * 1000).on(IN)
            for _ in range(130):
                self.resume()
        self.assertEqual(len([event for event in events if "until descriptors are free" in event["log_format"]]), 3)

    def test_pauses_before_connections_take_the_last_descriptors(self) -> None:
        crowd = [object() for _ in range(4)]
        for number, connection in enumerate(crowd):
            self.gateway.sessions.admit(connection, f"198.51.100.{number}")
        self.listen(self.viewer()).on(IN)
        self.assertEqual((self.accepted, 7 in self.dispatch.reads), ([], False))
        for connection in crowd:
            self.gateway.sessions.forget(connection)
        self.resume()
        self.assertEqual(self.accepted, ["192.0.2.7"])

    def test_drops_an_address_that_is_far_beyond_its_limit(self) -> None:
        for _ in range(4):
            self.gateway.sessions.admit(object(), "192.0.2.7")
        self.gateway.sessions.connections.clear()
        viewer = self.viewer()
        self.listen(viewer).on(IN)
        self.assertEqual((self.accepted, viewer.fileno()), ([], -1))

    def test_one_viewers_failure_is_not_the_doors(self) -> None:
        door = self.listen(self.viewer())
        door.failed()
        self.dispatch.turn()
        self.assertEqual(self.accepted, ["192.0.2.7"])

    def test_a_failure_behind_a_pause_is_the_dispatchs_to_handle(self) -> None:
        """Called by the reactor it would be logged, and nobody would accept who waits already."""
        self.listen(OSError(errno.EMFILE, "too many"), MemoryError()).on(IN)
        self.clock.advance(1)
        self.assertRaises(MemoryError, self.dispatch.turn)

    def test_closing_it_leaves_no_timer(self) -> None:
        door = self.listen(OSError(errno.EMFILE, "too many"))
        door.on(IN)
        door.close()
        door.close()
        self.assertEqual((self.clock.getDelayedCalls(), self.dispatch.owners), ([], {}))

    def test_closing_it_forgets_the_turn_that_it_asked_for(self) -> None:
        door = self.listen(*[self.viewer() for _ in range(100)])
        door.on(IN)
        door.close()
        self.dispatch.turn()
        self.assertEqual(len(self.accepted), 64)

    def test_names_where_it_listens(self) -> None:
        self.assertEqual(self.listen().address, "[2001:db8::1]:6081")


class Accepted(TestCase):
    """Real viewers at a real door."""

    timeout = 20

    def listen(self, dispatch: Dispatch, keepalive: KeepAlive) -> Listener:
        self.addCleanup(dispatch.close)
        self.accepted: list[socket.socket] = []
        self.patch(listener, "Session", lambda accepted, *_rest: self.accepted.append(accepted))
        self.addCleanup(lambda: [each.close() for each in self.accepted])
        limits = Limits(sessions=1000, per_token=1, pending_per_address=1000, descriptors=1000)
        gateway = SimpleNamespace(reactor=reactor, dispatch=dispatch, sessions=Sessions(limits))
        (listening,) = bind("127.0.0.1", 0, option="a test")
        self.address = listening.getsockname()
        door = Listener(listening, gateway=gateway, keepalive=keepalive)
        self.addCleanup(door.close)
        return door

    async def knock(self, count: int = 1) -> None:
        """Connect so many at once, and wait until all have been accepted."""
        accepted = len(self.accepted)
        viewers = await in_thread(lambda: [socket.create_connection(self.address) for _ in range(count)])
        for each in viewers:
            self.addCleanup(each.close)
        while len(self.accepted) < accepted + count:
            await deferLater(reactor, 0.01)

    async def test_inherits_what_the_door_has_and_after_a_reload_what_it_has_then(self) -> None:
        for dispatch in (open_dispatch(reactor), ReactorDispatch(reactor)):
            door = self.listen(dispatch, KeepAlive(idle=61, interval=16, count=5))
            await self.knock()
            door.tune(KeepAlive(idle=62, interval=17, count=6))
            await self.knock()
            door.tune(KeepAlive(idle=0))
            await self.knock()
            first, second, third = self.accepted
            self.assertEqual(self.settings(first), [1, 1, 61, 16, 5])
            self.assertEqual(self.settings(second), [1, 1, 62, 17, 6])
            self.assertEqual(self.settings(third)[:2], [1, 0])
            door.close()
            dispatch.close()

    def settings(self, accepted: socket.socket) -> list[int]:
        """No delay, keep-alive, and its three numbers."""
        names = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        return [
            accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
            accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            *(accepted.getsockopt(socket.IPPROTO_TCP, name) for name in names),
        ]

    async def test_takes_a_storm_of_them_on_any_reactor(self) -> None:
        for dispatch in (open_dispatch(reactor), ReactorDispatch(reactor)):
            door = self.listen(dispatch, KeepAlive())
            await self.knock(200)
            door.close()
            dispatch.close()


class Binding(SynchronousTestCase):
    def test_listens_on_each_address_of_the_name(self) -> None:
        for listening in bind("localhost", 0, option="[vnc] x"):
            self.addCleanup(listening.close)
            self.assertFalse(listening.getblocking())

    def test_names_the_option_and_what_to_do_when_the_port_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            error = self.assertRaises(ConfigurationError, bind, "127.0.0.1", port, option="[vnc] xvpvncproxy_port")
        self.assertIn("[vnc] xvpvncproxy_port", str(error))
        self.assertIn(f"127.0.0.1:{port}", str(error))
        self.assertIn("another port", str(error))

    def test_names_a_host_that_is_none(self) -> None:
        error = self.assertRaises(ConfigurationError, bind, "no-such-host.invalid", 1, option="[vnc] xvpvncproxy_host")
        self.assertIn("no-such-host.invalid", str(error))
