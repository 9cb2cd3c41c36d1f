"""One side of a handshake, told as a generator.

A conversation yields steps and receives what they ask for; it never sees half
a message, so no parser keeps a buffer.  `gateway/stream.py` is the only driver
with a socket; tests drive conversations with literal bytes.

    step        the conversation receives
    Send        nothing (None)
    Exactly     that many bytes
    Through     the bytes up to and including the mark
    OneOf       one of the words; or the first bytes, as they came, if they cannot become one
    Rest        what comes until the end, the limit or the end of patience

A driver throws `Ended` into the conversation when the peer ended before the
step was satisfied, and `TooLong` when `limit` bytes came without the mark.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Send:
    """Say `data` to the peer."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Exactly:
    """Wait for `count` bytes."""

    count: int


@dataclass(frozen=True, slots=True)
class Through:
    """Wait for the first `mark`, which must end within `limit` bytes."""

    mark: bytes
    limit: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """Wait until the next bytes are one of `words`, or cannot be any more."""

    words: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """Take what still comes: at most `limit` bytes, for at most `patience` seconds."""

    limit: int
    patience: float


Step = Send | Exactly | Through | OneOf | Rest
Conversation = Generator[Step, bytes, R]


class Ended(Exception):
    """The peer ended in the middle of a conversation."""


class TooLong(Exception):
    """More bytes came than the step admits."""
