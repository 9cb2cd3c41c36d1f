r"""Pickled values as their usual writers leave them, taken in at a glance.

The machine of `opcodes.py` reads every shape, one opcode after another, in the
time of a whole look-up.  These patterns know nothing but whole values: what
matches means the same to the machine, and what does not is left to it.

    text    protocol 0: dogpile.cache 0.x on Python 2, on Python 3, and 1.x
    binary  protocols 4 and 5 of any dogpile.cache, and our own
"""

from __future__ import annotations

import re
import struct

from xvpproxy.consoleauth.opcodes import Cached

_NAME = rb"cdogpile\.cache\.api\nCachedValue\n"
_VERSION = rb"(?:I(?=.\n)|L)(?P<v>[0-9])L?"  # Python 3.6 wrote 1 as L1L
_TIME = rb"F(?P<ct>[0-9]{1,18}\.[0-9]{1,18})\n"
#: A payload without escapes, and dogpile's metadata behind it, in the text of Python 3.
_UNICODE = (
    rb"V(?P<payload>[ -\[\]-~]*)\np[0-9]\n\(dp[0-9]\nVct\np[0-9]\n" + _TIME + rb"sVv\np[0-9]\n" + _VERSION + rb"\ns"
)
_TEXT = tuple(
    map(
        re.compile,
        (
            _NAME
            + rb"p1\n\(S'(?P<payload>[ -&(-\[\]-~]*)'\np2\n\(dp3\nS'v'\n(?:p4\n)?I(?P<v>[0-9])\nsS'ct'\np[45]\n"
            + _TIME
            + rb"stRp[56]\n\.",
            _NAME + rb"p0\n\(" + _UNICODE + rb"tp5\nRp6\n\.",
            rb"ccopy_reg\n_reconstructor\np0\n\("
            + _NAME
            + rb"p1\nc__builtin__\ntuple\np2\n\("
            + _UNICODE
            + rb"tp7\ntp8\nRp9\n\.",
        ),
    )
)

#: What stands around a payload: before it, with its length, and behind it.
_HEAD = re.compile(
    rb"\x80[\x04\x05]\x95.{8}\x8c\x11dogpile\.cache\.api\x94\x8c\x0bCachedValue\x94\x93\x94(?:X(....)|\x8c(.))",
    re.DOTALL,
)
_TAIL = re.compile(rb"\x94}\x94\(\x8c\x02ct\x94G(.{8})\x8c\x01v\x94K(.)u\x86\x94\x81\x94\.", re.DOTALL)
_OUR_HEAD = re.compile(rb"\x80\x02" + _NAME + rb"X(....)()", re.DOTALL)
_OUR_TAIL = re.compile(rb"}\(X\x02\0\0\0ctG(.{8})X\x0a\0\0\0expires_atG(.{8})X\x01\0\0\0vK(.)u\x86R\.", re.DOTALL)
_FLOAT = struct.Struct(">d")


def usual(value: bytes) -> Cached | None:
    """What a value of a usual shape holds; None for any other, be it good or bad."""
    if head := _HEAD.match(value):
        payload, end = _sized(value, head)
        if tail := _TAIL.match(value, end):
            return Cached(_utf8(payload), {"ct": _float(tail[1]), "v": tail[2][0]})
    elif head := _OUR_HEAD.match(value):
        payload, end = _sized(value, head)
        if tail := _OUR_TAIL.match(value, end):
            return Cached(_utf8(payload), {"ct": _float(tail[1]), "expires_at": _float(tail[2]), "v": tail[3][0]})
    else:
        for pattern in _TEXT:
            if text := pattern.match(value):
                return Cached(text["payload"].decode("ascii"), {"ct": float(text["ct"]), "v": int(text["v"])})
    return None


def _sized(value: bytes, head: re.Match[bytes]) -> tuple[bytes, int]:
    """The bytes behind their length, which is one of the head's groups, and where they end."""
    end = head.end() + int.from_bytes(head[1] or head[2], "little")
    return value[head.end() : end], end


def _float(packed: bytes) -> float:
    number: float = _FLOAT.unpack(packed)[0]
    return number


def _utf8(data: bytes) -> str:
    return str(data, "utf-8", "surrogatepass")
