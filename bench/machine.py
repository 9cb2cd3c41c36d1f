"""What the kernel says of processes and of the machine."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterable
from pathlib import Path

_libc = ctypes.CDLL(None)
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
    """User and system time that they, their ended threads and their reaped children have used.

    Threads count in nanoseconds, reaped children in the kernel's ticks.
    """
    total = 0.0
    for process in processes:
        fields = _stat(process)
        if fields:
            total += _own_seconds(process) + sum(map(int, fields[13:15])) / _TICKS
    return total


def pss_kib(processes: Iterable[int]) -> int:
    """Their proportional share of memory: a page of a library counts in parts where others use it as well."""
    return _memory_kib(processes, "Pss:")


def own_kib(processes: Iterable[int]) -> int:
    """Their share of memory that is no file's: what they have allocated, whoever else uses the same libraries."""
    return _memory_kib(processes, "Pss_Anon:")


def rss_kib(processes: Iterable[int]) -> int:
    """All memory that they touch: what a process takes where nothing else uses its libraries."""
    return _memory_kib(processes, "Rss:")


def descriptors(processes: Iterable[int]) -> int:
    """Files that they have open."""
    return sum(_entries(f"/proc/{process}/fd") for process in processes)


def threads(processes: Iterable[int]) -> int:
    """Their threads."""
    return sum(_entries(f"/proc/{process}/task") for process in processes)


def load_average() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]


def describe() -> dict[str, object]:
    """The machine, as far as a reader of figures wants to know it."""
    cpu = next((line.partition(": ")[2] for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    return {"cpus": os.cpu_count(), "cpu": cpu, "kernel": os.uname().release}


def _own_seconds(process: int) -> float:
    """Its CPU clock: ended threads are in it, which its `task` directory has forgotten."""
    clock = ctypes.c_int()
    if _libc.clock_getcpuclockid(process, ctypes.byref(clock)):
        return 0.0  # it is gone
    try:
        return time.clock_gettime(clock.value)
    except OSError:
        return 0.0


def _stat(process: int) -> list[str]:
    """The fields of its `stat` from the state on; none if it is gone."""
    text = "".join(_lines(f"/proc/{process}/stat"))
    return text.rpartition(")")[2].split()


def _memory_kib(processes: Iterable[int], name: str) -> int:
    rollups = (line for process in processes for line in _lines(f"/proc/{process}/smaps_rollup"))
    return sum(int(line.split()[1]) for line in rollups if line.startswith(name))


def _entries(path: str) -> int:
    try:
        return sum(1 for _ in Path(path).iterdir())
    except OSError:
        return 0  # the process is gone


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []  # the process is gone
