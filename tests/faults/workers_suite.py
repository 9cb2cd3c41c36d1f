"""Faults of a gateway with several workers, who are told apart by their pids in the log."""

import os
import re
import signal

from tests import viewers
from tests.consoles import rfb
from tests.endpoint import Endpoint, eventually
from tests.faults.process_suite import ProcessCase
from tests.gateway_process import Options
from xvpproxy.model import Token


class WorkersCase(ProcessCase):
    """A gateway of two workers."""

    async def serve(self, options: Options | None = None) -> None:
        given = {**(options or {})}
        given["DEFAULT"] = {"workers": 2, **given.get("DEFAULT", {})}
        await self.start(given, bystanders=0)
        await eventually(lambda: " workers serve, with pids" in self.gateway.output, "both serve")
        self.echo = self.console(rfb)

    def said(self, pattern: str) -> list[str]:
        return re.findall(pattern, self.gateway.output, re.MULTILINE)

    @property
    def workers(self) -> list[int]:
        """The pids of those who serve now, by their places."""
        [first] = self.said(r"workers serve, with pids (.*)$")
        pids = [int(pid) for pid in first.split(", ")]
        for place, pid in self.said(r"worker (\d+) serves again, with pid (\d+)$"):
            pids[int(place)] = int(pid)
        return pids

    async def enter(self) -> tuple[int, Endpoint]:
        """A new session, and the pid of its worker."""
        token = await self.token(self.echo)
        viewer = await viewers.enter(self.port, token)
        line = rf"^\S+ \S+ (\d+) INFO \S+ \[\w+\] open .*fingerprint={Token(token).fingerprint}$"
        await eventually(lambda: bool(self.said(line)), "the session is in the log")
        return int(self.said(line)[0]), viewer

    async def enter_at_both(self) -> dict[int, list[Endpoint]]:
        """Sessions by the pids of their workers; each has some."""
        inside: dict[int, list[Endpoint]] = {pid: [] for pid in self.workers}
        while not all(inside.values()):
            pid, viewer = await self.enter()
            inside[pid].append(viewer)
        return inside

    async def works(self, sessions: list[Endpoint]) -> None:
        for viewer in sessions:
            viewer.write(b"still here")
            self.assertEqual(await viewer.read(10), b"still here")

    async def kill(self, place: int) -> int:
        """End one worker the hard way; the pid it had."""
        pid = self.workers[place]
        os.kill(pid, signal.SIGKILL)
        await eventually(
            lambda: f"worker {place} (pid {pid}) was ended by SIGKILL" in self.gateway.output, "it is told"
        )
        return pid
