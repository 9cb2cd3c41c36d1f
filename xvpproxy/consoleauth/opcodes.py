"""The opcodes that the writers of `CachedValue` use, as a machine that makes plain data of them.

No opcode can call, import or build anything else; `pickles.py` says why.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

MAX_OPCODES = 200  # the longest shape has 33
_STOP = ord(".")


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


class Machine:
    """A stack and a memo: the part of a pickle machine that makes plain data.

    Each opcode is a method; it gets the position of its argument and tells that of the next opcode.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        data, at = self._data, 0
        for _ in range(MAX_OPCODES):
            code = data[at]
            if code == _STOP:
                return self._stack.pop()
            if code not in _OPCODES:
                raise PickleRefused(f"opcode {code:#04x}")
            at = _OPCODES[code](self, at + 1)
        raise PickleRefused("too many opcodes")

    def skip(self, at: int, size: int) -> int:
        return at + size

    def push(self, at: int, value: Any) -> int:
        self._stack.append(value)
        return at

    def empty_dict(self, at: int) -> int:
        return self.push(at, {})

    def number(self, at: int, packed: struct.Struct) -> int:
        self._stack += packed.unpack_from(self._data, at)
        return at + packed.size

    def long(self, at: int) -> int:
        digits, end = self._sized(at, 1)
        return self.push(end, int.from_bytes(digits, "little", signed=True))

    def line(self, at: int, reading: Callable[[bytes], Any]) -> int:
        text, end = self._line(at)
        return self.push(end, reading(text))

    def sized(self, at: int, width: int, reading: Callable[[bytes], Any]) -> int:
        """Text or bytes behind their length, which takes `width` bytes."""
        data, end = self._sized(at, width)
        return self.push(end, reading(data))

    def memorise(self, at: int) -> int:
        self._memo[len(self._memo)] = self._stack[-1]
        return at

    def put(self, at: int, width: int) -> int:
        place, end = self._place(at, width)
        self._memo[place] = self._stack[-1]
        return end

    def get(self, at: int, width: int) -> int:
        place, end = self._place(at, width)
        return self.push(end, self._memo[place])

    def global_(self, at: int) -> int:
        module, middle = self._line(at)
        name, end = self._line(middle)
        return self._name(end, f"{module.decode('ascii')} {name.decode('ascii')}")

    def stack_global(self, at: int) -> int:
        name, module = self._stack.pop(), self._stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise PickleRefused("a name that is no text")
        return self._name(at, f"{module} {name}")

    def tuple_(self, at: int) -> int:
        return self.push(at, tuple(self._from_mark()))

    def tuple_of(self, at: int, size: int) -> int:
        if len(self._stack) < size:
            raise PickleRefused("short stack")
        items = tuple(self._stack[-size:])
        del self._stack[-size:]
        return self.push(at, items)

    def dict_(self, at: int) -> int:
        items = self._from_mark()
        self._stack.append({})
        return self._set_all(at, items)

    def set_item(self, at: int) -> int:
        value, key = self._stack.pop(), self._stack.pop()
        return self._set_all(at, [key, value])

    def set_items(self, at: int) -> int:
        return self._set_all(at, self._from_mark())

    def call(self, at: int) -> int:
        """REDUCE and NEWOBJ: recognised, never carried out."""
        arguments, function = self._stack.pop(), self._stack.pop()
        match function, arguments:
            case _Name.CACHED_VALUE, (payload, metadata):
                result: Any = Cached(payload, metadata)
            case _Name.RECONSTRUCTOR, (_Name.CACHED_VALUE, _Name.TUPLE, (payload, metadata)):
                result = Cached(payload, metadata)
            case _Name.ENCODE, (str() as text, "latin1" | "latin-1"):
                result = text.encode("latin-1")
            case _:
                raise PickleRefused("a call that no CachedValue makes")
        return self.push(at, result)

    def _name(self, at: int, text: str) -> int:
        if text not in _NAMES:
            raise PickleRefused("a name that no CachedValue refers to")
        return self.push(at, _NAMES[text])

    def _set_all(self, at: int, items: list[Any]) -> int:
        target = self._stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise PickleRefused("not a dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str):  # hashing anything deeper could take for ever
                raise PickleRefused("a key that is no text")
            target[key] = value
        return at

    def _from_mark(self) -> list[Any]:
        items: list[Any] = []
        while (item := self._stack.pop()) is not _MARK:
            items.append(item)
        items.reverse()
        return items

    def _line(self, at: int) -> tuple[bytes, int]:
        end = self._data.index(b"\n", at)
        return self._data[at:end], end + 1

    def _sized(self, at: int, width: int) -> tuple[bytes, int]:
        start = at + width
        end = start + int.from_bytes(self._data[at:start], "little")
        if end > len(self._data):
            raise PickleRefused("cut off")
        return self._data[start:end], end

    def _place(self, at: int, width: int) -> tuple[int, int]:
        """A place in the memo: of `width` bytes, or a line of digits if that is 0."""
        if not width:
            line, end = self._line(at)
            return int(line), end
        if at + width > len(self._data):
            raise PickleRefused("cut off")
        return int.from_bytes(self._data[at : at + width], "little"), at + width


def _quoted(line: bytes) -> str:
    quote = line[:1]
    if quote not in (b"'", b'"') or line[-1:] != quote:
        raise PickleRefused("a text without quotes")
    return codecs.escape_decode(line[1:-1])[0].decode("ascii")


def _integer(line: bytes) -> int:
    return line == b"01" if line in (b"00", b"01") else int(line)  # protocol 0 has its truth values so


def _long(line: bytes) -> int:
    return int(line.removesuffix(b"L"))


def _utf8(data: bytes) -> str:
    return str(data, "utf-8", "surrogatepass")


def _old_utf8(data: bytes) -> str:
    return data.decode("utf-8")  # Python 2's 8-bit strings


def _raw_unicode(line: bytes) -> str:
    return str(line, "raw-unicode-escape")


_OPCODES: dict[int, Callable[[Machine, int], int]] = {
    # PROTO and FRAME say nothing that is needed here.
    0x80: partial(Machine.skip, size=1),
    0x95: partial(Machine.skip, size=8),
    ord("N"): partial(Machine.push, value=None),
    ord("("): partial(Machine.push, value=_MARK),
    ord(")"): partial(Machine.push, value=()),
    ord("}"): Machine.empty_dict,
    # Numbers: INT, LONG, LONG1, FLOAT, BINFLOAT, BININT, BININT1, BININT2.
    ord("I"): partial(Machine.line, reading=_integer),
    ord("L"): partial(Machine.line, reading=_long),
    0x8A: Machine.long,
    ord("F"): partial(Machine.line, reading=float),
    ord("G"): partial(Machine.number, packed=struct.Struct(">d")),
    ord("J"): partial(Machine.number, packed=struct.Struct("<i")),
    ord("K"): partial(Machine.number, packed=struct.Struct("<B")),
    ord("M"): partial(Machine.number, packed=struct.Struct("<H")),
    # Text: UNICODE, SHORT_BINUNICODE, BINUNICODE, BINUNICODE8; STRING, SHORT_BINSTRING, BINSTRING.
    ord("V"): partial(Machine.line, reading=_raw_unicode),
    0x8C: partial(Machine.sized, width=1, reading=_utf8),
    ord("X"): partial(Machine.sized, width=4, reading=_utf8),
    0x8D: partial(Machine.sized, width=8, reading=_utf8),
    ord("S"): partial(Machine.line, reading=_quoted),
    ord("U"): partial(Machine.sized, width=1, reading=_old_utf8),
    ord("T"): partial(Machine.sized, width=4, reading=_old_utf8),
    # SHORT_BINBYTES, BINBYTES, BINBYTES8.
    ord("C"): partial(Machine.sized, width=1, reading=bytes),
    ord("B"): partial(Machine.sized, width=4, reading=bytes),
    0x8E: partial(Machine.sized, width=8, reading=bytes),
    # The memo: PUT, BINPUT, LONG_BINPUT, MEMOIZE; GET, BINGET, LONG_BINGET.
    ord("p"): partial(Machine.put, width=0),
    ord("q"): partial(Machine.put, width=1),
    ord("r"): partial(Machine.put, width=4),
    0x94: Machine.memorise,
    ord("g"): partial(Machine.get, width=0),
    ord("h"): partial(Machine.get, width=1),
    ord("j"): partial(Machine.get, width=4),
    # GLOBAL, STACK_GLOBAL; TUPLE, TUPLE2, TUPLE3; DICT, SETITEM, SETITEMS; REDUCE, NEWOBJ.
    ord("c"): Machine.global_,
    0x93: Machine.stack_global,
    ord("t"): Machine.tuple_,
    0x86: partial(Machine.tuple_of, size=2),
    0x87: partial(Machine.tuple_of, size=3),
    ord("d"): Machine.dict_,
    ord("s"): Machine.set_item,
    ord("u"): Machine.set_items,
    ord("R"): Machine.call,
    0x81: Machine.call,
}
