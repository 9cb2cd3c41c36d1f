"""The pickles of dogpile.cache, read and written without the pickle machinery.

A memcached is open to whoever reaches it, so nothing that comes out of it may
decide what runs here.  Instead of an unpickler with its classes filtered, this
reader knows the few opcodes that the writers of `CachedValue` use and answers
to four names; no opcode can call, import or build anything else.

The shapes (`P` is the payload, `M` the metadata):

    dogpile.cache 0.x              CachedValue (P, M) REDUCE
    dogpile.cache 1.x, protocol 0  copy_reg._reconstructor (CachedValue, tuple, (P, M)) REDUCE
    protocol 2 and above           CachedValue (P, M) NEWOBJ

A payload of bytes in an old protocol comes as `_codecs.encode(text, "latin1")`.
"""

from __future__ import annotations

import struct

from xvpproxy.consoleauth.glance import usual
from xvpproxy.consoleauth.opcodes import Cached, Machine, PickleRefused

__all__ = ["Cached", "PickleRefused", "read", "write"]

_HEAD = b"\x80\x02cdogpile.cache.api\nCachedValue\n"


def read(value: bytes) -> Cached:
    """The `CachedValue` that `value` holds.

    Raises:
        PickleRefused: anything else, including every pickle that would call something.
    """
    try:
        result = usual(value) or Machine(value).run()
    except PickleRefused:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, struct.error) as error:
        # What broken input and a short stack raise.
        raise PickleRefused(f"malformed pickle ({type(error).__name__})") from None
    if not isinstance(result, Cached):
        raise PickleRefused("not a CachedValue")
    return result


def write(payload: str, created_at: float, *, expires_at: float | None = None) -> bytes:
    """A `CachedValue` in the first shape and protocol 2, which every dogpile.cache on any Python reads.

    Dogpile leaves alone what it does not know in the metadata, such as `expires_at`.
    """
    times = {"ct": created_at} if expires_at is None else {"ct": created_at, "expires_at": expires_at}
    metadata = b"".join(_text(name) + b"G" + struct.pack(">d", time) for name, time in times.items())
    return b"".join((_HEAD, _text(payload), b"}(", metadata, _text("v"), b"K\x01", b"u\x86R."))


def _text(text: str) -> bytes:
    data = text.encode("utf-8")
    return b"X" + struct.pack("<I", len(data)) + data
