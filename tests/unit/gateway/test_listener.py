"""The viewers' door."""

from __future__ import annotations

import errno
import os
import socket

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.errors import ConfigurationError
from xvpproxy.gateway import listener
from xvpproxy.gateway.keepalive import KeepAlive
from xvpproxy.gateway.listener import Listener, bind
from xvpproxy.sessions import Limits, Sessions


class ManualReactor(Clock):
    """A clock, and a note of who reads."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: set[object] = set()

    def addReader(self, reader: object) -> None:
        self.readers.add(reader)

    def removeReader(self, reader: object) -> None:
        self.readers.discard(reader)


class Scripted:
    """A listening socket whose accepts are a script."""

    def __init__(self, *script: object) -> None:
        self.script = list(script)

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        step = self.script.pop(0) if self.script else BlockingIOError()
        if isinstance(step, OSError):
            raise step
        return step, ("192.0.2.7", 5000)

    def getsockname(self) -> tuple[str, int]:
        return ("2001:db8::1", 6081)

    def close(self) -> None:
        self.script.append("closed")


class Accepting(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = ManualReactor()
        self.accepted: list[str] = []
        self.patch(listener, "Session", lambda _socket, address, _gateway: self.accepted.append(address))
        limits = Limits(sessions=10, per_token=1, pending_per_address=2, descriptors=4)
        self.gateway = type("Gateway", (), {"sessions": Sessions(limits)})()

    def listen(self, *script: object) -> Listener:
        return Listener(Scripted(*script), reactor=self.reactor, gateway=self.gateway, keepalive=KeepAlive)

    def viewer(self) -> socket.socket:
        ours = socket.socket()
        self.addCleanup(ours.close)
        return ours

    def test_starts_a_session_for_each_that_waits(self) -> None:
        self.listen(self.viewer(), ConnectionAbortedError(), self.viewer()).doRead()
        self.assertEqual(self.accepted, ["192.0.2.7"] * 2)

    def test_pauses_without_spinning_when_descriptors_run_out_and_resumes(self) -> None:
        for number in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
            door = self.listen(OSError(number, os.strerror(number)), self.viewer())
            door.doRead()
            self.assertNotIn(door, self.reactor.readers)
            self.reactor.advance(1)
            self.assertIn(door, self.reactor.readers)
            door.doRead()
            self.assertEqual(self.accepted.pop(), "192.0.2.7")

    def test_pauses_before_connections_take_the_last_descriptors(self) -> None:
        crowd = [object() for _ in range(4)]
        self.gateway.sessions.connections.update(dict.fromkeys(crowd))
        door = self.listen(self.viewer())
        door.doRead()
        self.assertEqual((self.accepted, door in self.reactor.readers), ([], False))
        self.gateway.sessions.connections.clear()
        self.reactor.advance(1)
        door.doRead()
        self.assertEqual(self.accepted, ["192.0.2.7"])

    def test_drops_an_address_that_is_far_beyond_its_limit(self) -> None:
        for _ in range(4):
            self.gateway.sessions.admit(object(), "192.0.2.7")
        self.gateway.sessions.connections.clear()
        viewer = self.viewer()
        self.listen(viewer).doRead()
        self.assertEqual((self.accepted, viewer.fileno()), ([], -1))

    def test_closing_it_leaves_no_timer(self) -> None:
        door = self.listen(OSError(errno.EMFILE, "too many"))
        door.doRead()
        door.close()
        self.assertEqual((self.reactor.getDelayedCalls(), self.reactor.readers), ([], set()))

    def test_names_where_it_listens(self) -> None:
        self.assertEqual(self.listen().address, "[2001:db8::1]:6081")


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
