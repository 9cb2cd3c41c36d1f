"""The composition root: a loaded configuration in, a running gateway out.

`daemon.py` runs it under twistd, `cli/demo.py` in a terminal.  Nothing below
here sees the configuration or picks concrete classes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from oslo_config import cfg
from twisted.application.service import Service
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.logger import Logger

from . import hypervisors, settings, stores
from .blocking import ThreadedPool
from .config import Configuration
from .consoleauth.authority import ConsoleAuth
from .doors import Doors, open_doors
from .drivers.registry import Drivers
from .errors import ConfigurationError
from .gateway.dispatch import open_dispatch
from .gateway.identity import VerifiedUpstream
from .gateway.idleness import IdleSweep
from .gateway.listener import Listener
from .gateway.pipes import Pipes
from .gateway.relay import RelayGround
from .gateway.relays import Relays
from .gateway.shared import Gateway, ReachConsole
from .gateway.timers import Timers
from .gateway.upstream import Upstream, tls_doors
from .model import Outcome
from .restart import needing_restart
from .sessions import Limits, Sessions
from .settings import ViewerTLS

if TYPE_CHECKING:
    from .console_api import ApiDoor

log = Logger()

_RESOLVER_THREADS = 8


class GatewayService(Service):
    """The gateway as a Twisted service.

    Its sockets listen already when it is made; it accepts from `startService` on.

    Args:
        doors: where it listens, among how many workers.
        tls: towards viewers, until a reload changes it.
        drivers: those that are active, or None.
        api: the console API, or None.
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
        doors: Doors,
        tls: ViewerTLS,
        drivers: Drivers | None,
        api: ApiDoor | None,
        reload: Callable[[], Configuration],
        set_log: Callable[..., None],
    ) -> None:
        self._configuration = configuration
        self._started_with = configuration.conf
        self._reactor = reactor
        self._consoleauth = consoleauth
        self._doors = doors
        self._tls = tls
        self._drivers = drivers
        self._api = api
        self._load = reload
        self._set_log = set_log
        self._resolver = ThreadedPool("resolver", _RESOLVER_THREADS, reactor)
        self._listeners: list[Listener] = []
        self._ground: RelayGround
        self._gateway: Gateway
        self._idleness: IdleSweep

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
        self._ground = ground = RelayGround(open_dispatch(reactor), Timers(reactor), Pipes())
        self._gateway = Gateway(
            reactor=reactor,
            dispatch=ground.dispatch,
            timers=ground.timers,
            sessions=Sessions(self._limits(conf), self._doors.ledger),
            consoleauth=self._consoleauth,
            upstream=self._upstream(conf),
            start_relay=Relays(ground).start,
            relay_timeouts=settings.relay_timeouts(conf),
            idle_timeout=conf.gateway.idle_timeout,
            preamble_timeout=conf.gateway.preamble_timeout,
            tls=self._tls.context,
            tls_required=conf.ssl_only,
        )
        self._listeners = [
            Listener(each, gateway=self._gateway, keepalive=settings.keepalive(conf)) for each in self._doors.viewers
        ]
        self._idleness = IdleSweep(self._gateway)
        self._idleness.start()
        if self._speaks:
            self._report(conf)
        if self._api is not None:
            self._api.start(announce=self._speaks)

    @property
    def _speaks(self) -> bool:
        """Whether this is the worker whose log says what all of them would."""
        return self._doors.number == 0

    def _limits(self, conf: cfg.ConfigOpts) -> Limits:
        return settings.limits(conf, self._doors.ledger.workers)

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
            if self._api is not None:
                self._api.close()
            for each in self._listeners:
                each.close()
            self.close_sessions()
            self._idleness.close()
            self._ground.close()
            self._resolver.stop()
            self._consoleauth.close()
            if self._drivers is not None:
                self._drivers.close()

    def close_sessions(self) -> None:
        """End every connection now."""
        for connection in list(self.sessions.connections):
            connection.stop(Outcome.SHUTDOWN)

    async def drain(self) -> None:
        """Admit nobody, and wait until the last session has ended or `drain_timeout` is over; end the rest."""
        self._gateway.draining = True
        if self._api is not None:
            self._api.draining = True
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
            viewer_tls = settings.viewer_tls(configuration.conf, self._tls)
            upstream = self._upstream(configuration.conf)
            for_api = self._api.prepared(configuration.conf) if self._api else None
        except ConfigurationError as error:
            for problem in error.problems:
                log.error("not reloaded: {problem}", problem=problem)
            return
        self._configuration, self._tls = configuration, viewer_tls
        if self._speaks:
            for option in needing_restart(self._started_with, configuration.conf):
                log.warn("{option} has changed: it takes a restart", option=option)
            self._warn()
        conf = configuration.conf
        for each in self._listeners:
            each.tune(settings.keepalive(conf))
        self.sessions.limits = self._limits(conf)
        self._gateway.upstream = upstream
        self._gateway.relay_timeouts = settings.relay_timeouts(conf)
        self._gateway.idle_timeout = conf.gateway.idle_timeout
        self._idleness.start()
        self._gateway.preamble_timeout = conf.gateway.preamble_timeout
        self._gateway.tls, self._gateway.tls_required = viewer_tls.context, conf.ssl_only
        self._consoleauth.lifetimes.token_ttl = conf.consoleauth.token_ttl
        if self._api is not None and for_api is not None:
            self._api.take_over(conf, for_api)
        self._set_log(debug=conf.debug, log_format=conf.log_format)
        log.info("reloaded")

    def _upstream(self, conf: cfg.ConfigOpts) -> ReachConsole:
        upstream = Upstream(
            dispatch=self._ground.dispatch,
            timers=self._ground.timers,
            resolver=self._resolver,
            trust=settings.trust(conf),
            tls_doors=tls_doors(conf.xenserver.connection_url),
            keepalive=settings.keepalive(conf),
            connect_timeout=conf.gateway.connect_timeout,
            handshake_timeout=conf.gateway.handshake_timeout,
        )
        if self._drivers is None:
            return upstream
        return VerifiedUpstream(
            upstream,
            self._drivers,
            clock=self._reactor,
            patience=conf.gateway.connect_timeout,
            verify=conf.gateway.verify_instance,
        )


def open_gateway(
    configuration: Configuration,
    *,
    reactor: Any,
    reload: Callable[[], Configuration],
    set_log: Callable[..., None],
    doors: Doors | None = None,
    tls: ViewerTLS | None = None,
) -> GatewayService:
    """Open the stores, the drivers and the doors; `reload` and `set_log` as `GatewayService` wants them.

    One of several workers brings `doors` and `tls` along: they are older than it is.

    Raises:
        ConfigurationError: naming what cannot work; nothing listens then.
    """
    conf = configuration.conf
    settings.trust(conf)
    tls = tls or settings.viewer_tls(conf)
    with ExitStack() as opened:
        doors = doors or open_doors(conf, 1)[0]
        opened.callback(doors.close)
        consoleauth = stores.open_consoleauth(conf, reactor)
        opened.callback(consoleauth.close)
        drivers = api = None
        if conf.api.listen:
            # Here, so that a gateway without it does not hold Twisted's HTTP and TLS.
            from .console_api import ApiDoor  # noqa: PLC0415

            drivers = hypervisors.open_drivers(conf, reactor)
            opened.callback(drivers.close)
            api = ApiDoor(conf, reactor=reactor, drivers=drivers, consoleauth=consoleauth, listening=doors.api)
        opened.pop_all()
    return GatewayService(
        configuration,
        reactor=reactor,
        consoleauth=consoleauth,
        doors=doors,
        tls=tls,
        drivers=drivers,
        api=api,
        reload=reload,
        set_log=set_log,
    )
