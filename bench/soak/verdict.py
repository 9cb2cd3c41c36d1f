"""What a soak must show: pure functions of its samples and counts.

Memory and descriptors are judged over a window that begins after the warm-up: by then all sessions are there, and
allocator, pools and caches have found their size. A straight line is fitted to the window, since single samples jump
by some hundred KiB with what is in flight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

#: The warm-up's part of the time after the crowd has gathered.
WARM_UP = 0.25
#: KiB that the fitted line may rise over the window, however long that is: what is in flight moves it by half as much
#: in a minute. More than ten sessions end every second, so a leak of 5 KiB a session shows within a minute, and one of
#: 80 bytes within an hour.
MOST_GROWTH_KIB = 2048
#: The same in parts of the memory at the window's beginning, for gateways of many workers.
MOST_GROWTH_PART = 0.03
#: Descriptors that the line may rise: the sessions of the moment come and go, and so do the pipes of bulk data.
MOST_DESCRIPTORS_GROWTH = 40
#: Descriptors that one process may hold more than before, once all have left: 16 pipes, and connections to memcached.
KEPT_DESCRIPTORS = 40
#: Threads that one process may have more than before: those of pools come when they are first needed.
KEPT_THREADS = 16
#: The part of the sessions that must be open, as the median of the window.
LEAST_INSIDE = 0.9
#: What must never happen, as the crowd counts it.
FAULTS = ("wrong_bytes", "wrong_status", "broken", "stuck")


@dataclass(frozen=True, slots=True)
class Sample:
    """The gateway at one moment.

    Attributes:
        seconds: since the crowd began to gather; negative before.
        own_kib: memory without the pages of libraries, whose share changes with whoever else uses them.
        inside: sessions that the crowd has open.
    """

    seconds: float
    own_kib: int
    descriptors: int
    threads: int
    processes: int
    inside: int


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    good: bool
    text: str


def window(samples: Sequence[Sample], gathered: float) -> list[Sample]:
    """The samples that count: after the crowd has gathered, in `gathered` seconds, and the warm-up."""
    last = samples[-1].seconds
    begin = gathered + WARM_UP * max(0.0, last - gathered)
    return [each for each in samples if each.seconds >= begin]


def most_descriptors(before: Sample) -> int:
    """What the gateway may hold once all have left."""
    return before.descriptors + KEPT_DESCRIPTORS * before.processes


def judge(
    *,
    before: Sample,
    counted: Sequence[Sample],
    after: Sample,
    sessions: int,
    counts: Mapping[str, int],
    tracebacks: int,
) -> list[Check]:
    """Everything that must hold.

    Args:
        before: the gateway before the crowd came.
        counted: the window.
        after: once the crowd has left.
        sessions: how many should have been open.
        counts: what happened, by the crowd's words.
        tracebacks: how many the gateway logged.
    """
    return [
        *_steady(counted, sessions),
        _at_most("descriptors, once all have left", after.descriptors, most_descriptors(before)),
        _at_most("threads, once all have left", after.threads, before.threads + KEPT_THREADS * before.processes),
        *(_at_most(word.replace("_", " "), counts.get(word, 0), 0) for word in FAULTS),
        _at_most("tracebacks in the log", tracebacks, 0),
    ]


def growth(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The straight line that fits best: its value at the first point, and what it rises until the last one."""
    count = len(points)
    middle = sum(x for x, _ in points) / count
    height = sum(y for _, y in points) / count
    spread = sum((x - middle) ** 2 for x, _ in points)
    slope = sum((x - middle) * (y - height) for x, y in points) / spread if spread else 0.0
    first, last = points[0][0], points[-1][0]
    return height + slope * (first - middle), slope * (last - first)


def _steady(counted: Sequence[Sample], sessions: int) -> Iterator[Check]:
    if len(counted) < 2:  # noqa: PLR2004
        yield Check(good=False, text="too short: there are no two samples after the warm-up")
        return
    minutes = (counted[-1].seconds - counted[0].seconds) / 60
    inside = sorted(each.inside for each in counted)[len(counted) // 2]
    wanted = round(LEAST_INSIDE * sessions)
    yield Check(inside >= wanted, f"sessions inside, median: {inside}, at least {wanted}")
    began, risen = growth([(each.seconds, each.own_kib) for each in counted])
    most = max(MOST_GROWTH_KIB, MOST_GROWTH_PART * began)
    yield Check(
        risen <= most,
        f"memory: {began / 1024:.1f} MiB and {risen:+.0f} KiB in {minutes:.1f} minutes, at most {most:+.0f} KiB",
    )
    began, risen = growth([(each.seconds, each.descriptors) for each in counted])
    yield Check(
        risen <= MOST_DESCRIPTORS_GROWTH,
        f"descriptors: {began:.0f} and {risen:+.1f} in {minutes:.1f} minutes, at most {MOST_DESCRIPTORS_GROWTH:+d}",
    )


def _at_most(what: str, found: int, most: int) -> Check:
    return Check(found <= most, f"{what}: {found}, at most {most}")
