"""Whatever way a session ends, its parts go at once: cycles would wait for the collector, which is told to be lazy."""

from __future__ import annotations

import gc

from tests.session_case import REQUEST, SessionCase
from tests.sockets import in_thread, read_exactly, read_to_end, reset
from xvpproxy import errors
from xvpproxy.gateway.farewell import Farewell
from xvpproxy.gateway.opening import Opening
from xvpproxy.gateway.relay import Relay
from xvpproxy.gateway.session import Session
from xvpproxy.gateway.splicing import SplicingSide
from xvpproxy.gateway.stream import Stream
from xvpproxy.gateway.task import Task

PARTS = (Session, Opening, Stream, Task, Farewell, Relay, SplicingSide)


class NoCycles(SessionCase):
    def setUp(self) -> None:
        super().setUp()
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)

    async def nothing_is_left(self) -> None:
        await self.settle()
        del self.session
        self.gateway.timers.close()
        left = [type(each).__name__ for each in gc.get_objects() if isinstance(each, PARTS)]
        self.assertEqual(left, [])

    async def test_of_a_session_that_was_served(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, 31)
        viewer.close()
        await in_thread(read_to_end, self.doors.console)
        self.doors.console.close()
        await self.nothing_is_left()

    async def test_of_a_session_that_was_reset(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await in_thread(read_exactly, viewer, 31)
        reset(viewer)
        await self.nothing_is_left()

    async def test_of_a_viewer_that_was_refused(self) -> None:
        async def fail() -> None:
            raise errors.UpstreamUnreachable

        self.doors.connecting = fail
        viewer = self.accept()
        viewer.sendall(REQUEST)
        await in_thread(read_to_end, viewer)
        viewer.close()
        await self.nothing_is_left()

    async def test_of_a_viewer_that_left_in_the_middle_of_its_request(self) -> None:
        viewer = self.accept()
        viewer.sendall(REQUEST[:20])
        viewer.close()
        await self.nothing_is_left()

    async def test_of_a_viewer_that_said_nothing_in_time(self) -> None:
        viewer = self.accept()
        await in_thread(read_to_end, viewer)
        await self.nothing_is_left()
