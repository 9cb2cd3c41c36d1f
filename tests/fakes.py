"""Small stand-ins that keep their contract."""

from __future__ import annotations

from typing import TypeVar

from xvpproxy.wire.conversation import Conversation, Ended, Exactly, Rest, Send, Through, TooLong

R = TypeVar("R")


def play(talk: Conversation[R], incoming: bytes) -> tuple[R, bytes, bytes]:
    """Drive a conversation with literal bytes behind which the peer ends.

    Returns its result, what it sent, and what it left of `incoming`.
    """
    sent = b""
    try:
        step = next(talk)
        while True:
            try:
                taken, incoming = _answer(step, incoming)
            except (Ended, TooLong) as error:
                step = talk.throw(error)
                continue
            if isinstance(step, Send):
                sent += step.data
            step = talk.send(taken)
    except StopIteration as result:
        return result.value, sent, incoming


def _answer(step: Send | Exactly | Through | Rest, incoming: bytes) -> tuple[bytes, bytes]:
    match step:
        case Send():
            return b"", incoming
        case Exactly(count):
            if len(incoming) < count:
                raise Ended
            return incoming[:count], incoming[count:]
        case Through(mark, limit):
            found = incoming.find(mark, 0, limit)
            if found < 0:
                raise TooLong if len(incoming) >= limit else Ended
            return incoming[: found + len(mark)], incoming[found + len(mark) :]
        case Rest(limit, _patience):
            return incoming[:limit], incoming[limit:]
