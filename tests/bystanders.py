"""Sessions that have nothing to do with a fault, and must not notice it."""

import os
from collections.abc import Iterable

from twisted.internet.task import LoopingCall

from tests import viewers
from tests.endpoint import Endpoint

BYSTANDERS = 20


class Bystanders:
    """Viewers of consoles that echo: they talk all the time, and compare what they hear with what they said."""

    def __init__(self) -> None:
        self._viewers: list[Endpoint] = []
        self._said: list[bytes] = []
        self._talking = LoopingCall(self._talk)

    async def enter(self, port: int, tokens: Iterable[str]) -> None:
        """Open a session with each of `tokens` and begin to talk."""
        for token in tokens:
            self._viewers.append(await viewers.enter(port, token))
            self._said.append(b"")
        self._talking.start(0.1)

    def _talk(self) -> None:
        for number, viewer in enumerate(self._viewers):
            block = os.urandom(700)
            self._said[number] += block
            viewer.write(block)

    def stop(self) -> None:
        if self._talking.running:
            self._talking.stop()

    async def check(self) -> None:
        """Stop, and hold every viewer to have heard all that it said."""
        self.stop()
        for viewer, said in zip(self._viewers, self._said, strict=True):
            if await viewer.read(len(said)) != said:
                raise AssertionError("a bystander heard something else than it said")
        self._said = [b""] * len(self._viewers)

    async def leave(self) -> None:
        """End the sessions."""
        self.stop()
        await viewers.leave(self._viewers)
