"""The check must fail when something is wrong: each of these sites is wrong in one way."""

import struct
import time

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import TestCase

from xvpproxy.demo.check import Check
from xvpproxy.demo.console import DemoConsole
from xvpproxy.demo.site import Exhibit
from xvpproxy.model import Token

OK = b"HTTP/1.1 200 OK\r\n\r\n"
REFUSED = b"HTTP/1.1 401 Not Authorized\r\nContent-Length: 0\r\n\r\n"
UUID = "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11"


class Door(Protocol):
    """A gateway in one protocol: its answer to good and revoked tokens, and a console behind the good ones."""

    console = None

    def connectionMade(self):
        self.gone = Deferred()
        self.factory.site.doors.append(self)

    def dataReceived(self, data):
        if self.console is not None:
            self.console.dataReceived(data)
            return
        site = self.factory.site
        self.transport.write(site.good if site.valid else site.bad)
        if site.valid and site.console is not None:
            self.console = site.console.buildProtocol(None)
            self.console.makeConnection(self.transport)

    def connectionLost(self, reason):
        if self.console is not None:
            self.console.connectionLost(reason)
        self.gone.callback(None)


class Site:
    """What `Check` uses of a site, with the faults that a test puts in."""

    def __init__(self):
        self.good, self.bad, self.revoked = OK, REFUSED, 1
        self.console = DemoConsole("web", UUID, "amber", clock=reactor, local_time=time.localtime)
        self.exhibits = [Exhibit("web", UUID, 1)]
        self.valid = False
        self.consoleauth = self
        self.doors = []

    def open(self, consoles, *, set_log):
        factory = Factory.forProtocol(Door)
        factory.site = self
        self.listening = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.port = self.listening.getHost().port

    async def mint(self, exhibit):
        self.valid = True
        return Token("t0ken"), f"http://127.0.0.1:{self.port}/console?token=t0ken"

    async def revoke(self, token):
        self.valid = False
        return self.revoked

    async def close(self):
        await self.listening.stopListening()
        for door in self.doors:
            await door.gone


class CheckTests(TestCase):
    timeout = 20

    def setUp(self):
        self.site = Site()
        self.steps = []
        self.addCleanup(lambda: Deferred.fromCoroutine(self.site.close()))

    async def walk(self):
        """The last step that was reported, and what was seen in it."""
        check = Check(self.site, reactor, report=lambda *step: self.steps.append(step), set_log=None)
        try:
            await check.run()
        except Exception:  # noqa: BLE001 (the report has it)
            self.assertIn("FAILED", self.steps[-1][2])
        return self.steps[-1][0], self.steps[-1][2]

    async def test_a_good_site_passes_every_step(self):
        self.assertEqual(await self.walk(), ("refused", "HTTP/1.1 401 Not Authorized"))
        names = ["start", "mint", "connect", "handshake", "first frame", "revoke", "refused"]
        self.assertEqual([name for name, _, _ in self.steps], names)
        self.assertNotIn("t0ken", repr(self.steps))
        self.assertTrue(all(milliseconds >= 0 for _, milliseconds, _ in self.steps))

    async def test_a_refused_viewer_is_found(self):
        self.site.good = b"HTTP/1.1 502 Console Unreachable\r\n\r\n"
        step, seen = await self.walk()
        self.assertEqual(step, "connect")
        self.assertIn("502 Console Unreachable", seen)

    async def test_an_endless_head_is_found(self):
        self.site.good = b"x" * 9000
        step, seen = await self.walk()
        self.assertEqual((step, "does not end" in seen), ("connect", True))

    async def test_a_blank_screen_is_found(self):
        canvas = self.site.console.card.canvas
        canvas.fill(canvas.bounds, 3)
        step, seen = await self.walk()
        self.assertEqual(step, "first frame")
        self.assertIn("1 colours", seen)

    async def test_a_console_that_ends_early_is_found(self):
        self.site.console, self.site.good = None, OK + b"RFB 003.008\n\x01\x01" + struct.pack(">I", 1)
        step, seen = await self.walk()
        self.assertEqual(step, "handshake")
        self.assertIn("security result is 1", seen)

    async def test_a_token_that_survives_its_revocation_is_found(self):
        self.site.bad = OK
        step, seen = await self.walk()
        self.assertEqual(step, "refused")
        self.assertIn("'HTTP/1.1 200 OK', not 'HTTP/1.1 401 Not Authorized'", seen)

    async def test_a_revocation_of_nothing_is_found(self):
        self.site.revoked = 0
        step, _ = await self.walk()
        self.assertEqual(step, "revoke")

    async def test_a_closed_door_is_found_and_names_the_error(self):
        async def mint(exhibit):
            return Token("t0ken"), "http://127.0.0.1:1/console?token=t0ken"

        self.site.mint = mint
        step, seen = await self.walk()
        self.assertEqual(step, "connect")
        self.assertIn("ConnectionRefusedError", seen)

    async def test_a_silent_gateway_can_be_given_up(self):
        self.site.good, self.site.console = b"", None
        check = Check(self.site, reactor, report=lambda *step: self.steps.append(step), set_log=None)
        walk = Deferred.fromCoroutine(check.run()).addTimeout(0.3, reactor)
        with self.assertRaises(TwistedTimeoutError):
            await walk
        self.assertEqual(self.steps[-1][0], "connect")
        self.assertIn("not done in time", self.steps[-1][2])
