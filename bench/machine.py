"""What the kernel says of processes and of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def session_members(leader: int) -> list[int]:
    """The live processes of the POSIX session that `leader` began."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields and int(fields[3]) == leader:
                found.append(int(entry.name))
    return found


def cpu_seconds(processes: Iterable[int]) -> float:
    """User and system time that they and their reaped children have used, in nanoseconds where the kernel tells."""
    total = 0.0
    for process in processes:
        fields = _stat(process)
        if fields:
            coarse, reaped = (sum(map(int, fields[at : at + 2])) / _TICKS for at in (11, 13))
            total += (_fine_seconds(process) or coarse) + reaped
    return total


def pss_kib(processes: Iterable[int]) -> int:
    """Their proportional share of memory."""
    total = 0
    for process in processes:
        for line in _lines(f"/proc/{process}/smaps_rollup"):
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def load_average() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]


def describe() -> dict[str, object]:
    """The machine, as far as a reader of figures wants to know it."""
    cpu = next((line.partition(": ")[2] for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {"cpus": os.cpu_count(), "cpu": cpu, "kernel": os.uname().release}


def _fine_seconds(process: int) -> float:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
    except OSError:
        return 0.0
    return sum(int(line.split()[0]) for task in tasks for line in _lines(f"{task}/schedstat")) / 1e9


def _stat(process: int) -> list[str]:
    """The fields of its `stat` from the state on; none if it is gone."""
    text = "".join(_lines(f"/proc/{process}/stat"))
    return text.rpartition(")")[2].split()


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []  # the process is gone
