"""Tokens in memcached, as Nova's consoleauth keeps them.

Every client library spreads keys over several servers in its own way, so no
order or hash of the writer's matters here: the server that python-memcached
would have chosen is asked first, and after a miss or a quarter of the store
timeout all the others at once.  Whoever has the token is right; if nobody has
it and one server did not answer, nobody can say.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from oslo_config import cfg
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from xvpproxy.blocking import Pool, PoolBusy
from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.asking import Suspects, everyone
from xvpproxy.consoleauth.batches import PATIENCE, Answer, Batches
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.memcached_server import MemcachedServer
from xvpproxy.consoleauth.memcached_tokens import ServerTokens
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

T = TypeVar("T")

#: Longer instance lists are rid of tokens that no server has any more.
PRUNE_ABOVE = 16

#: Tokens minted while an instance is being revoked are revoked too, this many times over.
MAX_REVOKE_ROUNDS = 10

OPTS: dict[str, list[cfg.Opt]] = {
    "DEFAULT": [
        cfg.ListOpt(
            "memcached_servers",
            help="HOST:PORT of the memcached servers where consoleauth of Nova before 2016.2 kept its tokens. The "
            "gateway connects to them to check tokens. [cache] memcache_servers goes before it.",
        ),
    ],
    "cache": [
        cfg.BoolOpt(
            "enabled",
            default=False,
            help="Whether Nova's consoleauth keeps its tokens in memcached: the gateway then connects to "
            "memcache_servers to check tokens.",
        ),
        cfg.StrOpt(
            "backend",
            default="dogpile.cache.null",
            help="Nova's cache backend. Tokens are looked up in any of the memcached ones: oslo_cache.memcache_pool, "
            "dogpile.cache.memcached, .pymemcache, .bmemcached, .pylibmc; all of them look alike from here.",
        ),
        cfg.MultiStrOpt(
            "backend_argument",
            default=[],
            help="NAME:VALUE for the cache backend. Of these only url:HOST:PORT counts here; it goes before "
            "memcache_servers.",
        ),
        cfg.ListOpt(
            "memcache_servers",
            default=["localhost:11211"],
            help="memcached servers that the gateway asks for tokens, every one of them: HOST:PORT, "
            "inet6:[ADDRESS]:PORT or unix:PATH. New tokens go where python-memcached would put them, so keep Nova's "
            "order.",
        ),
        cfg.IntOpt(
            "expiration_time",
            default=600,
            min=1,
            help="Seconds that an entry lives from its creation where [consoleauth] token_ttl is 0.",
        ),
        cfg.FloatOpt(
            "socket_timeout",
            default=1.0,
            min=0.01,
            deprecated_opts=[cfg.DeprecatedOpt("memcache_socket_timeout", group="cache")],
            help="Seconds that one call to one memcached server may take. Where this is not set, [consoleauth] "
            "store_timeout rules.",
        ),
        cfg.BoolOpt("tls_enabled", default=False, help="Whether to speak TLS to the memcached servers."),
        cfg.StrOpt("tls_cafile", help="PEM file of the CAs that the memcached servers' certificates come from."),
        cfg.StrOpt("tls_certfile", help="PEM file of the certificate that the gateway shows to memcached servers."),
        cfg.StrOpt("tls_keyfile", help="PEM file of that certificate's private key."),
        cfg.StrOpt("tls_allowed_ciphers", help="OpenSSL's list of ciphers for the memcached servers."),
    ],
}


class MemcachedStore:
    """A `TokenStore` over one or several memcached servers.

    Args:
        servers: in the configured order, which decides where `put` writes.
        pools: one for each server, so that a hanging one holds up nobody else.
        clock: for timeouts.
        now: tells Unix seconds.
        timeout: seconds a whole call may take.
        lifetimes: how long records live that memcached does not expire.
    """

    name = "memcached"
    keeps_whole_url = True

    def __init__(
        self,
        servers: Sequence[MemcachedServer],
        pools: Sequence[Pool],
        *,
        clock: IReactorTime,
        now: Callable[[], float],
        timeout: float,
        lifetimes: records.Lifetimes,
    ) -> None:
        self._places = [ServerTokens(server, now=now, lifetimes=lifetimes) for server in servers]
        self._pools = dict(zip(self._places, pools, strict=True))
        self._clock = clock
        self._now = now
        self._timeout = timeout
        #: Seconds after which other servers are tried as well.
        self._patience = timeout * PATIENCE
        self._suspects = Suspects(clock)
        self._batches = Batches(
            self._places,
            ask=self._look,
            is_suspect=self._suspects.__contains__,
            clock=clock,
            timeout=timeout,
            name=self.name,
        )

    def probe(self) -> None:
        for place in self._places:
            place.holds([""])

    async def get(self, token: Token) -> ConnectInfo | Absent:
        usual = self._places[0] if len(self._places) == 1 else self._placed(token.reveal())[0]
        return await self._batches.look_up(token, usual)

    async def put(self, token: Token, info: ConnectInfo) -> None:
        await self._bounded(self._put(token, info))

    async def delete(self, token: Token) -> bool:
        return bool(await self._bounded(self._remove([token.reveal()])))

    async def delete_instance(self, instance_uuid: str) -> frozenset[str]:
        return await self._bounded(self._remove_instance(instance_uuid))

    def close(self) -> None:
        for place, pool in self._pools.items():
            pool.stop()
            place.server.close()

    async def _bounded(self, work: Coroutine[Deferred[Any], Any, T]) -> T:
        try:
            return await Deferred.fromCoroutine(work).addTimeout(self._timeout, self._clock)
        except DeferredTimeout:
            raise StoreUnavailable(f"memcached did not answer within {self._timeout:g} s") from None

    async def _ask(self, place: ServerTokens, call: Callable[[ServerTokens], T]) -> T:
        """Run a blocking call on the server's own threads, and remember if it fails or keeps us waiting."""
        began = self._clock.seconds()
        try:
            return await self._pools[place].run(call, place)
        except PoolBusy:
            raise StoreUnavailable(f"too many calls wait for memcached {place.server.name}") from None
        except StoreUnavailable:
            self._suspects.add(place)
            raise
        except CancelledError:
            if self._clock.seconds() - began >= self._patience:
                self._suspects.add(place)
            raise

    async def _look(self, place: ServerTokens, tokens: Sequence[Token]) -> Mapping[Token, Answer]:
        return await self._ask(place, lambda place: place.look(tokens))

    async def _ask_all(self, call: Callable[[ServerTokens], frozenset[str]]) -> tuple[frozenset[str], list[Failure]]:
        """What all servers answered, united, and the failures of those that did not."""
        answers = await everyone([partial(self._ask, place, call) for place in self._places])
        failures = [answer for answer in answers if isinstance(answer, Failure)]
        union = frozenset[str]().union(*(answer for answer in answers if not isinstance(answer, Failure)))
        return union, failures

    def _placed(self, text: str) -> list[ServerTokens]:
        """The servers in the order in which python-memcached would try them."""
        return [self._places[at] for at in records.placement(records.mangled_key(text), len(self._places))]

    async def _put(self, token: Token, info: ConnectInfo) -> None:
        seconds = (info.expires_at or 0) - self._now()
        await self._on_first_living(token.reveal(), lambda place: place.write(token, info, seconds))
        uuid = info.instance_uuid
        try:
            gone = await self._gone_from_list(uuid)
            await self._on_first_living(uuid, lambda place: place.enlist(uuid, token, seconds, gone))
        except StoreUnavailable:
            # Off the list it could not be revoked with its instance.
            await self._ask_all(lambda place: place.remove([token.reveal()]))
            raise

    async def _on_first_living(self, text: str, call: Callable[[ServerTokens], None]) -> None:
        """Do something on the server that python-memcached would choose for the key of `text`."""
        failure = StoreUnavailable(f"no memcached server answered within {self._timeout:g} s")
        *others, last = self._placed(text)
        for place in (*others, last):
            work = Deferred.fromCoroutine(self._ask(place, call))
            if place is not last:
                work.addTimeout(self._patience, self._clock)
            try:
                return await work
            except DeferredTimeout:
                continue
            except StoreUnavailable as error:
                failure = error
        raise failure

    async def _gone_from_list(self, instance_uuid: str) -> frozenset[str]:
        """Tokens of a long instance list that no server has any more; none if a server cannot be asked."""
        listed, failures = await self._ask_all(lambda place: place.listed(instance_uuid))
        if failures or len(listed) <= PRUNE_ABOVE:
            return frozenset()
        held, failures = await self._ask_all(lambda place: place.holds(listed))
        return frozenset() if failures else listed - held

    async def _remove(self, tokens: Sequence[str]) -> frozenset[str]:
        live, failures = await self._ask_all(lambda place: place.remove(tokens))
        if failures:
            failures[0].raiseException()
        return live

    async def _remove_instance(self, instance_uuid: str) -> frozenset[str]:
        """Tokens first, then the lists: a list is emptied only if it names nothing but what was removed."""
        live: frozenset[str] = frozenset()
        removed: frozenset[str] = frozenset()
        fresh, failures = await self._ask_all(lambda place: place.listed(instance_uuid))
        for _ in range(MAX_REVOKE_ROUNDS):
            live |= await self._remove(sorted(fresh - removed))
            removed |= fresh
            seen = removed
            fresh, late = await self._ask_all(lambda place: place.empty_lists(instance_uuid, seen))  # noqa: B023
            failures += late
            if not fresh or failures:
                break
        if failures:
            failures[0].raiseException()
        return live
