"""One side of a handshake, told as a generator.

A conversation yields steps and receives what they ask for; it never sees half
a message, so no parser keeps a buffer.  `gateway/stream.py` is the only driver
with a socket; tests drive conversations with literal bytes.

    step        the conversation receives
    Send        nothing
    Exactly     that many bytes
    Through     the bytes up to and including the mark
    OneOf       one of the words; or the first bytes, as they came, if they cannot become one
    Rest        what comes until the end, the limit or the end of patience

A driver throws `Ended` into the conversation when the peer ended before the
step was satisfied, and whatever `Step.answer` raises, such as `TooLong`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, TypeVar

R = TypeVar("R")


class Step(Protocol):
    """What a conversation waits for."""

    def answer(self, buffer: bytearray) -> int:
        """How many of the bytes that have come are the answer; -1 if more must come first."""


@dataclass(slots=True)
class Send:
    """Say `data` to the peer."""

    data: bytes

    def answer(self, _buffer: bytearray) -> int:
        """See `Step`."""
        return 0


@dataclass(slots=True)
class Exactly:
    """Wait for `count` bytes."""

    count: int

    def answer(self, buffer: bytearray) -> int:
        """See `Step`."""
        return self.count if len(buffer) >= self.count else -1


@dataclass(slots=True)
class Through:
    """Wait for the first `mark`, which must end within `limit` bytes."""

    mark: bytes
    limit: int

    def answer(self, buffer: bytearray) -> int:
        """See `Step`.  Raises TooLong."""
        found = buffer.find(self.mark, 0, self.limit)
        if found < 0 and len(buffer) >= self.limit:
            raise TooLong
        return -1 if found < 0 else found + len(self.mark)


@dataclass(slots=True)
class OneOf:
    """Wait until the next bytes are one of `words`, or cannot be any more."""

    words: tuple[bytes, ...]

    def answer(self, buffer: bytearray) -> int:
        """See `Step`."""
        for word in self.words:
            if buffer.startswith(word):
                return len(word)
            if word.startswith(buffer):
                return -1
        return len(buffer)


@dataclass(slots=True)
class Rest:
    """Take what still comes: at most `limit` bytes, for at most `patience` seconds."""

    limit: int
    patience: float

    def answer(self, buffer: bytearray) -> int:
        """See `Step`; what there is when patience or the peer ends is the driver's to take."""
        return self.limit if len(buffer) >= self.limit else -1


Conversation = Generator[Step, bytes, R]


class Ended(Exception):
    """The peer ended in the middle of a conversation."""


class TooLong(Exception):
    """More bytes came than the step admits."""
