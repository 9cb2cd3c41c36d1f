"""The console API of several workers: on one port, and each of them answers."""

import signal
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.endpoint import LOOPBACK, eventually
from tests.faults.workers_suite import WorkersCase
from tests.integration.peers import free_port
from tests.sockets import in_thread

INSTANCE = "6d7c0144-2a80-4db6-971e-07e62e622122"


class CallersCase(WorkersCase):
    async def serve_callers(self) -> None:
        self.api_port = free_port()
        await self.serve(
            {
                "api": {"listen": f"{LOOPBACK}:{self.api_port}", "auth_strategy": "noauth2"},
                "static": {"console": f"{INSTANCE} web1 {LOOPBACK}:5900"},
                "gateway": {"drain_timeout": 100, "verify_instance": "false"},
            }
        )

    def get(self, path: str) -> tuple[int, bytes]:
        """One call on a connection of its own: its status and its body."""
        try:
            with urlopen(f"http://{LOOPBACK}:{self.api_port}{path}", timeout=20) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()


class Callers(CallersCase):
    async def test_are_answered_by_every_worker(self):
        await self.serve_callers()
        self.assertEqual(len(self.said("the console API is at ")), 1)
        answered = r"^\S+ \S+ (\d+) INFO \S+ \[\S+\] GET /servers\S* status=200"
        while set(map(int, self.said(answered))) != set(self.workers):
            status, body = await in_thread(self.get, "/v2.1/servers")
            self.assertEqual(status, 200)
            self.assertIn(b"web1", body)

    async def test_are_told_while_the_workers_drain(self):
        await self.serve_callers()
        inside = await self.enter_at_both()
        self.gateway.signal(signal.SIGTERM)
        await eventually(lambda: len(self.said("shutting down: [1-9]")) == 2, "both drain")
        for _ in range(6):
            status, _body = await in_thread(self.get, "/v2.1/servers")
            self.assertEqual(status, 503)
        await self.works([viewer for some in inside.values() for viewer in some])
        self.gateway.signal(signal.SIGTERM)
        self.assertEqual(await self.gateway.exited(), 0)
