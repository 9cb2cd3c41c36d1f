"""The drivers that a configuration means: the composition root's part that knows hypervisors.

A plain nova.conf has a `compute_driver` of its own, so drivers are opened only
where something asks for them: `[api] listen`, or an `xvpproxy console` command.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from oslo_config import cfg

from .blocking import ThreadedPool
from .drivers import ironic, ironic_api, libvirt, libvirt_domains, libvirt_link, static, xenapi, xenapi_members
from .drivers.contract import ConsoleDriver
from .drivers.registry import Drivers
from .errors import ConfigurationError
from .gateway import tls

OPTS: dict[str, list[cfg.Opt]] = {
    "DEFAULT": [
        cfg.StrOpt(
            "compute_driver",
            help="What runs the instances, in Nova's spelling: xenapi.XenAPIDriver, libvirt.LibvirtDriver, "
            "ironic.IronicDriver or static; several, comma separated, are asked together. Without [api] listen the "
            "gateway asks no driver: it takes each console's address from its token. Related: [xenserver] "
            "connection_url, [libvirt] connection_uri, [ironic], [static] console.",
        ),
    ],
}

#: What opens a driver from the configuration and the reactor; its library is imported in there, not before.
Opener = Callable[[cfg.ConfigOpts, Any], ConsoleDriver]


def _open_xenapi(conf: cfg.ConfigOpts, reactor: Any) -> ConsoleDriver:
    own = conf.xenserver
    members = xenapi_members.Members.parse(own.connection_url)
    return xenapi.XenAPIDriver(
        members,
        tls.xenserver_trust(ca_file=own.ca_file, fingerprints=own.fingerprints, verify=own.verify),
        username=own.connection_username,
        password=own.connection_password,
        timeout=max(1, own.login_timeout),
        verified=bool(own.verify or own.fingerprints),
        threads=ThreadedPool("xenapi", xenapi.THREADS, reactor),
        clock=reactor,
    )


def _open_libvirt(conf: cfg.ConfigOpts, reactor: Any) -> ConsoleDriver:
    uris = libvirt_domains.uris(conf.libvirt.connection_uri or libvirt.DEFAULT_URI)
    library = libvirt_link.load()
    return libvirt.LibvirtDriver(
        [(libvirt_link.Host(uri, library), ThreadedPool("libvirt", libvirt.THREADS, reactor)) for uri in uris],
        local_address=conf.vnc.server_proxyclient_address,
        clock=reactor,
    )


def _open_ironic(conf: cfg.ConfigOpts, reactor: Any) -> ConsoleDriver:
    return ironic.IronicDriver(
        ironic_api.Ironic(ironic.access_of(conf.ironic)),
        ThreadedPool("ironic", ironic.THREADS, reactor),
        clock=reactor,
        start_timeout=conf.ironic.vnc_console_state_timeout,
    )


OPENERS: dict[str, Opener] = {
    static.NAME: lambda conf, _reactor: static.StaticDriver(conf.static.console),
    xenapi.NAME: _open_xenapi,
    libvirt.NAME: _open_libvirt,
    ironic.NAME: _open_ironic,
}

#: In front of a driver's name in files of very old Novas.
_OLD_PREFIX = "nova.virt."


def open_drivers(conf: cfg.ConfigOpts, reactor: Any) -> Drivers:
    """The drivers of `[DEFAULT] compute_driver`, and `static` if it has consoles; nothing is asked of a hypervisor yet.

    Raises:
        ConfigurationError: with what is wrong for each driver that cannot work as configured.
    """
    names = [name.strip().removeprefix(_OLD_PREFIX) for name in (conf.compute_driver or "").split(",") if name.strip()]
    if conf.static.console:
        names.append(static.NAME)
    if not names:
        raise ConfigurationError(
            "[DEFAULT] compute_driver names no driver, so there are no instances to ask for; "
            f"set it to one or more of {', '.join(OPENERS)}; or give consoles in [static] console"
        )
    problems: list[str] = []
    drivers: list[ConsoleDriver] = []
    for name in dict.fromkeys(names):
        try:
            drivers.append(_opener(name)(conf, reactor))
        except ConfigurationError as error:
            problems += error.problems
    if problems:
        Drivers(drivers).close()
        raise ConfigurationError(*problems)
    return Drivers(drivers)


def _opener(name: str) -> Opener:
    if name in OPENERS:
        return OPENERS[name]
    nearest = get_close_matches(name, OPENERS, n=1)
    raise ConfigurationError(
        f"[DEFAULT] compute_driver = {name}: "
        + (
            f"did you mean {nearest[0]}?"
            if nearest
            else f"there is no such driver here; there is: {', '.join(OPENERS)}"
        )
    )
