"""python -m bench.report: the figures of a run as the tables of docs/performance.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .figures import Round, Summary, number, summarise
from .plan import BASELINE, COMPARED, GROWING_PEERS, SERIES, TLS_BASELINE
from .rounds import tell
from .targets import Finding, findings

#: What is shown of each kind of scenario, with its unit.
SHOWN = {
    "bulk": {"cpu_s_per_gib": "CPU s/GiB"},
    "frames": {"cpu_s_per_gib": "CPU s/GiB"},
    "ping": {"cpu_us_per_message": "CPU µs/round trip", "p50_us": "p50 µs above direct"},
    "rate": {"cpu_us_per_message": "CPU µs/round trip", "p50_us": "p50 µs above direct"},
    "mix": {"p50_us": "ping p50 µs above direct"},
    "setup": {"cpu_ms_per_session": "CPU ms/session"},
    "resume": {"cpu_ms_per_session": "CPU ms/session"},
    "idle": {"pss_kib_per_session": "KiB/session"},
    "idle-after": {"pss_kib_per_session": "KiB/session"},
}
BEGIN, END = "<!-- figures of make bench-report -->", "<!-- end of figures -->"
_TWO, _DIRECT = "-2", "direct"
_PAIRED = ("bulk:32", "rate:200x20", "setup:50", "tls-bulk:32", "tls-rate:200x20", "tls-setup:50", "tls-resume:50")

Rounds = Mapping[str, Sequence[Round]]
Table = list[list[str]]


def main(arguments: Sequence[str]) -> int:
    """Print the tables, or put them in their place."""
    parser = argparse.ArgumentParser(prog="make bench-report ARGS=...", description=__doc__)
    parser.add_argument("json", nargs="?", type=Path, default=Path("build/bench.json"), help="default: %(default)s")
    parser.add_argument("--into", type=Path, metavar="FILE", help="replace what stands between the two marks there")
    options = parser.parse_args(arguments)
    try:
        report = json.loads(options.json.read_text())
    except FileNotFoundError:
        tell(f"bench-report: there is no {options.json}; measure first: make bench")
        return 2
    told = "\n".join(lines(report))
    if options.into is None:
        print(told)
    elif not place(options.into, told):
        tell(f"bench-report: {options.into} has no lines {BEGIN!r} and {END!r}")
        return 2
    return 0


def place(path: Path, told: str) -> bool:
    """Put `told` between the marks of a file; whether it has them."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        return False
    path.write_text(f"{before}{begin}\n\n{told}\n{end}{after}")
    return True


def lines(report: Mapping[str, Any]) -> Iterator[str]:
    """The whole report, as Markdown."""
    scenarios: dict[str, Any] = report["scenarios"]
    rounds: Rounds = {word: each["rounds"] for word, each in scenarios.items()}
    yield from _about(report, scenarios)
    yield from _headed(f"Ratios to {BASELINE}", compared(rounds, BASELINE, tls=False))
    yield from _headed(f"Ratios to {TLS_BASELINE}", compared(rounds, TLS_BASELINE, tls=True))
    yield from _headed("Two threads or workers, and the ratio to one", paired(rounds))
    yield from _headed("How cost grows with sessions", growing(rounds))
    yield from _headed("Function calls in the gateway", called(report.get("calls", {})))
    yield from _headed("Against the targets", against(findings(rounds)))


def compared(rounds: Rounds, baseline: str, *, tls: bool) -> Table:
    """A row for each figure, a column for each peer: the median and its ratio."""
    words = [word for word in COMPARED if word in rounds and word.startswith("tls-") == tls]
    every = {word: summarise(rounds[word], baseline) for word in words}
    peers = [
        peer
        for peer in dict.fromkeys(peer for summary in every.values() for peer in summary)
        if peer != _DIRECT and not peer.endswith(_TWO)
    ]
    rows = [["scenario", "figure", *sorted(peers, key=_place)]]
    for word, summary in every.items():
        for figure, unit in _shown(word).items():
            cells = [_cell(summary.get(peer, {}).get(figure)) for peer in rows[0][2:]]
            rows.append([word, unit, *cells])
    return rows


def paired(rounds: Rounds) -> Table:
    """Two workers beside one, in each scenario that they can share."""
    rows = []
    for word in _PAIRED:
        peers = dict.fromkeys(peer for each in rounds.get(word, ()) for peer in each)
        figure, unit = next(iter(_shown(word).items()))
        for two in sorted(peer for peer in peers if peer.endswith(_TWO)):
            one = two.removesuffix(_TWO)
            summary = summarise(rounds[word], one)
            rows.append([word, one, unit, _plain(summary.get(one, {}).get(figure)), _cell(summary[two].get(figure))])
    return [["scenario", "peer", "figure", "one", "two"], *rows] if rows else []


def growing(rounds: Rounds) -> Table:
    """The same figure for more and more sessions."""
    rows = [["figure", "peer", "sessions: cost"]]
    for series in SERIES:
        figure, unit = next(iter(_shown(series[0]).items()))
        for peer in GROWING_PEERS:
            found = {word: summarise(rounds.get(word, ()), BASELINE).get(peer, {}).get(figure) for word in series}
            cells = [f"{_sessions(word)}: {number(each.median)}" for word, each in found.items() if each]
            if peer != _DIRECT and cells:
                rows.append([f"{_kind(series[0])}, {unit}", peer, ", ".join(cells)])
    return rows


def called(calls: Mapping[str, Mapping[str, float]]) -> Table:
    """Calls for each session set-up or round trip."""
    rows = [[word, f"{each['python']:.0f}", f"{each['all']:.0f}"] for word, each in calls.items()]
    return [["scenario", "written in Python", "all"], *rows] if rows else []


def against(found: Sequence[Finding]) -> Table:
    """A row for each target."""
    rows = [["figure", "scenario", "to", "at most", "beyond", "measured", "rounds", ""]]
    for each in found:
        target = each.target
        spread = f"{number(each.least)} to {number(each.most)}" if each.rounds else "-"
        unit = f" {target.unit}" if target.unit else ""
        rows.append(
            [
                target.text,
                target.word,
                target.other or "-",
                f"{target.most:g}{unit}",
                f"{target.beyond:g}{unit}",
                f"{number(each.value)}{unit if each.rounds else ''}",
                spread,
                each.verdict,
            ]
        )
    return rows


def _about(report: Mapping[str, Any], scenarios: Mapping[str, Any]) -> Iterator[str]:
    about = report["about"]
    loads = [load for each in scenarios.values() for load in each["load_average"]]
    counts = [len(each["rounds"]) for each in scenarios.values()]
    versions = ", ".join(f"{name} {each}" for name, each in about.get("versions", {}).items())
    yield (
        f"Measured {about['at'][:10]} on {about['cpus']} cores ({about['cpu']}), Linux {about['kernel'].split('-')[0]}"
        + (f"; {versions}." if versions else ".")
    )
    if loads:
        rounds = f"{counts[0]}" if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"
        yield (
            f"{rounds} rounds of {about['secs']:g} s; load average of the machine "
            f"{min(loads):.1f} to {max(loads):.1f}, the benchmark's own load included."
        )


def _headed(heading: str, rows: Table) -> Iterator[str]:
    if len(rows) < 2:  # noqa: PLR2004  (nothing below its head)
        return
    head, *rest = rows
    yield from ("", f"### {heading}", "", _row(head), _row(["---"] * len(head)), *map(_row, rest))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(found: Summary | None) -> str:
    if found is None:
        return "-"
    return _plain(found) + (f" ({number(found.ratio)})" if found.ratio is not None else "")


def _plain(found: Summary | None) -> str:
    if found is None:
        return "-"
    return number(found.median if found.above_direct is None else found.above_direct)


def _shown(word: str) -> dict[str, str]:
    return SHOWN[_kind(word)]


def _kind(word: str) -> str:
    return word.removeprefix("tls-").partition(":")[0]


def _sessions(word: str) -> str:
    return word.partition(":")[2].partition("x")[0]


def _place(peer: str) -> tuple[bool, str]:
    """The gateway stands last."""
    return peer.startswith("xvpproxy"), peer


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
