"""Options that are known here although nothing acts on them.

Nova's own ones must not stop a gateway that starts from an operator's nova.conf,
and must not be ignored in silence either: set away from its default, each is a
warning at every start.  Ours whose feature is not built stop the start, since
whoever sets one relies on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from oslo_config import cfg, types


@dataclass(frozen=True, slots=True)
class Unserved:
    """Options of one group, and why nothing acts on them.

    Attributes:
        group: their section.
        reason: the end of a sentence that starts with the option's name.
        options: as they are registered.
    """

    group: str
    reason: str
    options: tuple[cfg.Opt, ...]


_NOT_USED = "Accepted because Nova has it; not used in this version: "
_NOT_BUILT = "Not available in this version: anything but the default stops the start. "

_BROWSERS = "is not used in this version, which does not serve browsers"
_DRIVERS = "is not used in this version, which takes each console's address from its token"

_IRONIC = (
    cfg.IntOpt("api_max_retries", default=60, min=0, help=_NOT_USED + "tries per call to Ironic."),
    cfg.IntOpt("api_retry_interval", default=2, min=0, help=_NOT_USED + "seconds between those tries."),
    cfg.IntOpt("serial_console_state_timeout", default=10, min=0, help=_NOT_USED + "seconds for a serial console."),
)

#: Nova's: a warning when set away from the default.
NOT_HONOURED = (
    Unserved(
        "vnc",
        _BROWSERS,
        (
            cfg.StrOpt(
                "novncproxy_host",
                default="0.0.0.0",  # noqa: S104  (Nova's default, and nothing listens there)
                deprecated_group="DEFAULT",
                help=_NOT_USED + "where browsers connect to.",
            ),
            cfg.PortOpt(
                "novncproxy_port",
                default=6080,
                deprecated_group="DEFAULT",
                help=_NOT_USED + "where browsers connect to.",
            ),
        ),
    ),
    Unserved(
        "vnc",
        _DRIVERS,
        (
            cfg.HostAddressOpt(
                "server_listen",
                default="127.0.0.1",
                deprecated_opts=[
                    cfg.DeprecatedOpt("vncserver_listen", group="DEFAULT"),
                    cfg.DeprecatedOpt("vncserver_listen", group="vnc"),
                ],
                help=_NOT_USED + "where a hypervisor's VNC servers listen.",
            ),
        ),
    ),
    Unserved(
        "vnc",
        "is not used in this version: viewer and console settle RFB security between themselves",
        (
            cfg.ListOpt(
                "auth_schemes",
                item_type=types.String(choices=("none", "vencrypt", "vnc")),
                default=["none"],
                help=_NOT_USED + "RFB security between proxy and console, in order of preference.",
            ),
            cfg.StrOpt("vencrypt_client_key", help=_NOT_USED + "the proxy's private key for VeNCrypt, PEM."),
            cfg.StrOpt("vencrypt_client_cert", help=_NOT_USED + "the proxy's certificate for VeNCrypt, PEM."),
            cfg.StrOpt("vencrypt_ca_certs", help=_NOT_USED + "who signs the consoles' certificates, PEM."),
        ),
    ),
    Unserved(
        "consoleauth",
        "is not used in this version: a session may outlive its token",
        (
            cfg.BoolOpt(
                "enforce_session_timeout",
                default=False,
                help=_NOT_USED + "whether a session is closed when its token expires.",
            ),
        ),
    ),
    Unserved(
        "console",
        _BROWSERS,
        (
            cfg.ListOpt(
                "allowed_origins",
                default=[],
                deprecated_group="DEFAULT",
                deprecated_name="console_allowed_origins",
                help=_NOT_USED + "origins that a browser's page may come from.",
            ),
        ),
    ),
    Unserved(
        "DEFAULT",
        _BROWSERS,
        (
            cfg.StrOpt("web", default="/usr/share/spice-html5", help=_NOT_USED + "files for browsers."),
            cfg.BoolOpt("source_is_ipv6", default=False, help=_NOT_USED + "whether the browser's door is IPv6."),
        ),
    ),
    Unserved(
        "DEFAULT",
        "is not used in this version, which asks no message bus",
        (
            cfg.StrOpt("transport_url", secret=True, default="rabbit://", help=_NOT_USED + "the message bus."),
            cfg.IntOpt("rpc_response_timeout", default=60, help=_NOT_USED + "seconds to wait for the message bus."),
            cfg.StrOpt(
                "host",
                sample_default="<this machine's name>",
                help=_NOT_USED + "this machine's name on the message bus. Other options may say $host.",
            ),
        ),
    ),
    Unserved(
        "DEFAULT",
        "is only used where another option says $my_ip",
        (
            cfg.StrOpt(
                "my_ip",
                sample_default="<this machine's address>",
                help="This machine's address, for other options that say $my_ip.",
            ),
        ),
    ),
    Unserved("ironic", "is not used in this version: a question to Ironic is asked once", _IRONIC),
)

#: Ours: set away from the default, they stop the start.
NOT_BUILT = (
    Unserved(
        "consoleauth",
        "a token opens sessions until it expires or is revoked, and live sessions are not re-checked",
        (
            cfg.BoolOpt("single_use", default=False, help=_NOT_BUILT + "Whether a token opens one session only."),
            cfg.FloatOpt(
                "recheck_interval",
                default=1.0,
                min=0,
                help=_NOT_BUILT + "Seconds between checks that live sessions are still authorised; 0 is never.",
            ),
        ),
    ),
)

OPTS: dict[str, list[cfg.Opt]] = {
    "DEFAULT": [
        cfg.BoolOpt(
            "daemon",
            default=False,
            help="Accepted because Nova has it, and without a meaning: twistd's own --nodaemon decides.",
        ),
    ],
}
for _unserved in (*NOT_HONOURED, *NOT_BUILT):
    OPTS.setdefault(_unserved.group, []).extend(_unserved.options)

#: What stands in the `[api]` section of a nova.conf for Nova's own API: nobody's typing mistake.
NOVA_API_OPTIONS = re.compile(
    "vendordata_|instance_list_|(compute|glance)_link_prefix|(neutron|use_neutron)_default_|"
    "(allow_instance_snapshots|config_drive_skip_versions|dhcp_domain|enable_instance_password|fping_path|"
    "hide_server_address_states|list_records_by_skipping_down_cells|local_metadata_per_cell|max_limit|"
    "metadata_cache_expiration|response_validation|use_forwarded_for)$"
)
