"""What the gateway is meant to cost, and whether a run shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .figures import Round, Summary, summarise
from .plan import BASELINE, TLS_BASELINE

_OURS, _OURS_TLS = "xvpproxy", "xvpproxy-tls"
_GIB, _MESSAGE, _SESSION = "cpu_s_per_gib", "cpu_us_per_message", "cpu_ms_per_session"
_P50, _IDLE = "p50_us", "pss_kib_per_session"


@dataclass(frozen=True, slots=True)
class Target:
    """One figure that is promised.

    Attributes:
        text: what it is, for people.
        word: the scenario that shows it.
        figure: its name there.
        most: what it may be: a ratio to `other` in the same round, or without one the figure itself.
        beyond: what would be better than promised.
        unit: of an absolute figure.
    """

    text: str
    word: str
    figure: str
    ours: str
    other: str
    most: float
    beyond: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run says of a target: the median of its rounds, and the least and the most; None if not measured."""

    target: Target
    value: float | None
    least: float
    most: float
    rounds: int

    @property
    def verdict(self) -> str:
        """In a few words."""
        target = self.target
        if self.value is None:
            return "not measured"
        said = "missed" if self.value > target.most else "reached" if self.value > target.beyond else "reached, beyond"
        return f"{said}; rounds on both sides" if self.least <= target.most < self.most else said


def _ratios(
    text: str,
    words: Sequence[str],
    figure: str,
    most: float,
    beyond: float,
    *,
    ours: str = _OURS,
    other: str = BASELINE,
) -> Iterator[Target]:
    for word in words:
        yield Target(text, word, figure, ours, other, most, beyond)


def _of_tls(text: str, word: str, figure: str, most: float, beyond: float) -> Target:
    return Target(text, word, figure, _OURS_TLS, TLS_BASELINE, most, beyond)


TARGETS = (
    *_ratios("CPU per GiB", ("bulk:1", "bulk:4", "bulk:32"), _GIB, 1.15, 1.0),
    *_ratios("CPU per GiB", ("frames:8x20x512",), _GIB, 1.35, 1.1),
    *_ratios("CPU per round trip", ("ping:1", "rate:200x20"), _MESSAGE, 1.15, 0.85),
    *_ratios("p50 above direct", ("ping:1",), _P50, 1.2, 1.0),
    *_ratios("CPU per session set-up, with token check", ("setup:50",), _SESSION, 2.2, 1.5),
    *_ratios("CPU per session set-up, with token check", ("setup:50",), _SESSION, 0.6, 0.4, other="portforward"),
    *(Target("idle memory a session", word, _IDLE, _OURS, "", 0.9, 0.5, "KiB") for word in ("idle:2000", "idle:9500")),
    _of_tls("CPU per GiB", "tls-bulk:1", _GIB, 0.95, 0.7),
    _of_tls("CPU per GiB", "tls-bulk:32", _GIB, 0.8, 0.57),
    _of_tls("CPU per GiB", "tls-frames:8x20x512", _GIB, 1.05, 0.87),
    _of_tls("CPU per round trip", "tls-ping:1", _MESSAGE, 1.5, 1.15),
    _of_tls("CPU per full set-up, with token check", "tls-setup:50", _SESSION, 1.4, 1.05),
    _of_tls("idle memory a session", "tls-idle:1000", _IDLE, 1.1, 0.85),
    _of_tls("idle memory a session, after 512 KiB", "tls-idle-after:1000x512", _IDLE, 1.1, 0.85),
    Target("two workers: CPU per GiB", "bulk:32", _GIB, f"{_OURS}-2", _OURS, 1.15, 1.0),
    Target("two workers: CPU per round trip", "rate:200x20", _MESSAGE, f"{_OURS}-2", _OURS, 1.15, 1.0),
    Target("two workers: CPU per session set-up", "setup:50", _SESSION, f"{_OURS}-2", _OURS, 1.15, 1.0),
    Target("memory of one worker without sessions", "idle:2000", "base_mib", _OURS, "", 45.0, 30.0, "MiB"),
    Target("the same with its libraries whole (RSS)", "idle:2000", "base_rss_mib", _OURS, "", 45.0, 30.0, "MiB"),
)


def findings(scenarios: Mapping[str, Sequence[Round]]) -> list[Finding]:
    """What the rounds of each scenario say of every target."""
    return [_finding(target, scenarios.get(target.word, ())) for target in TARGETS]


def _finding(target: Target, rounds: Sequence[Round]) -> Finding:
    found = summarise(rounds, target.other or target.ours).get(target.ours, {}).get(target.figure)
    if found is None:
        return Finding(target, None, 0.0, 0.0, 0)
    if not target.other:
        return Finding(target, found.median, found.least, found.most, found.rounds)
    return _of_ratio(target, found)


def _of_ratio(target: Target, found: Summary) -> Finding:
    ratios = found.ratios
    if not ratios or found.ratio is None:
        return Finding(target, None, 0.0, 0.0, 0)
    return Finding(target, found.ratio, min(ratios), max(ratios), len(ratios))
