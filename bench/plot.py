"""python -m bench.plot: the pictures of docs/performance.md, from the figures of a run and of a soak."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .figures import number, summarise
from .plan import BASELINE, GROWING_PEERS, SERIES, TLS_BASELINE
from .report import SHOWN, Rounds
from .rounds import tell

_OURS, _BEST, _OTHERS = "#1f6feb", "#3d444d", "#b7bdc8"
_WARM_UP = "#eef1f5"
_PANELS = (
    ("bulk:1", "bulk:32", "frames:8x20x512"),
    ("ping:1", "rate:200x20", "setup:50"),
    ("tls-bulk:1", "tls-bulk:32", "tls-frames:8x20x512"),
    ("tls-ping:1", "tls-rate:200x20", "tls-setup:50"),
)
#: Another peer's bar that is so many times the next smaller one is cut, else nobody sees the others.
_CUT = 6
_ROOM = 1.28  # right of the longest bar, for its figure
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "xvpproxy",  # the same figures give the same file
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def main(arguments: Sequence[str]) -> int:
    """Draw what there are figures for."""
    parser = argparse.ArgumentParser(prog="make bench-plot ARGS=...", description=__doc__)
    add = parser.add_argument
    add("--json", type=Path, default=Path("build/bench.json"), help="of make bench; default: %(default)s")
    add("--soak", type=Path, default=Path("build/soak.json"), help="of make soak; default: %(default)s")
    add("--into", type=Path, default=Path("docs"), metavar="DIRECTORY", help="default: %(default)s")
    options = parser.parse_args(arguments)
    mpl.rcParams.update(_STYLE)
    drawn: dict[str, Figure] = {}
    if options.json.exists():
        scenarios = json.loads(options.json.read_text())["scenarios"]
        rounds: Rounds = {word: each["rounds"] for word, each in scenarios.items()}
        drawn["performance.svg"] = bars(rounds)
        drawn["performance-growth.svg"] = growth(rounds)
    if options.soak.exists():
        drawn["performance-soak.svg"] = soak(json.loads(options.soak.read_text()))
    for name, figure in drawn.items():
        figure.savefig(options.into / name, metadata={"Date": None})
        tell(f"drawn: {options.into / name}")
    if not drawn:
        tell(f"bench-plot: there is neither {options.json} nor {options.soak}; measure first: make bench")
    return 0 if drawn else 2


def bars(rounds: Rounds) -> Figure:
    """A panel for each scenario, a bar for each peer: CPU per GiB, per round trip, per session."""
    rows = [[word for word in row if word in rounds] for row in _PANELS]
    rows = [row for row in rows if row]
    figure = Figure(figsize=(10.5, 2.2 * max(1, len(rows))), layout="constrained")
    grid = figure.subplots(max(1, len(rows)), 3, squeeze=False)
    for row, axes_row in zip(rows or [[]], grid, strict=True):
        for at, axes in enumerate(axes_row):
            if at < len(row):
                _bars(axes, row[at], rounds)
            else:
                axes.set_axis_off()
    return figure


def growth(rounds: Rounds) -> Figure:
    """Cost over the number of sessions, for the gateway and the best of the others."""
    figure = Figure(figsize=(10.5, 2.6), layout="constrained")
    for series, axes in zip(SERIES, figure.subplots(1, len(SERIES)), strict=True):
        kind = series[0].partition(":")[0]
        name, unit = next(iter(SHOWN[kind].items()))
        axes.set_title(f"{kind}: {unit}", loc="left")
        for peer in GROWING_PEERS:
            found = {word: summarise(rounds.get(word, ()), BASELINE).get(peer, {}).get(name) for word in series}
            points = [(_sessions(word), each.median) for word, each in found.items() if each]
            if points and peer != "direct":
                axes.plot(
                    *zip(*points, strict=True), "o-", color=_colour(peer), label=peer, linewidth=1.6, markersize=4
                )
        axes.set_xscale("log")
        axes.set_xticks([_sessions(word) for word in series], [f"{_sessions(word):,}" for word in series])
        axes.minorticks_off()
        axes.set_ylim(0, 1.1 * max((y for line in axes.get_lines() for y in line.get_ydata()), default=1.0))
        axes.set_xlabel("sessions")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def soak(report: Mapping[str, Any]) -> Figure:
    """Memory and descriptors of the gateway over the time of a soak."""
    samples = report["samples"]
    minutes = [each["seconds"] / 60 for each in samples]
    figure = Figure(figsize=(10.5, 3.6), layout="constrained")
    memory, descriptors = figure.subplots(2, 1, sharex=True)
    memory.plot(minutes, [each["own_kib"] / 1024 for each in samples], color=_OURS, linewidth=1.2)
    sessions = report["about"]["sessions"]
    memory.set_title(f"memory of its own, MiB, with {sessions:,} sessions of a mixed load", loc="left")
    descriptors.plot(minutes, [each["descriptors"] for each in samples], color=_OURS, linewidth=1.2)
    descriptors.set_title("file descriptors", loc="left")
    descriptors.set_xlabel("minutes")
    for axes in (memory, descriptors):
        axes.set_ylim(bottom=0)
        if report["window_seconds"]:
            axes.axvspan(0, report["window_seconds"] / 60, color=_WARM_UP, zorder=0)
    if report["window_seconds"]:
        memory.annotate("warm-up", (0.05, 0.08), xycoords="axes fraction", color=_BEST, fontsize=8)
    return figure


def _bars(axes: Axes, word: str, rounds: Rounds) -> None:
    kind = word.removeprefix("tls-").partition(":")[0]
    name, unit = next(iter(SHOWN[kind].items()))
    summary = summarise(rounds[word], BASELINE)
    values = {
        peer: figures[name].median
        for peer, figures in summary.items()
        if name in figures and peer != "direct" and not peer.endswith("-2")
    }
    peers = sorted(values, key=lambda peer: values[peer], reverse=True)
    shown = max((each for peer, each in values.items() if _colour(peer) != _OTHERS), default=0.0)
    longest = _longest(sorted(values.values()), shown)
    axes.barh(
        peers, [min(values[peer], longest) for peer in peers], color=[_colour(peer) for peer in peers], height=0.7
    )
    for at, peer in enumerate(peers):
        cut = " (cut)" if values[peer] > longest else ""
        axes.annotate(
            f"{number(values[peer])}{cut}",
            (min(values[peer], longest), at),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_xlim(0, longest * _ROOM)
    axes.set_title(f"{word}: {unit}", loc="left")
    axes.tick_params(left=False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def _longest(ascending: Sequence[float], shown: float) -> float:
    """Where bars end: at the largest value that is not far beyond the next smaller one, and not below `shown`."""
    for smaller, larger in pairwise(ascending):
        if smaller >= shown and larger > _CUT * smaller:
            return smaller * 1.1
    return ascending[-1]


def _colour(peer: str) -> str:
    return _OURS if peer.startswith("xvpproxy") else _BEST if peer in (BASELINE, TLS_BASELINE) else _OTHERS


def _sessions(word: str) -> int:
    return int(word.partition(":")[2].partition("x")[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
