"""Which options a running gateway takes over from a changed file; every other one needs a restart."""

from __future__ import annotations

from oslo_config import cfg

from . import config

#: What SIGHUP takes over.
RELOADED = {
    "DEFAULT": {"debug", "log_format", "cert", "key", "ssl_only"},
    "api": {"auth_strategy", "tokens_file", "rate_limit"},
    "console": {"ssl_ciphers", "ssl_minimum_version"},
    "consoleauth": {"token_ttl"},
    "gateway": {
        "preamble_timeout", "connect_timeout", "handshake_timeout", "close_timeout", "idle_timeout", "stall_timeout",
        "keepalive_idle", "keepalive_interval", "keepalive_count", "max_sessions", "max_pending_per_address",
        "max_sessions_per_token", "drain_timeout", "verify_instance",
    },
    "xenserver": {"ca_file", "fingerprints", "verify", "connection_url"},
}  # fmt: skip


def needing_restart(old: cfg.ConfigOpts, new: cfg.ConfigOpts) -> list[str]:
    """The options that differ and are not taken over by a reload, as `[group] name`."""
    taken = RELOADED | ({"xenserver": set()} if old.api.listen else {})  # a driver keeps what it was opened with
    changed = []
    for group, options in config.list_opts():
        for option in options:
            if option.dest in taken.get(group, set()):
                continue
            before, after = (conf if group == "DEFAULT" else conf[group] for conf in (old, new))
            if before[option.dest] != after[option.dest]:
                changed.append(f"[{group}] {option.dest}")
    return changed
