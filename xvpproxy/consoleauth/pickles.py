"""The pickles of dogpile.cache, read and written without the pickle machinery.

A memcached is open to whoever reaches it, so nothing that comes out of it may
decide what runs here.  Instead of an unpickler with its classes filtered, this
reader knows the few opcodes that the writers of `CachedValue` use and answers
to three names; no opcode can call, import or build anything else.

The shapes (`P` is the payload, `M` the metadata):

    dogpile.cache 0.x              CachedValue (P, M) REDUCE
    dogpile.cache 1.x, protocol 0  copy_reg._reconstructor (CachedValue, tuple, (P, M)) REDUCE
    protocol 2 and above           CachedValue (P, M) NEWOBJ

A payload of bytes in an old protocol comes as `_codecs.encode(text, "latin1")`.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

MAX_OPCODES = 200  # the longest shape has 33
_TUPLE_2, _TUPLE_3 = 2, 3

#: How values from `write` begin, and those of no memcached client that Nova used.
OURS = b"\x80\x02cdogpile.cache.api\nCachedValue\n"


class PickleRefused(ValueError):
    """The bytes are not a pickled `CachedValue`."""


class Cached(NamedTuple):
    """A `CachedValue`: the payload as text or bytes, and dogpile's metadata."""

    payload: Any
    metadata: Any


class _Name(Enum):
    """What a pickle may refer to; each is only a mark on the stack."""

    CACHED_VALUE = ("dogpile.cache.api CachedValue",)
    RECONSTRUCTOR = ("copy_reg _reconstructor", "copyreg _reconstructor")
    TUPLE = ("__builtin__ tuple", "builtins tuple")
    ENCODE = ("_codecs encode",)


_NAMES = {text: name for name in _Name for text in name.value}
_MARK = object()


def read(value: bytes) -> Cached:
    """The `CachedValue` that `value` holds.

    Raises:
        PickleRefused: anything else, including every pickle that would call something.
    """
    machine = _Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(value)):
            if count >= MAX_OPCODES:
                raise PickleRefused("too many opcodes")
            if opcode.name == "STOP":
                break
            machine.step(opcode.name, argument)
        result = machine.pop()
    except PickleRefused:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, struct.error) as error:
        # What pickletools and a short stack raise on broken input.
        raise PickleRefused(f"malformed pickle ({type(error).__name__})") from None
    if not isinstance(result, Cached):
        raise PickleRefused("not a CachedValue")
    return result


def write(payload: str, created_at: float) -> bytes:
    """A `CachedValue` in the first shape and protocol 2, which every dogpile.cache on any Python reads."""
    return b"".join(
        (
            OURS,
            _text(payload),
            b"}(",
            _text("ct"),
            b"G" + struct.pack(">d", created_at),
            _text("v"),
            b"K\x01",
            b"u\x86R.",
        )
    )


def _text(text: str) -> bytes:
    data = text.encode("utf-8")
    return b"X" + struct.pack("<I", len(data)) + data


class _Machine:
    """A stack and a memo: the part of a pickle machine that makes plain data."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        if name in _IGNORED:
            return
        if name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name]())
        elif name in _LITERALS:
            self._stack.append(argument)
        elif name in _OLD_STRINGS:
            # Python 2's 8-bit strings: pickletools shows their bytes as Latin-1.
            self._stack.append(argument.encode("latin-1").decode("utf-8"))
        elif name in _MEMO_WRITES:
            self._memo[len(self._memo) if argument is None else argument] = self._stack[-1]
        elif name in _MEMO_READS:
            self._stack.append(self._memo[argument])
        elif name in _STEPS:
            _STEPS[name](self, argument)
        else:
            raise PickleRefused(f"opcode {name}")

    def pop(self) -> Any:
        return self._stack.pop()

    def global_(self, argument: str) -> None:
        if argument not in _NAMES:
            raise PickleRefused("a name that no CachedValue refers to")
        self._stack.append(_NAMES[argument])

    def stack_global(self, _: None) -> None:
        name, module = self.pop(), self.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise PickleRefused("a name that is no text")
        self.global_(f"{module} {name}")

    def tuple_(self, _: None) -> None:
        self._stack.append(tuple(self._from_mark()))

    def tuple_of(self, size: int) -> None:
        if len(self._stack) < size:
            raise PickleRefused("short stack")
        items = tuple(self._stack[-size:])
        del self._stack[-size:]
        self._stack.append(items)

    def dict_(self, _: None) -> None:
        items = self._from_mark()
        self._stack.append({})
        self._set_all(items)

    def set_item(self, _: None) -> None:
        value, key = self.pop(), self.pop()
        self._set_all([key, value])

    def set_items(self, _: None) -> None:
        self._set_all(self._from_mark())

    def call(self, _: None) -> None:
        """REDUCE and NEWOBJ: recognised, never carried out."""
        arguments, function = self.pop(), self.pop()
        match function, arguments:
            case _Name.CACHED_VALUE, (payload, metadata):
                result: Any = Cached(payload, metadata)
            case _Name.RECONSTRUCTOR, (_Name.CACHED_VALUE, _Name.TUPLE, (payload, metadata)):
                result = Cached(payload, metadata)
            case _Name.ENCODE, (str() as text, "latin1" | "latin-1"):
                result = text.encode("latin-1")
            case _:
                raise PickleRefused("a call that no CachedValue makes")
        self._stack.append(result)

    def _set_all(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise PickleRefused("not a dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str):  # hashing anything deeper could take for ever
                raise PickleRefused("a key that is no text")
            target[key] = value

    def _from_mark(self) -> list[Any]:
        items: list[Any] = []
        while (item := self._stack.pop()) is not _MARK:
            items.append(item)
        items.reverse()
        return items


_IGNORED = frozenset({"PROTO", "FRAME"})
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "MARK": lambda: _MARK,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
}
_LITERALS = frozenset({"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT"}) | frozenset(
    {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"}
)
_OLD_STRINGS = frozenset({"STRING", "BINSTRING", "SHORT_BINSTRING"})
_MEMO_WRITES = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_MEMO_READS = frozenset({"GET", "BINGET", "LONG_BINGET"})
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "GLOBAL": _Machine.global_,
    "STACK_GLOBAL": _Machine.stack_global,
    "TUPLE": _Machine.tuple_,
    "TUPLE2": lambda machine, _: machine.tuple_of(_TUPLE_2),
    "TUPLE3": lambda machine, _: machine.tuple_of(_TUPLE_3),
    "DICT": _Machine.dict_,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "REDUCE": _Machine.call,
    "NEWOBJ": _Machine.call,
}
