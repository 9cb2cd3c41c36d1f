"""Small stand-ins that keep their contract."""

from __future__ import annotations

from typing import TypeVar

from xvpproxy.wire.conversation import Conversation, Ended, Rest, Send

R = TypeVar("R")


def play(talk: Conversation[R], incoming: bytes) -> tuple[R, bytes, bytes]:
    """Drive a conversation with literal bytes behind which the peer ends.

    Returns its result, what it sent, and what it left of `incoming`.
    """
    sent = b""
    buffer = bytearray(incoming)
    try:
        step = next(talk)
        while True:
            try:
                count = step.answer(buffer)
                if count < 0 and not isinstance(step, Rest):
                    raise Ended
            except Exception as error:  # noqa: BLE001  (whatever it is, the conversation is told)
                step = talk.throw(error)
                continue
            if isinstance(step, Send):
                sent += step.data
            taken = bytes(buffer[:count] if count >= 0 else buffer)
            del buffer[: len(taken)]
            step = talk.send(taken)
    except StopIteration as result:
        return result.value, sent, bytes(buffer)
