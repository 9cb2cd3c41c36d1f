"""Which options a running gateway takes over from a changed file; every other one needs a restart."""

from __future__ import annotations

from collections.abc import Iterator

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
    return [f"[{group}] {name}" for group, name in _changed(old, new)]


def keep_until_restart(old: cfg.ConfigOpts, new: cfg.ConfigOpts) -> None:
    """Give the options that are not taken over their old values in `new`."""
    for group, name in list(_changed(old, new)):
        if group == "DEFAULT":
            new.set_override(name, old[name])
        else:
            new.set_override(name, old[group][name], group=group)


def _changed(old: cfg.ConfigOpts, new: cfg.ConfigOpts) -> Iterator[tuple[str, str]]:
    taken = RELOADED | ({"xenserver": set()} if old.api.listen else {})  # a driver keeps what it was opened with
    for group, options in config.list_opts():
        for option in options:
            if option.dest in taken.get(group, set()):
                continue
            before, after = (conf if group == "DEFAULT" else conf[group] for conf in (old, new))
            if before[option.dest] != after[option.dest]:
                yield group, option.dest
