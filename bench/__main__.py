"""python -m bench: measure, print tables, write JSON."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from . import machine, profiling, scenarios, versions
from .catalogue import PEERS
from .figures import aligned, as_data, summarise, table
from .ground import Ground, Unavailable
from .loadgen import LoadFailed
from .plan import Step, steps
from .report import against
from .rounds import alternate, ready, tell
from .scenarios import UnknownScenario
from .targets import Finding, findings

#: One scenario: its baseline, load averages, summary and rounds.
Data = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Measure; the exit status is 1 if there was nothing to measure."""
    options = _parser().parse_args(arguments)
    try:
        wanted = steps(options.scenarios, options.peers)
    except UnknownScenario as error:
        tell(f"bench: {error}")
        return 2
    signal.signal(signal.SIGTERM, _leave)
    report = Report(options)
    try:
        with Ground() as ground:
            for word, found in _measured(ground, wanted, options):
                report.add(word, found)
            if not options.scenarios:
                report.count(_counted(ground))
    except Unavailable as error:
        tell(f"bench: {error}")
        return 1
    if not report.scenarios:
        return 1
    if held := [each for each in report.findings() if each.rounds]:
        print(f"\nagainst the targets\n\n{aligned(against(held))}")
    tell(f"all figures: {options.json}; as tables: make bench-report")
    return 0


class Report:
    """What was measured so far; written after every scenario, so that a run that is ended early was not in vain."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.scenarios: dict[str, Data] = {}
        self._path: Path = options.json
        self._about = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251
            "secs": options.secs,
            **machine.describe(),
            "versions": versions.installed(),
        }
        self._calls: dict[str, dict[str, float]] = {}

    def add(self, word: str, found: Data) -> None:
        """A scenario is through."""
        self.scenarios[word] = found
        self._write()

    def count(self, calls: dict[str, dict[str, float]]) -> None:
        """The calls were counted."""
        self._calls = calls
        self._write()

    def findings(self) -> list[Finding]:
        """What all of it says of the targets."""
        return findings({word: each["rounds"] for word, each in self.scenarios.items()})

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        report = {"about": self._about, "scenarios": self.scenarios, "calls": self._calls}
        self._path.write_text(json.dumps(report, indent=1) + "\n")


def _measured(ground: Ground, wanted: Sequence[Step], options: argparse.Namespace) -> Iterator[tuple[str, Data]]:
    until = time.monotonic() + 60 * options.minutes
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
        yield word, {"baseline": step.baseline, "load_average": load, "summary": as_data(summary), "rounds": found}


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
