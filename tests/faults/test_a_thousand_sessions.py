"""A thousand sessions at once relay and close, and nothing of them is left."""

import os
import resource
from dataclasses import replace
from unittest import SkipTest

from twisted.internet.defer import Deferred, gatherResults

from tests import viewers
from tests.consoles import rfb
from tests.endpoint import Endpoint
from tests.faults.process_suite import ProcessCase
from tests.faults.suite import FaultCase
from tests.gateway_fixture import LIMITS
from xvpproxy.stores import THREADS

SESSIONS = 1000
#: In one process: a viewer, its accepted socket, the dialled console and its accepted socket; and all others.
DESCRIPTORS = 4 * SESSIONS + 500
LEFT = ("viewer_left", 0, "")


def descriptors_for_all() -> None:
    """Raise our own limit, or skip."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        raise SkipTest(f"needs {DESCRIPTORS} open files: ulimit -Hn says {hard}")
    if soft != resource.RLIM_INFINITY and soft < DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))


async def at_once(count: int, work) -> list:
    return await gatherResults([Deferred.fromCoroutine(work()) for _ in range(count)], consumeErrors=True)


async def echoed(viewer: Endpoint) -> None:
    """Say something of one's own, and hear it again."""
    block = os.urandom(20_000)
    viewer.write(block)
    assert await viewer.read(len(block)) == block, "these are not the bytes of this session"


class InsideOneProcess(FaultCase):
    settings = {"limits": replace(LIMITS, sessions=2000, per_token=2000, pending_per_address=2000)}  # noqa: RUF012

    async def test_no_descriptor_timer_or_thread_is_left(self):
        descriptors_for_all()
        console = self.console(rfb)
        inside = await at_once(SESSIONS, lambda: viewers.enter(self.port, "the-token"))
        self.assertEqual(console.connected, SESSIONS)
        await gatherResults([Deferred.fromCoroutine(echoed(viewer)) for viewer in inside])
        await viewers.leave(inside)
        await self.settled(*[LEFT] * SESSIONS)


class FromOutside(ProcessCase):
    async def test_a_worker_gives_back_every_descriptor_and_thread(self):
        descriptors_for_all()
        many = {"max_sessions_per_token": 2000, "max_pending_per_address": 2000}
        await self.start({"gateway": many}, descriptors=DESCRIPTORS)
        console = self.console(rfb)
        token = await self.token(console)
        before = self.gateway.resources()
        inside = await at_once(SESSIONS, lambda: viewers.enter(self.port, token))
        self.assertEqual(console.connected, SESSIONS)
        self.assertGreaterEqual(self.gateway.resources()["descriptors"], before["descriptors"] + 2 * SESSIONS)
        await gatherResults([Deferred.fromCoroutine(echoed(viewer)) for viewer in inside])
        await viewers.leave(inside)
        before["descriptors"] += THREADS  # connections to the store that it may have opened and keeps
        await self.settled(before, *[LEFT] * SESSIONS)
