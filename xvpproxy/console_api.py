"""Opens the console API that a configuration asks for, and takes a reload over to it."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oslo_config import cfg
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger

from .api.address import is_loopback, written
from .api.app import ConsoleApi
from .api.auth import Anybody, Auth, read_tokens
from .api.rate import RateLimit
from .api.site import Door
from .api.tls import CallerContext, caller_context
from .consoleauth.authority import ConsoleAuth
from .drivers.registry import Drivers
from .errors import ConfigurationError

log = Logger()

#: How many seconds' worth of calls may come at once.
_BURST_SECONDS = 3
_MAX_TOKENS_FILE_BYTES = 1 << 20


class ApiDoor:
    """The API on its sockets; it accepts from `start` on.

    Args:
        listening: bound already, and still its owner's until it starts.

    Attributes:
        draining: whether every call is told that the gateway stops.

    Raises:
        ConfigurationError: naming what cannot work.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        *,
        reactor: Any,
        drivers: Drivers,
        consoleauth: ConsoleAuth,
        listening: Sequence[socket.socket],
    ) -> None:
        self.draining = False
        self._reactor = reactor
        self._drivers = drivers
        self._listening = listening
        self._ports: list[IListeningPort] = []
        #: Where it listens, for people.
        self.addresses = [written(*each.getsockname()[:2]) for each in listening]
        self._hosts = [each.getsockname()[0] for each in listening]
        self._api = ConsoleApi(
            drivers=drivers,
            consoleauth=consoleauth,
            auth=_auth(conf, self._hosts),
            rate=_rate(conf, reactor),
            clock=reactor,
            draining=lambda: self.draining,
        )
        self._door = Door(self._api, reactor=reactor, tls=_tls(conf), tls_required=conf.ssl_only)

    def start(self, *, announce: bool) -> None:
        """Accept callers; `announce` whether the log says so."""
        for each in self._listening:
            self._ports.append(self._reactor.adoptStreamPort(each.fileno(), each.family, self._door))
            each.close()  # the port has a descriptor of its own
        (log.info if announce else log.debug)(
            "the console API is at {addresses}, with instances of {drivers}",
            addresses=", ".join(self.addresses),
            drivers=", ".join(self._drivers.names),
        )

    def prepared(self, conf: cfg.ConfigOpts) -> tuple[Auth, CallerContext | None]:
        """What `take_over` needs of a new configuration.  Raises ConfigurationError."""
        return _auth(conf, self._hosts), _tls(conf)

    def take_over(self, conf: cfg.ConfigOpts, prepared: tuple[Auth, CallerContext | None]) -> None:
        """Serve further calls as a new configuration says."""
        self._api.auth, self._door.tls = prepared
        self._door.tls_required = conf.ssl_only
        self._api.rate = _rate(conf, self._reactor)

    def close(self) -> None:
        """Stop accepting, and end every call."""
        for port in self._ports:
            port.stopListening()
        for each in self._listening:
            each.close()
        self._door.close()


def _auth(conf: cfg.ConfigOpts, hosts: Sequence[str]) -> Auth:
    strategy, path = conf.api.auth_strategy, conf.api.tokens_file
    if strategy == "noauth2":
        open_to_others = [host for host in hosts if not is_loopback(host)]
        if open_to_others:
            raise ConfigurationError(
                f"[api] auth_strategy = noauth2 lets everybody in who reaches {open_to_others[0]}; "
                "it goes with a loopback address in [api] listen only, such as 127.0.0.1:8774"
            )
        return Anybody()
    if strategy != "token":
        raise ConfigurationError(
            f"[api] auth_strategy = {strategy} is not available for the console API; "
            "set it to token with a tokens_file, or unset [api] listen"
        )
    if not path:
        raise ConfigurationError(
            "[api] listen is set, so [api] tokens_file has to say who may call: a line NAME ROLE SHA256 for each caller"
        )
    return read_tokens(_read(path), path)


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            text = file.read(_MAX_TOKENS_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"[api] tokens_file = {path}: {error.strerror or error}") from None
    if len(text) > _MAX_TOKENS_FILE_BYTES:
        raise ConfigurationError(f"[api] tokens_file = {path}: larger than {_MAX_TOKENS_FILE_BYTES} bytes")
    return text.decode("utf-8", "replace")


def _rate(conf: cfg.ConfigOpts, reactor: Any) -> RateLimit:
    return RateLimit(reactor, per_second=conf.api.rate_limit, burst=max(1.0, conf.api.rate_limit * _BURST_SECONDS))


def _tls(conf: cfg.ConfigOpts) -> CallerContext | None:
    return caller_context(
        cert=conf.cert,
        key=conf.key,
        ciphers=conf.console.ssl_ciphers,
        minimum_version=conf.console.ssl_minimum_version,
    )
