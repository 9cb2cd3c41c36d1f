"""How many sessions all workers have, altogether and with one token: in memory that all of them see.

Each worker writes its own row and no other, so no lock is needed, and none is left behind by one that dies.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Iterator

_NUMBER_BYTES = 8


class Ledger:
    """One worker's view.

    Its row begins with the number of its sessions, and then has the hash of each one's token, in any order.

    Args:
        rows: those of all workers.
        number: which of them is this one's.
    """

    def __init__(self, rows: list[memoryview[int]], number: int) -> None:
        self._row = rows[number]
        self._others = [row for row in rows if row is not self._row]
        #: How many workers there are.
        self.workers = len(rows)
        #: How many sessions a row can take.
        self.room = len(self._row) - 1

    def add(self, key: int) -> None:
        """One more session, with a token whose hash is `key`; at most `room` of them."""
        count = self._row[0]
        self._row[count + 1] = key  # before it counts
        self._row[0] = count + 1

    def remove(self, key: int) -> None:
        """One less, with a token that was added."""
        count = self._row[0]
        if self._others:  # alone, nobody asks which
            self._row[next(_places(self._row, key))] = self._row[count]
        self._row[0] = count - 1

    def clear(self) -> None:
        """Forget all sessions of this worker, which has died."""
        self._row[0] = 0

    def total(self) -> int:
        """Sessions of all workers."""
        total = self._row[0]
        for row in self._others:
            total += row[0]
        return total

    def elsewhere(self, key: int) -> int:
        """Sessions of the other workers with this token."""
        count = 0
        for row in self._others:
            count += sum(1 for _ in _places(row, key))
        return count


def open_ledgers(workers: int, room: int) -> list[Ledger]:
    """The ledgers of as many workers, each with room for so many sessions; memory is only taken as it is used."""
    rows = [memoryview(mmap.mmap(-1, (room + 1) * _NUMBER_BYTES)).cast("q") for _ in range(workers)]
    return [Ledger(rows, number) for number in range(workers)]


def _places(row: memoryview[int], key: int) -> Iterator[int]:
    """Where in a row a token's hash stands; searched as bytes, which is several times as fast as number by number."""
    written = key.to_bytes(_NUMBER_BYTES, sys.byteorder, signed=True)
    entries = bytes(row[1 : row[0] + 1])
    at = entries.find(written)
    while at >= 0:
        if at % _NUMBER_BYTES == 0:  # and not the end of one with the beginning of the next
            yield 1 + at // _NUMBER_BYTES
        at = entries.find(written, at + 1)
