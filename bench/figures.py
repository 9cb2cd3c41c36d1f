"""From rounds to what is quoted: medians, and ratios taken within each round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from .scenarios import Figures

#: One round: the figures of every peer that got through it.
Round = dict[str, Figures]

#: Latencies, which only mean something above those without any proxy.
_LATENCIES = ("p50_us", "p99_us", "frame_p50_us")
_DIRECT = "direct"
_WHOLE, _TENTH = 100, 10


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure of one peer over all rounds.

    Attributes:
        ratio: to the baseline, the median of the rounds' ratios; for a latency, of what is above direct. None where
            there is nothing to compare with.
        ratios: those of the single rounds.
        above_direct: for a latency, the median of what the proxy adds.
        rounds: how many rounds gave it.
    """

    median: float
    least: float
    most: float
    ratio: float | None
    ratios: tuple[float, ...]
    above_direct: float | None
    rounds: int


def summarise(rounds: Sequence[Round], baseline: str) -> dict[str, dict[str, Summary]]:
    """The summary of each figure by peer."""
    peers = dict.fromkeys(peer for each in rounds for peer in each)
    return {peer: _of_peer(rounds, peer, baseline) for peer in peers}


def as_data(summary: dict[str, dict[str, Summary]]) -> dict[str, dict[str, dict[str, object]]]:
    """The same for JSON."""
    return {peer: {name: asdict(each) for name, each in figures.items()} for peer, figures in summary.items()}


def table(summary: dict[str, dict[str, Summary]], baseline: str) -> str:
    """The summary for people: a line a peer, and how far its first figure swung."""
    names = list(dict.fromkeys(name for figures in summary.values() for name in figures))
    head = ["peer"]
    for name in names:
        head += [name, f"+{_DIRECT}", "x"] if name in _LATENCIES else [name, "x"]
    rows = [[*head, "spread"]]
    for peer, figures in summary.items():
        row = [peer]
        for name in names:
            each = figures.get(name)
            row.append(number(each.median if each else None))
            if name in _LATENCIES:
                row.append(number(each.above_direct if each else None))
            row.append(number(each.ratio if each else None))
        first = figures[names[0]]
        rows.append([*row, f"{number(first.least)}..{number(first.most)}"])
    note = f"x: ratio to {baseline} in the same round, median of the rounds; spread: first column"
    return f"{aligned(rows)}\n{note}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows with their columns below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _of_peer(rounds: Sequence[Round], peer: str, baseline: str) -> dict[str, Summary]:
    names = dict.fromkeys(name for each in rounds for name in each.get(peer, {}))
    return {name: _of_figure(rounds, peer, name, baseline) for name in names}


def _of_figure(rounds: Sequence[Round], peer: str, name: str, baseline: str) -> Summary:
    values = [each[peer][name] for each in rounds if name in each.get(peer, {})]
    latency = name in _LATENCIES
    ratios, above = [], []
    for each in rounds:
        own, other, ground = (each.get(who, {}).get(name) for who in (peer, baseline, _DIRECT))
        if own is None:
            continue
        if latency and ground is not None:
            above.append(own - ground)
        if latency and (ground is None or peer == _DIRECT):
            continue
        shift = ground or 0.0 if latency else 0.0
        if other is not None and other - shift > 0:
            ratios.append((own - shift) / (other - shift))
    return Summary(
        median=median(values),
        least=min(values),
        most=max(values),
        ratio=median(ratios) if ratios else None,
        ratios=tuple(ratios),
        above_direct=median(above) if above else None,
        rounds=len(values),
    )


def number(value: float | None) -> str:
    """Three digits or so, for people."""
    if value is None:
        return "-"
    size = abs(value)
    return f"{value:.0f}" if size >= _WHOLE else f"{value:.1f}" if size >= _TENTH else f"{value:.2f}"
