"""What is measured: a scenario is a word like `bulk:4` or `tls-frames:8x20x512`, and gives figures for one peer.

    bulk:N          N sessions, updates from the console as fast as they come
    frames:NxRxK    N sessions, R updates a second of K KiB each: screens that change
    ping:N          N sessions, the next pointer event once the last one is answered
    rate:NxR        N sessions, R pointer events a second each
    mix:NxRxK       one ping session beside frames:NxRxK: what bulk does to others
    setup:N         whole sessions, N at once: connect, the console's first bytes, close
    resume:N        the same with TLS tickets (only with tls-)
    idle:N          N sessions that do nothing: memory
    idle-after:NxK  the same, after one update of K KiB on each

With `tls-` in front the viewers speak TLS 1.3.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from . import machine
from .catalogue import Peer
from .ground import Ground
from .loadgen import LoadFailed, Result

#: Figures by name: those of one peer in one round.
Figures = dict[str, float]

_MIB, _GIB = 1 << 20, 1 << 30
#: Seconds until a proxy has done what it does late: reading an end, freeing memory.
_SETTLE_SECONDS = 0.2
_IDLE_SECONDS = 0.5
_NUMBERS = {"bulk": 1, "frames": 3, "ping": 1, "rate": 2, "mix": 3, "setup": 1, "resume": 1, "idle": 1, "idle-after": 2}


class UnknownScenario(ValueError):
    """No scenario has that name."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario, read from its word."""

    word: str
    kind: str
    numbers: tuple[int, ...]
    tls: bool

    @classmethod
    def read(cls, word: str) -> Scenario:
        """The scenario that `word` means.

        Raises:
            UnknownScenario: with the words that there are.
        """
        kind, _, rest = word.removeprefix("tls-").partition(":")
        numbers = rest.split("x")
        tls = word.startswith("tls-")
        right = len(numbers) == _NUMBERS.get(kind) and all(each.isdigit() and int(each) for each in numbers)
        if not right or (kind == "resume" and not tls):
            kinds = ", ".join(f"{name}:{'x'.join('NRK'[:count])}" for name, count in _NUMBERS.items())
            raise UnknownScenario(f"{word!r} is no scenario; there are {kinds}, and with tls- in front the same in TLS")
        return cls(word, kind, tuple(map(int, numbers)), tls)

    @property
    def idle(self) -> bool:
        """Whether its sessions do nothing, and memory is what is measured."""
        return self.kind.startswith("idle")

    def fits(self, peer: Peer) -> bool:
        """Whether `peer` takes part; `direct` always does, as the ground of every latency."""
        if self.idle and (not peer.command or self.numbers[0] > peer.most_idle):
            return False
        if self.numbers[0] < peer.least_sessions:
            return False
        return not peer.command or peer.tls == self.tls

    def settings(self) -> dict[str, object]:
        """What the load generator is told."""
        match self.kind, self.numbers:
            case "bulk", (count,):
                return {"test": "bulk", "sessions": count, "chunk_kib": max(1024, 16384 // count)}
            case "ping", (count,):
                return {"test": "ping", "sessions": count}
            case "rate", (count, rate):
                return {"test": "paced", "sessions": count, "rate": rate}
            case (("frames" | "mix"), (count, rate, kib)):
                return {"test": "paced", "sessions": count, "rate": rate, "frame_kib": kib}
            case (("setup" | "resume"), (count,)):
                return {"test": "setup", "at_once": count, "resume": int(self.kind == "resume")}
            case _, (count, *update):
                return {"test": "idle", "sessions": count, "touch": 1, "frame_kib": update[0] if update else 0}
        raise AssertionError(f"{self.word} was not read")

    def measure(self, ground: Ground, peer: Peer, seconds: float) -> Figures:
        """The figures of one peer in one round of about `seconds`."""
        return _MEASURES[self.kind](ground, peer, self, seconds)


def sound(found: Result) -> Result:
    """What the load generator found, if nothing went wrong.

    Raises:
        LoadFailed: something did.
    """
    if found["errors"]:
        raise LoadFailed(f"{found['errors']:g} errors: the proxy refused, broke or did not keep up")
    return found


def _bulk(ground: Ground, peer: Peer, scenario: Scenario, seconds: float) -> Figures:
    found, cpu = _loaded(ground, peer, scenario, seconds)
    return {"cpu_s_per_gib": cpu * _GIB / found["bytes"], "mib_per_s": found["bytes"] / _MIB / found["seconds"]}


def _frames(ground: Ground, peer: Peer, scenario: Scenario, seconds: float) -> Figures:
    found, cpu = _loaded(ground, peer, scenario, seconds)
    return {"cpu_s_per_gib": cpu * _GIB / found["bytes"], **_latency(found)}


def _messages(ground: Ground, peer: Peer, scenario: Scenario, seconds: float) -> Figures:
    found, cpu = _loaded(ground, peer, scenario, seconds)
    return {"cpu_us_per_message": cpu * 1e6 / found["done"], **_latency(found)}


def _mix(ground: Ground, peer: Peer, scenario: Scenario, seconds: float) -> Figures:
    longer = seconds + 2 * _SETTLE_SECONDS
    with (
        ground.load(peer, seconds=longer, **scenario.settings()) as frames,
        ground.load(peer, seconds=seconds, test="ping", sessions=1) as ping,
    ):
        frames.begin()
        time.sleep(_SETTLE_SECONDS)
        found, beside = sound(ping.run()), sound(frames.result())
    return {**_latency(found), "frame_p50_us": beside["p50_us"]}


def _setup(ground: Ground, peer: Peer, scenario: Scenario, seconds: float) -> Figures:
    found, cpu = _loaded(ground, peer, scenario, seconds)
    done = found["done"]
    figures = {"cpu_ms_per_session": cpu * 1e3 / done, "sessions_per_s": done / found["seconds"]}
    if scenario.kind == "resume":
        figures["resumed_percent"] = 100 * found["resumed"] / done
    return {**figures, **_latency(found)}


def _idle(ground: Ground, peer: Peer, scenario: Scenario, _seconds: float) -> Figures:
    count = scenario.numbers[0]
    ground.start(peer)
    ground.check(peer)
    time.sleep(_IDLE_SECONDS)
    members = ground.processes(peer)
    base, base_rss = machine.pss_kib(members), machine.rss_kib(members)
    with ground.load(peer, **scenario.settings()) as load:
        time.sleep(_IDLE_SECONDS)
        opened = sound(load.run())["open"]
        members = ground.processes(peer)
        grown, before = machine.pss_kib(members) - base, machine.cpu_seconds(members)
        time.sleep(_IDLE_SECONDS)
        busy = (machine.cpu_seconds(members) - before) / _IDLE_SECONDS
    if opened != count:
        raise LoadFailed(f"{opened:g} of {count} sessions opened")
    return {
        "pss_kib_per_session": grown / count,
        "base_mib": base / 1024,
        "base_rss_mib": base_rss / 1024,
        "idle_cpu_percent": 100 * busy,
    }


def _loaded(ground: Ground, peer: Peer, scenario: Scenario, seconds: float) -> tuple[Result, float]:
    """What the viewers found, and the CPU seconds that the proxy spent meanwhile, its late work included."""
    with ground.load(peer, seconds=seconds, **scenario.settings()) as load:
        time.sleep(_SETTLE_SECONDS / 4)
        before = machine.cpu_seconds(ground.processes(peer))
        found = sound(load.run())
        if scenario.kind in ("setup", "resume"):
            time.sleep(_SETTLE_SECONDS)
        cpu = machine.cpu_seconds(ground.processes(peer)) - before
    if not found["bytes" if scenario.kind == "bulk" else "done"]:
        raise LoadFailed("nothing came through")
    return found, cpu


def _latency(found: Result) -> Figures:
    return {"p50_us": found["p50_us"], "p99_us": found["p99_us"]}


_MEASURES: dict[str, Callable[[Ground, Peer, Scenario, float], Figures]] = {
    "bulk": _bulk,
    "frames": _frames,
    "ping": _messages,
    "rate": _messages,
    "mix": _mix,
    "setup": _setup,
    "resume": _setup,
    "idle": _idle,
    "idle-after": _idle,
}
