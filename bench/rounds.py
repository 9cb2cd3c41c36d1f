"""Alternates the peers: every round visits all of them, each round begins with another one.

So whatever the machine does meanwhile hits all of them alike, and a ratio within
a round says more than any absolute figure.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

from .catalogue import Peer
from .figures import Round
from .ground import Ground, Unavailable
from .loadgen import LoadFailed
from .scenarios import Scenario


def ready(ground: Ground, peers: Sequence[Peer]) -> list[Peer]:
    """Those of `peers` that start and pass the content check; why the others do not is told."""
    good = []
    for peer in peers:
        try:
            ground.start(peer)
            ground.check(peer)
        except (Unavailable, LoadFailed) as error:
            tell(f"skipped: {peer.name}: {error}")
            ground.stop(peer)
        else:
            good.append(peer)
    return good


def alternate(
    ground: Ground, peers: Sequence[Peer], scenario: Scenario, *, rounds: int, seconds: float, until: float
) -> Iterator[Round]:
    """Rounds of one scenario, until there are enough or `until` (of the monotonic clock) has passed."""
    taking_part = [peer for peer in peers if scenario.fits(peer)]
    for number in range(rounds):
        figures: Round = {}
        shift = number % max(1, len(taking_part))
        for peer in taking_part[shift:] + taking_part[:shift]:
            if time.monotonic() > until:
                return
            try:
                figures[peer.name] = scenario.measure(ground, peer, seconds)
            except (LoadFailed, Unavailable) as error:
                tell(f"{scenario.word}: {peer.name}: {error}")
                _again(ground, peer)
        yield figures


def tell(what: str) -> None:
    """Say something to whoever watches; the figures go to standard output."""
    print(what, file=sys.stderr, flush=True)


def _again(ground: Ground, peer: Peer) -> None:
    """A proxy that failed starts afresh for the next round."""
    try:
        ground.start(peer)
    except Unavailable as error:
        tell(f"{peer.name}: {error}")
