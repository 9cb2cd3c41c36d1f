"""python -m bench: measure, print tables, write JSON."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from . import machine, scenarios
from .catalogue import PEERS, Peer
from .figures import as_data, summarise, table
from .ground import Ground, Unavailable
from .rounds import alternate, ready, tell
from .scenarios import Scenario, UnknownScenario

SCENARIOS = (
    "bulk:1,bulk:4,bulk:32,frames:8x20x512,frames:100x20x16,ping:1,rate:200x20,mix:8x20x512,setup:50,idle:2000,"
    "tls-bulk:1,tls-bulk:32,tls-frames:8x20x512,tls-ping:1,tls-rate:200x20,tls-setup:50,tls-resume:50,tls-idle:1000"
)
#: Against these the ratios are, in the clear and inside TLS.
BASELINE, TLS_BASELINE = "haproxy-splice", "haproxy-tls"
#: Starting a proxy afresh and opening so many sessions takes long, and memory hardly varies.
_IDLE_ROUNDS = 1


def main(arguments: Sequence[str]) -> int:
    """Measure; the exit status is 1 if there was nothing to measure."""
    options = _parser().parse_args(arguments)
    try:
        wanted = [Scenario.read(word) for word in options.scenarios.split(",")]
        peers = [_peer(name) for name in options.peers.split(",")]
    except UnknownScenario as error:
        tell(f"bench: {error}")
        return 2
    signal.signal(signal.SIGTERM, _leave)
    peers = [peer for peer in peers if any(scenario.fits(peer) for scenario in wanted)]
    try:
        with Ground() as ground:
            report = _measured(ground, peers, wanted, options)
    except Unavailable as error:
        tell(f"bench: {error}")
        return 1
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    tell(f"all figures: {options.json}")
    return 0 if any(each["rounds"] for each in report["scenarios"].values()) else 1


def _measured(
    ground: Ground, peers: Sequence[Peer], wanted: Sequence[Scenario], options: argparse.Namespace
) -> dict[str, dict[str, dict[str, object]]]:
    until = time.monotonic() + 60 * options.minutes
    told: dict[str, dict[str, object]] = {}
    good = ready(ground, peers)
    for scenario in wanted:
        baseline = TLS_BASELINE if scenario.tls else BASELINE
        rounds = _IDLE_ROUNDS if scenario.kind == "idle" else options.rounds
        before = machine.load_average()
        found = list(alternate(ground, good, scenario, rounds=rounds, seconds=options.secs, until=until))
        if not any(found):
            tell(f"{scenario.word}: nothing was measured")
            continue
        summary = summarise(found, baseline)
        load = (before, machine.load_average())
        print(f"\n{scenario.word}   ({len(found)} rounds, load average {load[0]:.1f} to {load[1]:.1f})\n")
        print(table(summary, baseline), flush=True)
        told[scenario.word] = {
            "baseline": baseline,
            "load_average": load,
            "summary": as_data(summary),
            "rounds": found,
        }
    about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "secs": options.secs, **machine.describe()}  # noqa: TID251
    return {"about": about, "scenarios": told}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make bench ARGS=...",
        description=scenarios.__doc__,
        epilog=f"peers: {', '.join(PEERS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--scenarios", default=SCENARIOS, metavar="WORD,...", help="default: all that docs/performance.md shows")
    add("--peers", default=",".join(PEERS), metavar="NAME,...", help="default: all; what is missing is skipped")
    add("--rounds", type=int, default=5, help="default: %(default)s")
    add("--secs", type=float, default=0.5, help="length of one run; default: %(default)s")
    add("--minutes", type=float, default=20.0, help="begin nothing after so long; default: %(default)s")
    add("--json", type=Path, default=Path("build/bench.json"), help="where all figures go; default: %(default)s")
    return parser


def _peer(name: str) -> Peer:
    if name not in PEERS:
        raise UnknownScenario(f"{name!r} is no peer; there are {', '.join(PEERS)}")
    return PEERS[name]


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End as after Ctrl-C: everything that was started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
