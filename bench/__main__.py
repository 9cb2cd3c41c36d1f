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

from . import machine, profiling, scenarios, versions
from .catalogue import PEERS
from .figures import as_data, summarise, table
from .ground import Ground, Unavailable
from .loadgen import LoadFailed
from .plan import Step, steps
from .rounds import alternate, ready, tell
from .scenarios import UnknownScenario

Data = dict[str, object]


def main(arguments: Sequence[str]) -> int:
    """Measure; the exit status is 1 if there was nothing to measure."""
    options = _parser().parse_args(arguments)
    try:
        wanted = steps(options.scenarios, options.peers)
    except UnknownScenario as error:
        tell(f"bench: {error}")
        return 2
    signal.signal(signal.SIGTERM, _leave)
    try:
        with Ground() as ground:
            told = _measured(ground, wanted, options)
            counted = {} if options.scenarios else _counted(ground)
    except Unavailable as error:
        tell(f"bench: {error}")
        return 1
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251
        "secs": options.secs,
        **machine.describe(),
        "versions": versions.installed(),
    }
    report = {"about": about, "scenarios": told, "calls": counted}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1) + "\n")
    tell(f"all figures: {options.json}; as tables: make bench-report")
    return 0 if told else 1


def _measured(ground: Ground, wanted: Sequence[Step], options: argparse.Namespace) -> dict[str, Data]:
    until = time.monotonic() + 60 * options.minutes
    told: dict[str, Data] = {}
    good = ready(ground, list({peer.name: peer for step in wanted for peer in step.peers}.values()))
    for step in wanted:
        word = step.scenario.word
        peers = [peer for peer in step.peers if peer in good]
        before, began = machine.load_average(), time.monotonic()
        found = list(alternate(ground, peers, step.scenario, rounds=options.rounds, seconds=options.secs, until=until))
        if not any(found):
            tell(f"{word}: nothing was measured")
            continue
        summary = summarise(found, step.baseline)
        load = (before, machine.load_average())
        took = time.monotonic() - began
        print(f"\n{word}   ({len(found)} rounds in {took:.0f} s, load average {load[0]:.1f} to {load[1]:.1f})\n")
        print(table(summary, step.baseline), flush=True)
        told[word] = {
            "baseline": step.baseline,
            "load_average": load,
            "summary": as_data(summary),
            "rounds": found,
        }
    return told


def _counted(ground: Ground) -> dict[str, dict[str, float]]:
    """Calls of functions, which no noise moves."""
    try:
        return profiling.counted(ground)
    except (Unavailable, LoadFailed) as error:
        tell(f"calls were not counted: {error}")
        return {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make bench ARGS=...",
        description=scenarios.__doc__,
        epilog=f"peers: {', '.join(PEERS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--scenarios", default="", metavar="WORD,...", help="default: all that docs/performance.md shows")
    add("--peers", default="", metavar="NAME,...", help="default: all; what is missing is skipped")
    add("--rounds", type=int, default=5, help="default: %(default)s")
    add("--secs", type=float, default=0.5, help="length of one run; default: %(default)s")
    add("--minutes", type=float, default=30.0, help="begin nothing after so long; default: %(default)s")
    add("--json", type=Path, default=Path("build/bench.json"), help="where all figures go; default: %(default)s")
    return parser


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End as after Ctrl-C: everything that was started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
