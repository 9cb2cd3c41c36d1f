"""python -m bench.soak: put a mixed load on a gateway; say whether memory, descriptors and bytes were right."""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import machine
from bench.catalogue import PEERS, Peer
from bench.ground import Ground, Unavailable
from bench.loadgen import LoadFailed
from bench.rounds import tell

from .crowd import KINDS, Crowd
from .verdict import Check, Sample, judge, most_descriptors, window

_SAMPLE_SECONDS = 1.0
#: Seconds in which the gateway must have closed what the crowd left: many times its own time-outs.
_SETTLE_SECONDS = 20.0
_PROGRESS_SECONDS = 60.0
_GATEWAYS = [name for name, peer in PEERS.items() if peer.mode == "xvps"]


def main(arguments: Sequence[str]) -> int:
    """Soak; the exit status is 1 if anything was not as it must be."""
    options = _parser().parse_args(arguments)
    peer = PEERS[options.peer]
    try:
        with Ground() as ground:
            ground.start(peer)
            ground.check(peer)
            report, checks = asyncio.run(_soak(ground, peer, options))
    except (Unavailable, LoadFailed) as error:
        tell(f"soak: {error}")
        return 1
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    for check in checks:
        print(f"{'ok  ' if check.good else 'FAIL'} {check.text}")
    tell(f"all samples: {options.json}; the gateway's log: {options.json.with_suffix('.log')}")
    return 0 if all(check.good for check in checks) else 1


async def _soak(ground: Ground, peer: Peer, options: argparse.Namespace) -> tuple[dict[str, object], list[Check]]:
    tokens = ground.tokens()
    crowd = Crowd(
        ground.port(peer),
        tokens.alive,
        sessions=options.sessions,
        dead_token=tokens.dead,
        tls=ssl.create_default_context(cafile=str(ground.certificate())),
        tls_part=options.tls_part,
    )
    began = time.monotonic()

    def look() -> Sample:
        return _sample(ground.processes(peer), time.monotonic() - began, crowd.inside)

    before, cpu = look(), ground.cpu_seconds(peer)
    crowd.gather()
    samples = await _watch(look, crowd, crowd.gathering_seconds + 60 * options.minutes)
    spent = {name: each - cpu[name] for name, each in ground.cpu_seconds(peer).items()}
    await crowd.leave()
    after = await _settled(look, before)
    counted = window(samples, crowd.gathering_seconds)
    log = ground.output(peer)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.with_suffix(".log").write_text(log)
    checks = judge(
        before=before,
        counted=counted,
        after=after,
        sessions=options.sessions,
        counts=crowd.counts,
        tracebacks=log.count("Traceback") + log.count("Unhandled"),
    )
    for wrong in crowd.wrong:
        tell(wrong)
    tell(_told(samples[-1].seconds, crowd.counts))
    report: dict[str, object] = {
        "about": {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251
            "peer": peer.name,
            "sessions": options.sessions,
            "cpu_percent": {name: round(100 * each / samples[-1].seconds, 1) for name, each in spent.items()},
            **machine.describe(),
        },
        "checks": [asdict(each) for each in checks],
        "counts": dict(crowd.counts),
        "outcomes": _outcomes(log),
        "wrong": crowd.wrong,
        "window_seconds": counted[0].seconds if counted else None,
        "samples": [asdict(each) for each in (before, *samples, after)],
    }
    return report, checks


async def _watch(look: Callable[[], Sample], crowd: Crowd, seconds: float) -> list[Sample]:
    """A sample a second, and a line a minute."""
    samples: list[Sample] = []
    due = _PROGRESS_SECONDS
    while not samples or samples[-1].seconds < seconds:
        await asyncio.sleep(_SAMPLE_SECONDS)
        crowd.check()
        samples.append(look())
        if samples[-1].seconds >= due:
            due += _PROGRESS_SECONDS
            now = samples[-1]
            tell(
                f"{now.seconds / 60:.0f} min: {now.inside} sessions, {now.own_kib / 1024:.1f} MiB, "
                f"{now.descriptors} descriptors, {_told(now.seconds, crowd.counts)}"
            )
    return samples


async def _settled(look: Callable[[], Sample], before: Sample) -> Sample:
    """The gateway once it holds no more than it keeps, or when that took too long."""
    until = time.monotonic() + _SETTLE_SECONDS
    while True:
        await asyncio.sleep(_SAMPLE_SECONDS)
        now = look()
        if now.descriptors <= most_descriptors(before) or time.monotonic() > until:
            return now


def _sample(processes: Sequence[int], seconds: float, inside: int) -> Sample:
    return Sample(
        seconds=round(seconds, 3),
        own_kib=machine.own_kib(processes),
        descriptors=machine.descriptors(processes),
        threads=machine.threads(processes),
        processes=len(processes),
        inside=inside,
    )


def _told(seconds: float, counts: Counter[str]) -> str:
    opened = counts["sessions"] + counts["tls_sessions"]
    done = ", ".join(f"{counts[kind.name]} {kind.name}" for kind in KINDS)
    return f"{opened} sessions opened ({opened / seconds:.1f} a second), {done}, {counts['strangers']} strangers"


def _outcomes(log: str) -> dict[str, int]:
    """How often each outcome is in the gateway's log."""
    found = (line.partition("closed outcome=")[2].split()[:1] for line in log.splitlines())
    return dict(Counter(word for words in found for word in words))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make soak ARGS=...", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=5.0, help="after all sessions are open; default: %(default)s")
    add("--sessions", type=int, default=1000, help="open at once; default: %(default)s")
    add("--tls-part", type=float, default=0.3, help="of the sessions, 0 to 1; default: %(default)s")
    add("--peer", choices=_GATEWAYS, default=_GATEWAYS[0], help="default: %(default)s")
    add("--json", type=Path, default=Path("build/soak.json"), help="where all samples go; default: %(default)s")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
