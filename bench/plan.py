"""What a run measures, and whom: everything that docs/performance.md shows, or what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .catalogue import PEERS, Peer
from .scenarios import Scenario, UnknownScenario

#: Against these the ratios are, in the clear and inside TLS.
BASELINE, TLS_BASELINE = "haproxy-splice", "haproxy-tls"
#: All peers side by side.
COMPARED = (
    *("bulk:1", "bulk:4", "bulk:32", "frames:8x20x512", "frames:100x20x16", "ping:1", "rate:200x20", "mix:8x20x512"),
    *("setup:50", "idle:2000"),
    *("tls-bulk:1", "tls-bulk:32", "tls-frames:8x20x512", "tls-ping:1", "tls-rate:200x20", "tls-setup:50"),
    *("tls-resume:50", "tls-idle:1000", "tls-idle-after:1000x512"),
)
#: How cost grows with the number of sessions.
SERIES = (
    ("bulk:1", "bulk:4", "bulk:32", "bulk:128"),
    ("rate:50x20", "rate:200x20", "rate:800x20"),
    ("setup:1", "setup:50", "setup:200"),
    ("idle:500", "idle:2000", "idle:9500"),
)
#: What of these is not compared: a few peers only, since the curve counts and not who is best.
GROWING = tuple(word for series in SERIES for word in series if word not in COMPARED)
GROWING_PEERS = ("direct", BASELINE, "xvpproxy")


@dataclass(frozen=True, slots=True)
class Step:
    """One scenario of a run, with those who may take part."""

    scenario: Scenario
    peers: Sequence[Peer]

    @property
    def baseline(self) -> str:
        """The peer that the others are compared with."""
        return TLS_BASELINE if self.scenario.tls else BASELINE


def steps(words: str, names: str) -> list[Step]:
    """The steps of a run.

    Args:
        words: scenarios, separated by commas; none for all of them.
        names: peers likewise.

    Raises:
        UnknownScenario: naming what there is.
    """
    return list(_steps(words, [_peer(name) for name in names.split(",")] if names else list(PEERS.values())))


def _steps(words: str, peers: Sequence[Peer]) -> Iterator[Step]:
    for word in words.split(",") if words else (*COMPARED, *GROWING):
        scenario = Scenario.read(word)
        few = not words and word in GROWING
        yield Step(
            scenario, [each for each in peers if scenario.fits(each) and (not few or each.name in GROWING_PEERS)]
        )


def _peer(name: str) -> Peer:
    if name not in PEERS:
        raise UnknownScenario(f"{name!r} is no peer; there are {', '.join(PEERS)}")
    return PEERS[name]
