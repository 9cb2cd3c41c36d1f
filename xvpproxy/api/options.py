"""What can be configured of the API, and how much it takes.

Every gateway imports this; the rest of the API, with Twisted's HTTP and TLS, only where it is switched on.
"""

from __future__ import annotations

from oslo_config import cfg, types

from .address import parse_address

#: Callers hold a connection for moments; more than these are turned away.
MAX_CONNECTIONS = 64


class _AddressType(types.ConfigType):
    """HOST:PORT, checked when the file is loaded; it stays text."""

    def __init__(self) -> None:
        super().__init__(type_name="HOST:PORT")

    def __call__(self, value: str) -> str:
        parse_address(value)
        return value

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = None  # type: ignore[assignment]

    def _formatter(self, value: object) -> str:
        return str(value)


OPTS: dict[str, list[cfg.Opt]] = {
    "api": [
        cfg.Opt(
            "listen",
            type=_AddressType(),
            help="HOST:PORT at which callers of the console API connect, such as 127.0.0.1:8774 or [::1]:8774; unset "
            "is off. It serves 'nova get-vnc-console' without Nova, inside TLS if [DEFAULT] cert is there. While it is "
            "on, the gateway asks the drivers of compute_driver at every connect, too. Related: auth_strategy.",
        ),
        cfg.StrOpt(
            "auth_strategy",
            default="token",
            choices=[
                ("token", "callers show a token that tokens_file knows"),
                ("noauth2", "nobody is asked who they are: on loopback addresses only"),
                ("keystone", "Nova's own, accepted in a nova.conf while listen is unset"),
            ],
            help="How callers of the console API are known.",
        ),
        cfg.StrOpt(
            "tokens_file",
            help="Who may call the console API: a line NAME ROLE SHA256 for each caller, where SHA256 is that of the "
            "caller's token in hex ('printf %s TOKEN | sha256sum' prints it) and ROLE is reader (lists instances), "
            "console (also gets access URLs) or admin (also sees what a token opens). # begins a comment. SIGHUP "
            "re-reads it.",
        ),
        cfg.FloatOpt(
            "rate_limit",
            default=20.0,
            min=0,
            help="Calls a second that one caller may make for long, and three times as many at once; further ones get "
            "429. A 'nova get-vnc-console' makes three or four. 0 is no limit.",
        ),
    ],
}
