"""Opens the token stores that a configuration asks for, or that follow from it.

A store named in `[consoleauth] stores` must be usable, or the gateway does not
start.  One that merely follows from Nova's own options is left out with a line
in the log if it cannot work.  A store that is only down counts as usable.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from oslo_config import cfg, types
from oslo_config.cfg import Locations
from twisted.logger import Logger

from xvpproxy.blocking import ThreadedPool
from xvpproxy.consoleauth.authority import ConsoleAuth
from xvpproxy.consoleauth.contract import TokenStore
from xvpproxy.consoleauth.dormant import DormantTable, may_hold_tokens
from xvpproxy.consoleauth.memcached import MemcachedStore
from xvpproxy.consoleauth.memcached_server import MemcachedServer, parse_address
from xvpproxy.consoleauth.records import Lifetimes
from xvpproxy.consoleauth.sql import DatabaseStore, Embedded
from xvpproxy.errors import ConfigurationError, StoreUnavailable

if TYPE_CHECKING:
    from xvpproxy.consoleauth.token_table import TokenTable

OPTS: dict[str, list[cfg.Opt]] = {
    "consoleauth": [
        cfg.ListOpt(
            "stores",
            item_type=types.String(choices=["memcached", "database", "rpc"]),
            help="Where tokens are looked up, in this order: memcached, database. Unset: memcached if [cache] enabled "
            "or memcached_servers is set, then the database: that of [database] connection, or the embedded store.",
        ),
        cfg.FloatOpt(
            "store_timeout",
            default=2.0,
            min=0.1,
            help="Seconds that a whole store may take to answer, however many servers it has. After a quarter of it "
            "the other memcached servers are asked too. A store that does not answer makes a 503, never a 401.",
        ),
    ],
    "workarounds": [
        cfg.BoolOpt(
            "enable_consoleauth",
            default=False,
            help="Nova's option of 2018 for keeping tokens in consoleauth as well as in the database: memcached is "
            "then asked before the database, as it is anyway.",
        ),
    ],
}

#: Tokens end by the time of day, which others go by as well; timers do not.
_time_of_day = time.time  # noqa: TID251

#: Those of Nova's `[cache] backend` that talk to a memcached; all of them store alike.
MEMCACHED_BACKENDS = frozenset(
    {
        "oslo_cache.memcache_pool",
        "dogpile.cache.memcached",
        "dogpile.cache.pymemcache",
        "dogpile.cache.bmemcached",
        "dogpile.cache.pylibmc",
    }
)

EMBEDDED_FILE = "xvpproxy.sqlite"
THREADS = 4  # for each memcached server, and for the database

log = Logger()


def open_consoleauth(conf: cfg.ConfigOpts, reactor: Any, *, make_embedded: bool = True) -> ConsoleAuth:
    """The authority over all stores that `conf` names or implies; blocks for `store_timeout` at most.

    Args:
        conf: the loaded configuration.
        reactor: for threads, times and timeouts.
        make_embedded: whether to make the embedded store's file if it is needed and missing.

    Raises:
        ConfigurationError: a store named in `[consoleauth] stores` cannot work.
    """
    named = list(dict.fromkeys(conf.consoleauth.stores or []))
    timeout = conf.consoleauth.store_timeout
    lifetimes = Lifetimes(conf.consoleauth.token_ttl, conf.cache.expiration_time)
    stores: list[TokenStore] = []
    problems: list[str] = []
    for name in named or _implied(conf):
        try:
            may_sleep = bool(stores) and not named
            store = _opened(name, conf, reactor, lifetimes, make_embedded=make_embedded, may_sleep=may_sleep)
            stores.append(store)
        except ConfigurationError as error:
            problems += error.problems
    stores, late = _probed(stores, timeout)
    problems += late
    if named and problems:
        for store in stores:
            store.close()
        raise ConfigurationError(*(f"{problem} ([consoleauth] stores names this store.)" for problem in problems))
    for problem in problems:
        log.warn("a token store is left out: {problem}", problem=problem)
    if not stores:
        log.warn("no other token store is left: the embedded store {path} is used", path=str(_embedded_path(conf)))
        stores, problems = _probed([_embedded(conf, reactor, make_embedded=make_embedded)], timeout)
    if not stores:
        raise ConfigurationError(*problems)
    base_urls = {"xvpvnc": conf.vnc.xvpvncproxy_base_url, "novnc": conf.vnc.novncproxy_base_url}
    return ConsoleAuth(stores, clock=reactor, now=_time_of_day, base_urls=base_urls, lifetimes=lifetimes)


def _opened(
    name: str, conf: cfg.ConfigOpts, reactor: Any, lifetimes: Lifetimes, *, make_embedded: bool, may_sleep: bool
) -> TokenStore:
    if name == "memcached":
        return _memcached(conf, reactor, lifetimes)
    if name == "database":
        return _database(conf, reactor, make_embedded=make_embedded, may_sleep=may_sleep)
    raise ConfigurationError(f"The store {name} is not available in this version.")


def _implied(conf: cfg.ConfigOpts) -> list[str]:
    has_memcached = bool(conf.cache.enabled or conf.memcached_servers)
    if conf.workarounds.enable_consoleauth and not has_memcached:
        log.warn(
            "[workarounds] enable_consoleauth is set, but neither [cache] enabled nor memcached_servers: "
            "tokens that only consoleauth has cannot be found"
        )
    return ["memcached", "database"] if has_memcached else ["database"]


def _memcached(conf: cfg.ConfigOpts, reactor: Any, lifetimes: Lifetimes) -> TokenStore:
    cache, timeout = conf.cache, conf.consoleauth.store_timeout
    per_call = min(cache.socket_timeout, timeout) if _is_set(conf, "cache", "socket_timeout") else timeout
    tls = _tls(cache) if cache.tls_enabled else None
    servers = [MemcachedServer(parse_address(text), timeout=per_call, tls=tls) for text in _server_list(conf)]
    return MemcachedStore(
        servers,
        [ThreadedPool("memcached", THREADS, reactor) for _ in servers],
        clock=reactor,
        now=_time_of_day,
        timeout=timeout,
        lifetimes=lifetimes,
    )


def _server_list(conf: cfg.ConfigOpts) -> list[str]:
    """Nova since Newton reads `[cache]` only; before, the old option was enough by itself."""
    cache = conf.cache
    from_cache = cache.enabled and cache.backend in MEMCACHED_BACKENDS
    if conf.memcached_servers and not from_cache:
        return list(conf.memcached_servers)
    wanted = "memcached" in (conf.consoleauth.stores or [])
    if not from_cache and not (
        wanted and (cache.backend in MEMCACHED_BACKENDS or not _is_set(conf, "cache", "backend"))
    ):
        known = ", ".join(sorted(MEMCACHED_BACKENDS))
        raise ConfigurationError(f"[cache] backend = {cache.backend} is not a memcached one, such as {known}.")
    given = [text.removeprefix("url:") for text in cache.backend_argument if text.startswith("url:")]
    servers = [server for text in given for server in text.split(",")] or list(cache.memcache_servers)
    if not servers:
        raise ConfigurationError("[cache] memcache_servers is empty.")
    return servers


def _tls(cache: Any) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=cache.tls_cafile)
        if cache.tls_certfile:
            context.load_cert_chain(cache.tls_certfile, cache.tls_keyfile)
        if cache.tls_allowed_ciphers:
            context.set_ciphers(cache.tls_allowed_ciphers)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"[cache] tls_cafile, tls_certfile, tls_keyfile or tls_allowed_ciphers cannot be used: {reason or error}"
        ) from None
    return context


def _database(conf: cfg.ConfigOpts, reactor: Any, *, make_embedded: bool, may_sleep: bool) -> TokenStore:
    """The store of `[database] connection`; without one the embedded store, dormant where it may be and is empty."""
    url, path = conf.database.connection, _embedded_path(conf)
    if not url and may_sleep and not may_hold_tokens(path):
        embedded = Embedded(path, made_at_start=False)
        return _database_store(conf, reactor, DormantTable(path, lambda: _table(conf, embedded=embedded)))
    if not url or url == f"sqlite:///{path}":
        return _embedded(conf, reactor, make_embedded=make_embedded)
    return _database_store(conf, reactor, _table(conf, url=url))


def _embedded(conf: cfg.ConfigOpts, reactor: Any, *, make_embedded: bool) -> TokenStore:
    embedded = Embedded(_embedded_path(conf), made_at_start=make_embedded)
    return _database_store(conf, reactor, _table(conf, embedded=embedded))


def _database_store(conf: cfg.ConfigOpts, reactor: Any, table: TokenTable | DormantTable) -> TokenStore:
    pool = ThreadedPool("database", THREADS, reactor)
    return DatabaseStore(table, pool, clock=reactor, timeout=conf.consoleauth.store_timeout)


def _table(conf: cfg.ConfigOpts, *, url: str = "", embedded: Embedded | None = None) -> TokenTable:
    from xvpproxy.consoleauth.token_table import TokenTable  # noqa: PLC0415 (SQLAlchemy: a third of the process)

    timeout = conf.consoleauth.store_timeout
    return TokenTable(url=url, embedded=embedded, connections=THREADS, now=_time_of_day, timeout=timeout)


def _embedded_path(conf: cfg.ConfigOpts) -> Path:
    return Path(conf.state_path) / EMBEDDED_FILE


def _is_set(conf: cfg.ConfigOpts, group: str, option: str) -> bool:
    found = conf.get_location(option, group)
    return found is not None and found.location not in (Locations.opt_default, Locations.set_default)


def _probed(stores: Sequence[TokenStore], timeout: float) -> tuple[list[TokenStore], list[str]]:
    """The stores that can work, and what is wrong with the others; all are looked at together, within `timeout`."""
    found: dict[TokenStore, ConfigurationError | StoreUnavailable | None] = {}
    threads = [Thread(target=_probe, args=(store, found), daemon=True) for store in stores]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + timeout
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    usable: list[TokenStore] = []
    problems: list[str] = []
    for store in stores:
        outcome = found.get(store, StoreUnavailable(f"no answer within {timeout:g} s"))
        if isinstance(outcome, ConfigurationError):
            store.close()
            problems += outcome.problems
            continue
        if outcome is not None:
            log.warn("token store {store} is down at start: {why}", store=store.name, why=outcome.detail)
        usable.append(store)
    return usable, problems


def _probe(store: TokenStore, found: dict[TokenStore, ConfigurationError | StoreUnavailable | None]) -> None:
    try:
        store.probe()
    except (ConfigurationError, StoreUnavailable) as error:
        found[store] = error
    else:
        found[store] = None
