"""The crowd of the soak: viewers that come, work and go in many ways, and strangers that get no console.

    idle      a pointer event now and then
    screen    screen updates of mixed sizes
    bulk      bursts of updates, some of them read slowly

A part of them speaks TLS. A session ends in one of these ways, and another one takes its place: the viewer leaves,
resets or ends its own direction only; the console ends or resets.
"""

from __future__ import annotations

import asyncio
import math
import random
import ssl
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from .viewer import PATIENCE, Broken, Viewer, WrongBytes, knock, reset

_HOST = "127.0.0.1"
#: Seconds that a session lives on average.
_LIFE_SECONDS = 100.0
#: Sessions that are opened a second while the crowd gathers.
_GATHERED_A_SECOND = 60
_STRANGER_SECONDS = 1.0
#: Seconds that those who say nothing of use stay.
_STRANGERS_STAY = (0.0, 0.01, 0.5)
_SLOW_PART = 0.1
_LEAST_KIB, _MOST_LAST_KIB = 4, 512
_NOT_AUTHORIZED, _BAD_GATEWAY = 401, 502
#: What is kept of what went wrong; all of it is counted.
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """What a viewer does.

    Attributes:
        part: of the crowd.
        pause_seconds: between two things that it does, on average.
        kib: the least and the most of an update; none for pointer events.
    """

    name: str
    part: float
    pause_seconds: float
    kib: tuple[int, int] | None = None


KINDS = (
    Kind("idle", 0.70, 12.0),
    Kind("screen", 0.27, 4.0, (_LEAST_KIB, _MOST_LAST_KIB)),
    Kind("bulk", 0.03, 20.0, (4096, 16384)),
)


class Crowd:
    """Viewers and strangers, from `gather` until `leave`.

    Args:
        tokens: those that open a session.
        dead_token: one whose console does not run.
        tls: for the viewers that speak TLS.
        tls_part: how many of all that are.

    Attributes:
        inside: sessions that are open now.
        counts: what happened, by a word for it.
        wrong: the first of what should not have happened.
    """

    def __init__(
        self,
        port: int,
        tokens: Sequence[str],
        *,
        sessions: int,
        dead_token: str,
        tls: ssl.SSLContext | None,
        tls_part: float,
    ) -> None:
        self._port, self._tokens, self._dead_token = port, tokens, dead_token
        self._sessions, self._tls, self._tls_part = sessions, tls, tls_part
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving = asyncio.Event()
        self.inside = 0
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def gather(self) -> None:
        """Begin; the crowd is complete after `gathering_seconds`."""
        self._tasks = [asyncio.create_task(self._place(number)) for number in range(self._sessions)]
        self._tasks.append(asyncio.create_task(self._strangers()))

    def check(self) -> None:
        """Raise what has ended one of our own tasks: a fault of this program."""
        for task in self._tasks:
            if task.done():
                task.result()

    @property
    def gathering_seconds(self) -> float:
        """How long it takes until all have been let in, if nothing is slow."""
        return self._sessions / _GATHERED_A_SECOND

    async def leave(self) -> None:
        """All sessions end, and nobody comes any more."""
        self._leaving.set()
        _, late = await asyncio.wait(self._tasks, timeout=3 * PATIENCE)
        for task in late:
            task.cancel()
            self._note("stuck", f"{task.get_name()} did not end")
        await asyncio.gather(*late, return_exceptions=True)
        self.check()

    # The sessions of one place, one after the other

    async def _place(self, number: int) -> None:
        kind = _kind_of(number / self._sessions)
        await self._sleep(number / _GATHERED_A_SECOND)
        while not self._leaving.is_set():
            try:
                await self._session(kind)
            except WrongBytes as error:
                self._note("wrong_bytes", f"{kind.name}: {error}")
            except Broken as error:
                self._note("broken", f"{kind.name}: {error}")
            await self._sleep(0.1)

    async def _session(self, kind: Kind) -> None:
        tls = self._tls if random.random() < self._tls_part else None
        viewer = await Viewer.enter(self._port, random.choice(self._tokens), tls)
        self.counts["tls_sessions" if tls else "sessions"] += 1
        self.inside += 1
        try:
            await self._work(viewer, kind)
            await self._end(viewer, in_tls=tls is not None)
        finally:
            self.inside -= 1
            viewer.abort()

    async def _work(self, viewer: Viewer, kind: Kind) -> None:
        until = _now() + random.expovariate(1 / _LIFE_SECONDS)
        while not self._leaving.is_set():
            await self._sleep(min(random.expovariate(1 / kind.pause_seconds), max(0.0, until - _now())))
            if _now() >= until:
                return
            if kind.kib is None:
                await viewer.point()
            else:
                await viewer.update(_size(*kind.kib), slowly=kind.name == "bulk" and random.random() < _SLOW_PART)
            self.counts[kind.name] += 1

    async def _end(self, viewer: Viewer, *, in_tls: bool) -> None:
        ways = ["leave", "leave", "reset", "console_end", "console_reset"]
        if not in_tls:
            ways.append("half_close")  # TLS as viewers speak it ends both directions
        way = random.choice(ways)
        self.counts[f"end_{way}"] += 1
        kib = _size(_LEAST_KIB, _MOST_LAST_KIB)
        match way:
            case "leave":
                await viewer.leave()
            case "half_close":
                await viewer.half_close(kib)
            case "console_end":
                await viewer.end_console(kib)
            case "console_reset":
                await viewer.reset_console()

    # Those that get no console

    async def _strangers(self) -> None:
        lives = [self._bad_token, self._dead_console, self._nonsense, self._silence, self._gone_at_once]
        while not self._leaving.is_set():
            life = random.choice(lives)
            try:
                await life()
            except Broken as error:
                self._note("broken", f"a stranger: {error}")
            self.counts["strangers"] += 1
            await self._sleep(random.expovariate(1 / _STRANGER_SECONDS))

    async def _bad_token(self) -> None:
        await self._refused("no-such-token", _NOT_AUTHORIZED)

    async def _dead_console(self) -> None:
        await self._refused(self._dead_token, _BAD_GATEWAY)

    async def _refused(self, token: str, expected: int) -> None:
        tls = self._tls if random.random() < self._tls_part else None
        status, viewer = await knock(self._port, token, tls)
        if viewer is not None:
            viewer.abort()
        if status != expected:
            self._note("wrong_status", f"{status} where {expected} was due")

    async def _nonsense(self) -> None:
        await self._say(random.randbytes(200))

    async def _silence(self) -> None:
        await self._say(b"")

    async def _gone_at_once(self) -> None:
        """A viewer that has a token and does not wait for its console."""
        await self._say(f"CONNECT /console?token={self._tokens[0]} HTTP/1.0\r\n\r\n".encode())

    async def _say(self, what: bytes) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                _, writer = await asyncio.open_connection(_HOST, self._port)
        except OSError as error:
            raise Broken(f"cannot connect: {error!r}") from error
        connected = writer.get_extra_info("socket")
        writer.write(what)
        await self._sleep(random.choice(_STRANGERS_STAY))
        if random.choice((True, False)):
            reset(connected, writer)
        writer.transport.abort()

    # All of them

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not longer than the crowd stays."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._leaving.wait()

    def _note(self, word: str, what: str) -> None:
        self.counts[word] += 1
        if len(self.wrong) < _TOLD:
            self.wrong.append(f"{word}: {what}")


def _kind_of(share: float) -> Kind:
    """Who stands at `share` of the crowd, 0 to 1."""
    for kind in KINDS:
        share -= kind.part
        if share < 0:
            return kind
    return KINDS[-1]


def _size(least: int, most: int) -> int:
    """Small ones are as common as ones twice as large."""
    return round(math.exp(random.uniform(math.log(least), math.log(most))))


def _now() -> float:
    return asyncio.get_running_loop().time()
