"""What the options mean to the gateway, in its own types."""

from __future__ import annotations

import resource
from ssl import SSLContext

from oslo_config import cfg

from .api.options import MAX_CONNECTIONS
from .gateway import tls
from .gateway.keepalive import KeepAlive
from .gateway.relay import RelayTimeouts
from .sessions import Limits

#: Descriptors that connections leave alone: log, listeners, polls, token stores, look-ups.
_RESERVED_DESCRIPTORS = 48
#: Of the others, what stays for viewers that only ask: so that one too many is told 429.
_ASKING_DESCRIPTORS = 32


def viewer_tls(conf: cfg.ConfigOpts) -> SSLContext | None:
    return tls.viewer_context(
        cert=conf.cert,
        key=conf.key,
        ciphers=conf.console.ssl_ciphers,
        minimum_version=conf.console.ssl_minimum_version,
        required=conf.ssl_only,
    )


def trust(conf: cfg.ConfigOpts) -> tls.Trust:
    xenserver = conf.xenserver
    return tls.xenserver_trust(ca_file=xenserver.ca_file, fingerprints=xenserver.fingerprints, verify=xenserver.verify)


def keepalive(conf: cfg.ConfigOpts) -> KeepAlive:
    own = conf.gateway
    return KeepAlive(idle=own.keepalive_idle, interval=own.keepalive_interval, count=own.keepalive_count)


def relay_timeouts(conf: cfg.ConfigOpts) -> RelayTimeouts:
    own = conf.gateway
    return RelayTimeouts(close=own.close_timeout, idle=own.idle_timeout, stall=own.stall_timeout)


def limits(conf: cfg.ConfigOpts) -> Limits:
    """The limits, with what the file descriptors allow; the soft limit is raised to the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    reserved = _RESERVED_DESCRIPTORS + (MAX_CONNECTIONS if conf.api.listen else 0)
    usable = max(4, (hard if hard != resource.RLIM_INFINITY else 1 << 20) - reserved)
    return Limits(
        sessions=conf.gateway.max_sessions or max(1, (usable - _ASKING_DESCRIPTORS) // 2),
        per_token=conf.gateway.max_sessions_per_token,
        pending_per_address=conf.gateway.max_pending_per_address,
        descriptors=usable,
    )
