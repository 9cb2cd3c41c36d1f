"""One side of a handshake, told as a generator.

A conversation yields steps and receives what they ask for; it never sees half
a message, so no parser keeps a buffer.  `gateway/stream.py` is the only driver
with a socket; tests drive conversations with literal bytes.

    step        the conversation receives
    Send        nothing
    Exactly     that many bytes
    Begun       what another step asks for, if it begins with one of the words; else the bytes that came
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
class Begun:
    """Wait as `step` does for what begins with one of `words`, or until it cannot begin so any more."""

    words: tuple[bytes, ...]
    step: Step

    def answer(self, buffer: bytearray) -> int:
        """See `Step`.  Raises what `step` raises."""
        if buffer.startswith(self.words):
            return self.step.answer(buffer)
        return -1 if any(word.startswith(buffer) for word in self.words) else len(buffer)


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
