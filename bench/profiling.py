"""python -m bench.profiling: where the gateway spends its time in a scenario, by cProfile, and how many calls it makes.

Times of a profiled process are distorted towards small functions; calls are exact, and no noise moves them. Threads
other than the reactor's are not in it.
"""

from __future__ import annotations

import argparse
import pstats
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .catalogue import PEERS, Peer
from .ground import Ground, Unavailable
from .loadgen import LoadFailed
from .rounds import tell
from .scenarios import Scenario, UnknownScenario, sound

#: What `counted` counts.
COUNTED = ("setup:50", "ping:1", "tls-setup:50", "tls-ping:1")
#: Lengths of two runs: what the second one has more is the scenario alone, without start and end.
_SHORT, _LONG = 0.2, 1.0
_BUILT_IN = "~"
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Profile:
    """A gateway's life with one load.

    Attributes:
        units: sessions, round trips, updates, or MiB in a bulk scenario.
    """

    stats: pstats.Stats
    units: float

    def calls(self, *, python_only: bool) -> int:
        """How often functions were called: all, or those written in Python."""
        told = self.stats.stats  # type: ignore[attr-defined]  # typeshed leaves it out
        return sum(each[1] for where, each in told.items() if not (python_only and where[0] == _BUILT_IN))


def profiled(ground: Ground, scenario: Scenario, seconds: float) -> Profile:
    """Run a scenario on a gateway under cProfile.

    Raises:
        UnknownScenario: it is one in which nothing happens.
        Unavailable, LoadFailed: it cannot run.
    """
    peer = _under_profile(PEERS["xvpproxy-tls" if scenario.tls else "xvpproxy"])
    if scenario.idle:
        raise UnknownScenario(f"{scenario.word}: sessions that do nothing have no profile")
    found_in = ground.directory / peer.name / "stats"
    ground.start(peer)
    try:
        with ground.load(peer, seconds=seconds, **scenario.settings()) as load:
            found = sound(load.run())
    finally:
        ground.stop(peer)
    if not found_in.exists():
        raise LoadFailed("the gateway left no profile: it did not end in time")
    return Profile(pstats.Stats(str(found_in)), found["done"] or found["bytes"] / _MIB)


def counted(ground: Ground) -> dict[str, dict[str, float]]:
    """Calls for each session or round trip: of functions written in Python, and of all."""
    return {word: _calls(ground, Scenario.read(word)) for word in COUNTED}


def main(arguments: Sequence[str]) -> int:
    """Print the profile of each scenario."""
    parser = argparse.ArgumentParser(prog="make bench-profile ARGS=...", description=__doc__)
    add = parser.add_argument
    add("--scenarios", default="setup:50,ping:1", metavar="WORD,...", help="default: %(default)s")
    add("--secs", type=float, default=_LONG, help="length of a run; default: %(default)s")
    add("--lines", type=int, default=25, help="of each profile; default: %(default)s")
    add("--sort", default="tottime", choices=("tottime", "cumtime", "ncalls"), help="default: %(default)s")
    options = parser.parse_args(arguments)
    try:
        scenarios = [Scenario.read(word) for word in options.scenarios.split(",")]
        with Ground() as ground:
            for scenario in scenarios:
                profile = profiled(ground, scenario, options.secs)
                print(f"\n{scenario.word}: {profile.units:.0f} sessions, round trips, updates or MiB\n")
                profile.stats.strip_dirs().sort_stats(options.sort).print_stats(options.lines)
    except (UnknownScenario, Unavailable, LoadFailed) as error:
        tell(f"bench-profile: {error}")
        return 1
    return 0


def _calls(ground: Ground, scenario: Scenario) -> dict[str, float]:
    short, long = (profiled(ground, scenario, seconds) for seconds in (_SHORT, _LONG))
    units = long.units - short.units
    if units <= 0:
        raise LoadFailed(f"{scenario.word}: the longer run did no more than the shorter one")
    return {
        name: (long.calls(python_only=python_only) - short.calls(python_only=python_only)) / units
        for name, python_only in (("python", True), ("all", False))
    }


def _under_profile(peer: Peer) -> Peer:
    twistd, *words = peer.command
    profiler = ("--profiler=cprofile", "--savestats", "--profile=$directory/stats")
    return replace(peer, name=f"{peer.name}-profiled", command=(twistd, *profiler, *words))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
