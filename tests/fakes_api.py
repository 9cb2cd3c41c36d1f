"""The console API over an instance list in memory, and calls to it."""

import json

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.fakes_stores import MemoryStore
from xvpproxy.api.app import ConsoleApi
from xvpproxy.api.auth import Caller, Role
from xvpproxy.api.messages import read_call
from xvpproxy.api.rate import RateLimit
from xvpproxy.consoleauth.authority import ConsoleAuth
from xvpproxy.consoleauth.records import Lifetimes
from xvpproxy.drivers.contract import Console, Instance
from xvpproxy.errors import InstanceNotFound

WEB = "6d7c0144-2a80-4db6-971e-07e62e622122"
DB = "16b48cc3-f907-45b6-bbcc-1b6be436d8f2"
NOBODY = "00000000-0000-4000-8000-000000000000"
PATH = "/console?uuid=secret-place"
#: A microversion's header.
NEW = {"OpenStack-API-Version": "compute 2.6"}


class Inventory:
    """What `Drivers` promises, over two instances; `failure` is raised by every call if it is set."""

    def __init__(self):
        self.known = [Instance(WEB, "web1", "ACTIVE", "static", "h1"), Instance(DB, "db", "SHUTOFF", "static")]
        self.console = Console("192.0.2.7", 5900, PATH)
        self.failure = None
        self.hanging = None

    async def instances(self):
        await self._answering()
        return list(self.known)

    async def find(self, uuid_or_name):
        await self._answering()
        for each in self.known:
            if uuid_or_name.lower() in (each.uuid, each.name):
                return each
        raise InstanceNotFound("nobody knows it")

    async def locate(self, instance):
        await self._answering()
        return self.console

    async def _answering(self):
        if self.hanging is not None:
            await self.hanging
        if self.failure is not None:
            raise self.failure


class OneCaller:
    """Everybody is this caller."""

    def __init__(self, role=Role.ADMIN):
        self.role = role

    def caller(self, headers):
        return Caller("somebody", self.role)


class Bench:
    """An API and what it stands on.

    Attributes:
        clock: moved by tests.
        store: where tokens are kept.
        drivers: see `Inventory`.
    """

    def __init__(self, auth=None, per_second=0.0):
        self.clock = Clock()
        self.clock.advance(1_000_000)
        self.store = MemoryStore(self.clock.seconds)
        self.drivers = Inventory()
        self.draining = False
        self.base_urls = {"xvpvnc": "http://gw:6081/console", "novnc": "http://gw:6080/vnc.html"}
        self.consoleauth = ConsoleAuth(
            [self.store],
            clock=self.clock,
            now=self.clock.seconds,
            base_urls=self.base_urls,
            lifetimes=Lifetimes(600, 600),
        )
        self.api = ConsoleApi(
            drivers=self.drivers,
            consoleauth=self.consoleauth,
            auth=auth or OneCaller(),
            rate=RateLimit(self.clock, per_second=per_second, burst=3 * per_second),
            clock=self.clock,
            draining=lambda: self.draining,
        )

    def asking(self, method, target, body=None, headers=None, address="192.0.2.1"):
        """A call that has been made: a Deferred of its `Answer`."""
        given = {"Host": "api:8774", **(headers or {})}
        call = read_call(
            method=method.encode(),
            target=target.encode(),
            headers=[(name.encode(), value.encode()) for name, value in given.items()],
            body=b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            address=address,
            scheme="http",
        )
        return Deferred.fromCoroutine(self.api.answer(call))

    def ask(self, *args, **kwargs):
        """Status and body of an answer that is there at once."""
        answers = []
        self.asking(*args, **kwargs).addBoth(answers.append)
        return answers[0].status, answers[0].body
