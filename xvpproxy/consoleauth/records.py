"""What Nova's consoleauth keeps in memcached, as bytes: no sockets, clocks or options here.

Two kinds of values share one namespace: under a token its record (a JSON
object), under an instance its tokens (a JSON list).  Two layouts hold them:

    direct   Folsom to Liberty    the key itself        JSON text, flags 0 or 16
    cached   Mitaka and later     SHA-1 of the key      pickled dogpile CachedValue, flags 1
             (Mitaka could also keep the key as it is)

Flag 8 means zlib on top of either.  The direct layout's expiry is memcached's
own; a cached value says in `ct` when it was made and the reader does the rest.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from xvpproxy.consoleauth import pickles
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.model import MAX_PORT, ConnectInfo, Token

FLAG_PICKLE, FLAG_ZLIB, FLAG_TEXT = 1, 8, 16

#: memcached's own limit for an item is 1 MiB unless it is raised on purpose.
MAX_VALUE_BYTES = 1 << 20

#: Clocks of the writer and ours may differ by this much before a value counts as from the future.
MAX_SKEW_SECONDS = 60.0

#: memcached takes a larger number for a date.
MAX_RELATIVE_SECONDS = 30 * 24 * 3600

MAX_KEY_BYTES = 250
MAX_SERVER_TRIES = 10
_LEGAL_KEY = re.compile(rb"[^\x00-\x20\x7f]{1,%d}" % MAX_KEY_BYTES)
_MAX_SECONDS = 1e12  # a time beyond it is none; a NaN fails the comparison too


#: In dogpile's metadata, which others ignore: until when a record of ours is good, in Unix seconds.
OUR_EXPIRY = "expires_at"


class Corrupt(ValueError):
    """A value that cannot be read; the sentence never quotes it."""


def _no_constant(_: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


class Raw(NamedTuple):
    """A value as memcached holds it."""

    data: bytes
    flags: int


@dataclass(slots=True)
class Lifetimes:
    """How long tokens live: those that are minted, and those that memcached does not expire by itself.

    The one value here that changes while the gateway runs: a reload sets `token_ttl`.

    Attributes:
        token_ttl: `[consoleauth] token_ttl`, seconds.
        region_ttl: `[cache] expiration_time`: what SHA-1 keys live by when `token_ttl` is 0.
    """

    token_ttl: int
    region_ttl: int

    def of_cached(self, *, mangled: bool) -> int | None:
        """Seconds from `ct`, or None for ever: Nova left the region alone when the time was 0."""
        return self.token_ttl or (self.region_ttl if mangled else None)


def mangled_key(text: str) -> bytes:
    """oslo.cache's key: lower-case hex SHA-1 of the UTF-8 text."""
    return hashlib.sha1(_utf8(text)).hexdigest().encode("ascii")  # noqa: S324 - Nova's layout, not our choice


def keys_of(text: str) -> list[bytes]:
    """Every key that `text` may stand under: the mangled one, and the text itself if memcached takes it."""
    plain = _utf8(text)
    return [mangled_key(text), plain] if _LEGAL_KEY.fullmatch(plain) else [mangled_key(text)]


def placement(key: bytes, servers: int) -> Iterator[int]:
    """The positions that python-memcached tries for `key`, the next one if a server is down; no position twice."""
    number, seen = _bucket(key), set()
    for attempt in range(MAX_SERVER_TRIES):
        if (position := number % servers) not in seen:
            seen.add(position)
            yield position
        number = _bucket(f"{number}{attempt}".encode("ascii"))


def exptime(seconds: float, now: float) -> int:
    """Memcached's expiry argument for a life of `seconds`: relative up to 30 days, a date above."""
    whole = max(1, math.ceil(seconds))
    return whole if whole <= MAX_RELATIVE_SECONDS else math.ceil(now) + whole


def read_record(token: Token, key: bytes, raw: Raw, *, lifetimes: Lifetimes, now: float) -> ConnectInfo | Absent:
    """What `raw` says about `token`, by its own times alone; `expires_at` None means never.

    Raises:
        Corrupt: it is neither a record nor an instance list.
    """
    content, metadata = _open(raw)
    if isinstance(content, list):
        return Absent.UNKNOWN
    if not isinstance(content, dict) or not isinstance(content.get("token"), str):
        raise Corrupt("no console record")
    if content["token"] != token.reveal():
        return Absent.UNKNOWN
    if content.get("instance_uuid") is None:
        return Absent.NO_INSTANCE
    if metadata is None:
        expires_at = _end_of_life(content.get("last_activity_at"), lifetimes.token_ttl or None, now)
    elif OUR_EXPIRY in metadata:
        expires_at = seconds_of(metadata[OUR_EXPIRY])
        if now > expires_at:
            return Absent.EXPIRED
    else:
        life = lifetimes.of_cached(mangled=key != _utf8(token.reveal()))
        expires_at = _end_of_life(metadata["ct"], life, now)
    return connect_info(token, content, expires_at=expires_at)


def connect_info(token: Token, record: Mapping[str, Any], *, expires_at: float | None) -> ConnectInfo:
    """The fields of a record or of a database row, checked.

    Raises:
        Corrupt: one of them is unusable.
    """
    uuid, console_type, host = record.get("instance_uuid"), record.get("console_type"), record.get("host")
    path, url = record.get("internal_access_path"), record.get("access_url")
    if not (isinstance(uuid, str) and uuid and isinstance(host, str) and host):
        raise Corrupt("a record without its host")
    try:
        "".join([uuid, host, *[text for text in (console_type, path, url) if text is not None]]).encode("utf-8")
    except TypeError:
        raise Corrupt("a record with a field that is no text") from None
    except UnicodeEncodeError:
        raise Corrupt("a record with half a character") from None
    return ConnectInfo(
        token=token,
        instance_uuid=uuid,
        console_type=console_type or "",
        host=host,
        port=_port(record.get("port")),
        internal_access_path=path or None,
        access_url=url,
        expires_at=expires_at,
    )


def is_expired(info: ConnectInfo, now: float) -> bool:
    """Whether the life of a record is over: at its last instant it is still good, as dogpile has it."""
    return info.expires_at is not None and now > info.expires_at


def read_list(raw: Raw) -> list[str]:
    """The tokens of an instance list, oldest first.

    Raises:
        Corrupt: it is something else.
    """
    content, _ = _open(raw)
    if not isinstance(content, list) or not all(isinstance(item, str) for item in content):
        raise Corrupt("no list of tokens")
    return content


def write_record(token: Token, info: ConnectInfo, now: float) -> Raw:
    """The record as Nova's consoleauth writes it, in the cached layout."""
    record = {
        "token": token.reveal(),
        "instance_uuid": info.instance_uuid,
        "console_type": info.console_type,
        "host": info.host,
        "port": info.port,
        "internal_access_path": info.internal_access_path,
        "access_url": info.access_url,
        "last_activity_at": now,
    }
    expires_at = None if info.expires_at is None else float(info.expires_at)
    return Raw(pickles.write(json.dumps(record), now, expires_at=expires_at), FLAG_PICKLE)


def write_list(tokens: list[str], now: float) -> Raw:
    """An instance list in the cached layout."""
    return Raw(pickles.write(json.dumps(tokens), now), FLAG_PICKLE)


def emptied(raw: Raw, now: float) -> Raw:
    """An empty instance list in the layout of `raw`."""
    return write_list([], now) if raw.flags & FLAG_PICKLE else Raw(b"[]", raw.flags & FLAG_TEXT)


def _open(raw: Raw) -> tuple[Any, dict[str, Any] | None]:
    """The JSON inside, and dogpile's metadata for the cached layout."""
    data, flags = raw
    if flags & FLAG_ZLIB:
        data, flags = _inflate(data), flags & ~FLAG_ZLIB
    if len(data) > MAX_VALUE_BYTES:
        raise Corrupt("larger than 1 MiB")
    if flags == FLAG_PICKLE:
        try:
            payload, metadata = pickles.read(data)
        except pickles.PickleRefused as error:
            raise Corrupt(str(error)) from None
        if not isinstance(metadata, dict) or metadata.get("ct") is None:
            raise Corrupt("without the time of its creation")
        return _json(payload), metadata
    if flags in (0, FLAG_TEXT):
        return _json(data), None
    raise Corrupt("of a type that is never a record's")


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MAX_VALUE_BYTES)
    except zlib.error:
        raise Corrupt("not compressed as its flags say") from None
    if inflater.unconsumed_tail or not inflater.eof:
        raise Corrupt("cut off or larger than 1 MiB when inflated")
    return text


def _json(payload: Any) -> Any:
    if not isinstance(payload, str | bytes):
        raise Corrupt("no text inside")
    try:
        text = payload.decode("utf-8") if isinstance(payload, bytes) else payload
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Corrupt("no JSON inside") from None


def _port(value: Any) -> int:
    """Libvirt's driver gave Nova the port as text (-1 for a machine that is off), XenAPI's as a number."""
    if value == "-1":
        return -1
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_PORT)):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_PORT:
        raise Corrupt("a record without a usable port")
    return value


def _end_of_life(created_at: Any, life: int | None, now: float) -> float | None:
    if life is None:
        return None
    seconds = seconds_of(created_at)
    if seconds > now + MAX_SKEW_SECONDS:
        raise Corrupt("made in the future: compare the clocks of this machine and of the writer")
    return seconds + life


def seconds_of(value: Any) -> float:
    """A time in Unix seconds.

    Raises:
        Corrupt: it is none.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _MAX_SECONDS:
        raise Corrupt("without a usable time")
    return float(value)


def _bucket(key: bytes) -> int:
    return (zlib.crc32(key) >> 16) & 0x7FFF or 1


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
