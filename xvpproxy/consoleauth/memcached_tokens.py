"""The tokens and instance lists on one memcached server: blocking, one method a step."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from twisted.python.failure import Failure

from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.asking import verdict
from xvpproxy.consoleauth.batches import Answer
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.memcached_server import MemcachedServer, ReplyTooLong
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

#: Others may write the same instance list at the same time; each round one of them succeeds.
MAX_LIST_TRIES = 50
_MAX_PAUSE_SECONDS = 0.005

#: How long an emptied list stays: it only has to outlast the compare-and-swap.
_EMPTY_SECONDS = 1


class ServerTokens:
    """What consoleauth keeps on one server.

    Every method raises `StoreUnavailable`, with `cause="store_corrupt"` for a
    value that cannot be read.

    Args:
        server: the server.
        now: tells Unix seconds.
        lifetimes: how long records live that memcached does not expire.
    """

    def __init__(self, server: MemcachedServer, *, now: Callable[[], float], lifetimes: records.Lifetimes) -> None:
        self.server = server
        self._now = now
        self._lifetimes = lifetimes

    def look(self, tokens: Sequence[Token]) -> dict[Token, Answer]:
        """What stands under each of `tokens`; a value that cannot be read is the failure of its own token only."""
        keys = {token: records.keys_of(token.reveal()) for token in tokens}
        try:
            held = self.server.fetch([key for pair in keys.values() for key in pair])
        except StoreUnavailable as error:
            if len(tokens) == 1 or not isinstance(error.__cause__, ReplyTooLong):
                raise
            half = len(tokens) // 2
            return self.look(tokens[:half]) | self.look(tokens[half:])
        return {token: self._weigh(token, pair, held) for token, pair in keys.items()}

    def _weigh(self, token: Token, keys: Sequence[bytes], held: Mapping[bytes, records.Raw]) -> Answer:
        """What the values under a token's keys mean together."""
        answers: list[Answer] = []
        for key in keys:
            if (raw := held.get(key)) is None:
                continue
            try:
                answers.append(self._judge(token, key, raw))
            except StoreUnavailable as error:
                if error.cause != "store_corrupt":
                    raise
                answers.append(Failure())
        return verdict(answers)

    def write(self, token: Token, info: ConnectInfo, seconds: float) -> None:
        """Keep `info` for `seconds`."""
        now = self._now()
        raw = records.write_record(token, info, now)
        self.server.write(records.mangled_key(token.reveal()), raw, exptime=records.exptime(seconds, now))

    def holds(self, tokens: Collection[str]) -> frozenset[str]:
        """Those of `tokens` under which anything stands, live or not."""
        keys = {token: records.keys_of(token) for token in tokens}
        held = self.server.fetch([key for pair in keys.values() for key in pair])
        return frozenset(token for token in tokens if not held.keys().isdisjoint(keys[token]))

    def remove(self, tokens: Collection[str]) -> frozenset[str]:
        """Delete records, never an instance list; the SHA-256 of each token that was live."""
        live = set()
        for token in map(Token, tokens):
            keys = records.keys_of(token.reveal())
            held = self.server.fetch(keys)
            for key in filter(held.__contains__, keys):
                try:
                    found: ConnectInfo | Absent = self._judge(token, key, held[key])
                except StoreUnavailable as error:
                    if error.cause != "store_corrupt":
                        raise
                    found = Absent.EXPIRED  # unreadable, so never live: revoking it is the remedy
                if found is not Absent.UNKNOWN and self.server.remove(key) and found:
                    live.add(token.sha256)
        return frozenset(live)

    def listed(self, instance_uuid: str) -> frozenset[str]:
        """The tokens that the instance's lists name."""
        held = self.server.fetch(records.keys_of(instance_uuid))
        return frozenset(token for raw in held.values() for token in self._read_list(raw))

    def enlist(self, instance_uuid: str, token: Token, seconds: float, gone: Collection[str]) -> None:
        """Append a token to the instance's list, without those in `gone`."""
        key = records.mangled_key(instance_uuid)
        for _ in range(MAX_LIST_TRIES):
            raw, mark = self.server.fetch_for_change(key)
            tokens = [] if raw is None else self._read_list(raw)
            if token.reveal() in tokens:
                return
            kept = [other for other in tokens if other not in gone]
            now = self._now()
            expiry = self._list_exptime(key, seconds, now, fresh=raw is None)
            new = records.write_list([*kept, token.reveal()], now)
            if self.server.change(key, new, exptime=expiry, mark=mark):
                return
            time.sleep(random.uniform(0, _MAX_PAUSE_SECONDS))  # noqa: S311 - only spreads the rivals
        raise StoreUnavailable(f"memcached {self.server.name}: an instance list changes all the time")

    def empty_lists(self, instance_uuid: str, removed: Collection[str]) -> frozenset[str]:
        """Empty the instance's lists unless they name tokens not in `removed`; those tokens."""
        fresh: set[str] = set()
        for key in records.keys_of(instance_uuid):
            raw, mark = self.server.fetch_for_change(key)
            if raw is None or mark is None:
                continue
            tokens = self._read_list(raw)
            new = set(tokens).difference(removed)
            empty = records.emptied(raw, self._now())
            if new or not self.server.change(key, empty, exptime=_EMPTY_SECONDS, mark=mark):
                fresh.update(tokens)
        return frozenset(fresh)

    def _judge(self, token: Token, key: bytes, raw: records.Raw) -> ConnectInfo | Absent:
        """A record with its expiry: its own or memcached's where it has one, else by the record's times.

        Asking for memcached's is an exchange more, so that is left to the records that would have expired
        otherwise: Nova gave hardly any an expiry there, and ours say theirs themselves.
        """
        now = self._now()
        try:
            info = records.read_record(token, key, raw, lifetimes=self._lifetimes, now=now)
        except records.Corrupt as error:
            raise self._unreadable(error) from None
        if isinstance(info, Absent) or not records.is_expired(info, now):
            return info
        left = self.server.seconds_left(key) if raw.flags & records.FLAG_PICKLE else None
        return Absent.EXPIRED if left is None else replace(info, expires_at=now + left)

    def _read_list(self, raw: records.Raw) -> list[str]:
        try:
            return records.read_list(raw)
        except records.Corrupt as error:
            raise self._unreadable(error) from None

    def _list_exptime(self, key: bytes, seconds: float, now: float, *, fresh: bool) -> int:
        """A list must outlive every token on it; those of Nova's live for `token_ttl`, or for ever."""
        if fresh:
            return records.exptime(seconds, now)
        left = self.server.seconds_left(key)
        if left is None and self._lifetimes.token_ttl == 0:
            return 0
        return records.exptime(max(seconds, left or 0, self._lifetimes.token_ttl), now)

    def _unreadable(self, error: records.Corrupt) -> StoreUnavailable:
        detail = f"memcached {self.server.name} holds an unreadable value: {error}"
        return StoreUnavailable(detail, cause="store_corrupt")
