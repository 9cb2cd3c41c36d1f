"""The composition root: a loaded configuration in, a running gateway out.

`daemon.py` runs it under twistd, `cli/demo.py` in a terminal.  Nothing below
here sees the configuration or picks concrete classes.
"""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable, Sequence
from typing import Any

from oslo_config import cfg
from twisted.application.service import Service
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.logger import Logger

from . import config, stores
from .blocking import ThreadedPool
from .config import Configuration
from .consoleauth.authority import ConsoleAuth
from .errors import ConfigurationError
from .gateway import listener, tls
from .gateway.keepalive import KeepAlive
from .gateway.listener import Listener
from .gateway.relay import RelayTimeouts
from .gateway.relays import Relays
from .gateway.shared import Gateway
from .gateway.upstream import Upstream, tls_doors
from .gateway.watch import Watch, open_watch
from .model import Outcome
from .sessions import Limits, Sessions

log = Logger()

#: Descriptors that connections leave alone: log, listeners, polls, token stores, look-ups.
_RESERVED_DESCRIPTORS = 48
#: Of the others, what stays for viewers that only ask: so that one too many is told 429.
_ASKING_DESCRIPTORS = 32
_RESOLVER_THREADS = 8

#: What SIGHUP takes over; every other option needs a restart.
RELOADED = {
    "DEFAULT": {"debug", "log_format", "cert", "key", "ssl_only"},
    "console": {"ssl_ciphers", "ssl_minimum_version"},
    "consoleauth": {"token_ttl"},
    "gateway": {
        "preamble_timeout", "connect_timeout", "handshake_timeout", "close_timeout", "idle_timeout", "stall_timeout",
        "keepalive_idle", "keepalive_interval", "keepalive_count", "max_sessions", "max_pending_per_address",
        "max_sessions_per_token", "drain_timeout",
    },
    "xenserver": {"ca_file", "fingerprints", "verify", "connection_url"},
}  # fmt: skip


class GatewayService(Service):
    """The gateway as a Twisted service.

    Its sockets listen already when it is made; it accepts from `startService` on.

    Args:
        listening: see `listener.bind`.
        reload: loads the configuration afresh.
        set_log: takes `debug` and `log_format` when they may have changed.
    """

    name = "xvpproxy"

    def __init__(
        self,
        configuration: Configuration,
        *,
        reactor: Any,
        consoleauth: ConsoleAuth,
        listening: Sequence[socket.socket],
        reload: Callable[[], Configuration],
        set_log: Callable[..., None],
    ) -> None:
        self._configuration = configuration
        self._started_with = configuration.conf
        self._reactor = reactor
        self._consoleauth = consoleauth
        self._listening = listening
        self._load = reload
        self._set_log = set_log
        self._resolver = ThreadedPool("resolver", _RESOLVER_THREADS, reactor)
        self._listeners: list[Listener] = []
        self._watch: Watch
        self._relays: Relays
        self._gateway: Gateway
        self._keepalive: KeepAlive

    @property
    def addresses(self) -> list[str]:
        """Where viewers are accepted, as `host:port`."""
        return [each.address for each in self._listeners]

    @property
    def sessions(self) -> Sessions:
        """The live registry."""
        return self._gateway.sessions

    @property
    def draining(self) -> bool:
        """Whether new viewers are told that the gateway is shutting down."""
        return self._gateway.draining

    def startService(self) -> None:  # noqa: N802
        super().startService()
        reactor, conf = self._reactor, self._configuration.conf
        self._watch = open_watch(reactor)
        self._relays = Relays(reactor, self._watch)
        self._keepalive = _keepalive(conf)
        self._gateway = Gateway(
            reactor=reactor,
            watch=self._watch,
            sessions=Sessions(_limits(conf)),
            consoleauth=self._consoleauth,
            upstream=self._upstream(conf),
            start_relay=self._relays.start,
            relay_timeouts=_relay_timeouts(conf),
            preamble_timeout=conf.gateway.preamble_timeout,
            tls=_viewer_tls(conf),
            tls_required=conf.ssl_only,
        )
        self._listeners = [
            Listener(each, reactor=reactor, gateway=self._gateway, keepalive=lambda: self._keepalive)
            for each in self._listening
        ]
        self._report(conf)

    def _report(self, conf: cfg.ConfigOpts) -> None:
        """What an operator wants to see first after a start."""
        self._warn()
        log.info(
            "ready: viewers at {addresses}, tokens from {stores}, {tls}, at most {limit} sessions",
            addresses=", ".join(self.addresses) or "no door (its port is 0)",
            stores=", ".join(store.name for store in self._consoleauth.stores),
            tls="TLS and plain" if self._gateway.tls and not conf.ssl_only else "TLS" if self._gateway.tls else "plain",
            limit=self.sessions.limits.sessions,
        )

    def _warn(self) -> None:
        for warning in self._configuration.warnings:
            log.warn("{note}", note=warning)

    def stopService(self) -> None:  # noqa: N802
        if self.running:
            super().stopService()
            for each in self._listeners:
                each.close()
            self.close_sessions()
            self._relays.close()
            self._watch.close()
            self._resolver.stop()
            self._consoleauth.close()

    def close_sessions(self) -> None:
        """End every connection now."""
        for connection in list(self.sessions.connections):
            connection.stop(Outcome.SHUTDOWN)

    async def drain(self) -> None:
        """Admit nobody, and wait until the last session has ended or `drain_timeout` is over; end the rest."""
        self._gateway.draining = True
        seconds = self._configuration.conf.gateway.drain_timeout
        log.info(
            "shutting down: {count} sessions have {seconds} s to end", count=len(self.sessions.holding), seconds=seconds
        )
        try:
            await self.sessions.when_empty().addTimeout(seconds, self._reactor)
        except TwistedTimeoutError:
            log.info("closing the {count} sessions that are left", count=len(self.sessions.holding))
        self.close_sessions()

    def reload(self) -> None:
        """Take over what can change while sessions live; a bad file changes nothing."""
        try:
            configuration = self._load()
            viewer_tls = _viewer_tls(configuration.conf)
            upstream = self._upstream(configuration.conf)
        except ConfigurationError as error:
            for problem in error.problems:
                log.error("not reloaded: {problem}", problem=problem)
            return
        for option in _needing_restart(self._started_with, configuration.conf):
            log.warn("{option} has changed: it takes a restart", option=option)
        self._configuration = configuration
        self._warn()
        conf = configuration.conf
        self._keepalive = _keepalive(conf)
        self.sessions.limits = _limits(conf)
        self._gateway.upstream = upstream
        self._gateway.relay_timeouts = _relay_timeouts(conf)
        self._gateway.preamble_timeout = conf.gateway.preamble_timeout
        self._gateway.tls, self._gateway.tls_required = viewer_tls, conf.ssl_only
        self._consoleauth.lifetimes.token_ttl = conf.consoleauth.token_ttl
        self._set_log(debug=conf.debug, log_format=conf.log_format)
        log.info("reloaded")

    def _upstream(self, conf: cfg.ConfigOpts) -> Upstream:
        return Upstream(
            reactor=self._reactor,
            watch=self._watch,
            resolver=self._resolver,
            trust=_trust(conf),
            tls_doors=tls_doors(conf.xenserver.connection_url),
            keepalive=_keepalive(conf),
            connect_timeout=conf.gateway.connect_timeout,
            handshake_timeout=conf.gateway.handshake_timeout,
        )


def open_gateway(
    configuration: Configuration,
    *,
    reactor: Any,
    reload: Callable[[], Configuration],
    set_log: Callable[..., None],
) -> GatewayService:
    """Open the stores and bind the door; `reload` and `set_log` as `GatewayService` wants them.

    Raises:
        ConfigurationError: naming what cannot work; nothing listens then.
    """
    conf = configuration.conf
    _viewer_tls(conf)
    _trust(conf)
    consoleauth = stores.open_consoleauth(conf, reactor)
    try:
        listening = _bind(conf)
    except ConfigurationError:
        consoleauth.close()
        raise
    return GatewayService(
        configuration,
        reactor=reactor,
        consoleauth=consoleauth,
        listening=listening,
        reload=reload,
        set_log=set_log,
    )


def _bind(conf: cfg.ConfigOpts) -> list[socket.socket]:
    host, port = conf.vnc.xvpvncproxy_host, conf.vnc.xvpvncproxy_port
    return listener.bind(host, port, option="[vnc] xvpvncproxy_host, xvpvncproxy_port") if port else []


def _viewer_tls(conf: cfg.ConfigOpts) -> Any:
    return tls.viewer_context(
        cert=conf.cert,
        key=conf.key,
        ciphers=conf.console.ssl_ciphers,
        minimum_version=conf.console.ssl_minimum_version,
        required=conf.ssl_only,
    )


def _trust(conf: cfg.ConfigOpts) -> tls.Trust:
    xenserver = conf.xenserver
    return tls.xenserver_trust(ca_file=xenserver.ca_file, fingerprints=xenserver.fingerprints, verify=xenserver.verify)


def _keepalive(conf: cfg.ConfigOpts) -> KeepAlive:
    own = conf.gateway
    return KeepAlive(idle=own.keepalive_idle, interval=own.keepalive_interval, count=own.keepalive_count)


def _relay_timeouts(conf: cfg.ConfigOpts) -> RelayTimeouts:
    own = conf.gateway
    return RelayTimeouts(close=own.close_timeout, idle=own.idle_timeout, stall=own.stall_timeout)


def _limits(conf: cfg.ConfigOpts) -> Limits:
    """The limits, with what the file descriptors allow; the soft limit is raised to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    usable = max(4, (hard if hard != resource.RLIM_INFINITY else 1 << 20) - _RESERVED_DESCRIPTORS)
    return Limits(
        sessions=conf.gateway.max_sessions or max(1, (usable - _ASKING_DESCRIPTORS) // 2),
        per_token=conf.gateway.max_sessions_per_token,
        pending_per_address=conf.gateway.max_pending_per_address,
        descriptors=usable,
    )


def _needing_restart(old: cfg.ConfigOpts, new: cfg.ConfigOpts) -> list[str]:
    """The options that differ and are not taken over by a reload."""
    changed = []
    for group, options in config.list_opts():
        for option in options:
            if option.dest in RELOADED.get(group, ()):
                continue
            before, after = (conf if group == "DEFAULT" else conf[group] for conf in (old, new))
            if before[option.dest] != after[option.dest]:
                changed.append(f"[{group}] {option.dest}")
    return changed
