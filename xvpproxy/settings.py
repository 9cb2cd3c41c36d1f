"""What the options mean to the gateway, in its own types."""

from __future__ import annotations

import resource
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext

from oslo_config import cfg

from .api.options import MAX_CONNECTIONS
from .gateway import tls
from .gateway.keepalive import KeepAlive
from .gateway.relay import RelayTimeouts
from .sessions import Limits, sessions_within

#: Descriptors that connections leave alone: log, listeners, polls, token stores, look-ups.
_RESERVED_DESCRIPTORS = 48
_MAX_PEM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ViewerTLS:
    """TLS towards viewers.

    Attributes:
        context: None where there is no certificate.  Its tickets open no other context.
        made_of: the options and files that it was made of.
    """

    context: SSLContext | None
    made_of: tuple[object, ...] = field(repr=False)


def viewer_tls(conf: cfg.ConfigOpts, before: ViewerTLS | None = None) -> ViewerTLS:
    """What the options mean; `before` itself if nothing has changed since, so that its tickets stay good.

    Raises:
        ConfigurationError: the certificate, key or ciphers cannot be used.
    """
    options = {
        "cert": conf.cert,
        "key": conf.key,
        "ciphers": conf.console.ssl_ciphers,
        "minimum_version": conf.console.ssl_minimum_version,
        "required": conf.ssl_only,
    }
    made_of = (*options.values(), _content(conf.cert), _content(conf.key or conf.cert))
    context = tls.viewer_context(**options)
    if before is not None and made_of == before.made_of:
        return before
    return ViewerTLS(context, made_of)


def _content(path: str) -> bytes:
    """What stands in a PEM file; nothing if it cannot be read."""
    with suppress(OSError), Path(path).open("rb") as file:
        return file.read(_MAX_PEM_BYTES)
    return b""


def trust(conf: cfg.ConfigOpts) -> tls.Trust:
    xenserver = conf.xenserver
    return tls.xenserver_trust(ca_file=xenserver.ca_file, fingerprints=xenserver.fingerprints, verify=xenserver.verify)


def keepalive(conf: cfg.ConfigOpts) -> KeepAlive:
    own = conf.gateway
    return KeepAlive(idle=own.keepalive_idle, interval=own.keepalive_interval, count=own.keepalive_count)


def relay_timeouts(conf: cfg.ConfigOpts) -> RelayTimeouts:
    own = conf.gateway
    return RelayTimeouts(close=own.close_timeout, stall=own.stall_timeout)


def most_descriptors() -> int:
    """How many file descriptors this process may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return hard if hard != resource.RLIM_INFINITY else 1 << 20


def limits(conf: cfg.ConfigOpts, workers: int) -> Limits:
    """The limits, with what the file descriptors allow; the soft limit is raised to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    reserved = _RESERVED_DESCRIPTORS + (MAX_CONNECTIONS if conf.api.listen else 0)
    usable = max(4, most_descriptors() - reserved)
    possible = workers * sessions_within(usable)
    return Limits(
        sessions=min(conf.gateway.max_sessions or possible, possible),
        per_token=conf.gateway.max_sessions_per_token,
        pending_per_address=conf.gateway.max_pending_per_address,
        descriptors=usable,
    )
