"""Every option, and loading a configuration from files.

The options stand in the modules that use them; `OPTION_MODULES` gathers them,
for loading and for the sample file alike.  Only the composition root sees the
loaded configuration: everything below is given values by keyword.
"""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from oslo_config import cfg

from . import doors, hypervisors, logs, stores, unserved
from .api import options as api_options
from .config_checks import Option, certificate_problems, certificate_warnings, source_of
from .config_files import PROJECT, ConfigFile, find, read
from .consoleauth import authority, memcached, sql
from .drivers import ironic, libvirt, static, xenapi
from .errors import ConfigurationError
from .gateway import identity, keepalive, listener, relay, tls, upstream
from .masking import printable

#: Where options are defined.
OPTION_MODULES: tuple[ModuleType, ...] = (
    *(listener, tls, upstream, identity, relay, keepalive),
    *(stores, authority, memcached, sql),
    *(hypervisors, static, xenapi, libvirt, ironic, api_options),
    *(logs, doors, unserved),
)

#: Sections in which an unknown name is a typing mistake rather than an option of Nova's.
OUR_GROUPS = ("gateway", "api", "static")

OPTS: dict[str, list[cfg.Opt]] = {
    "DEFAULT": [
        cfg.StrOpt(
            "state_path",
            sample_default="$STATE_DIRECTORY, or /var/lib/xvpproxy for root, or ~/.local/state/xvpproxy",
            help="Directory of the embedded token store. Nova has an option of this name for its own files; with a "
            "nova.conf the embedded store is used only if [database] connection is not set, and beside memcached it is "
            "made by the first token that is minted into it.",
        ),
    ],
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was loaded.

    Attributes:
        conf: the values, all of them checked.
        warnings: a sentence for each option that is set but has no effect, for the log.
        files: the paths that were read, in order; later ones win.
    """

    conf: cfg.ConfigOpts = field(repr=False)
    warnings: tuple[str, ...]
    files: tuple[str, ...]


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Every option by group, as oslo-config-generator wants them."""
    groups: dict[str, list[cfg.Opt]] = {}
    for options in (OPTS, *(module.OPTS for module in OPTION_MODULES)):
        for group, opts in options.items():
            groups.setdefault(group, []).extend(opts)
    return [(group, groups[group]) for group in sorted(groups, key=lambda group: (group != "DEFAULT", group))]


def load(config_files: Sequence[str] | None = None, config_dirs: Sequence[str] | None = None) -> Configuration:
    """Read and check the configuration.

    Args:
        config_files: later ones win; None or empty for oslo.config's usual places of project `xvpproxy`.
        config_dirs: directories whose `*.conf` are read after those.

    Raises:
        ConfigurationError: with every problem of every file.
    """
    logging.getLogger("oslo_config.cfg").setLevel(logging.ERROR)  # old names are among our own warnings
    paths, problems = find(config_files or (), config_dirs or ())
    files = [read(path) for path in paths]
    problems += [problem for file in files for problem in file.problems]
    conf = _parsed(files)
    options = [Option(conf, group, opt, source_of(files, group, opt)) for group, opt in _registered()]
    problems += [problem for option in options if (problem := option.problem()) is not None]
    problems += certificate_problems(options)
    if problems:
        raise ConfigurationError(*sorted(problems, key=_reading_order))
    warnings = [warning for option in options if (warning := option.warning()) is not None]
    warnings += certificate_warnings(options) + _misspelt(files)
    return Configuration(conf, tuple(sorted(warnings, key=_reading_order)), tuple(paths))


def _registered() -> list[tuple[str, cfg.Opt]]:
    return [(group, option) for group, options in list_opts() for option in options]


def _parsed(files: Sequence[ConfigFile]) -> cfg.ConfigOpts:
    """The files in oslo.config's hands; of a bad one, the lines that can be read."""
    conf = cfg.ConfigOpts()
    for group, option in _registered():
        conf.register_opt(option, group=None if group == "DEFAULT" else group)
    conf.set_default("state_path", _state_path())
    conf.set_default("my_ip", _my_ip())
    conf.set_default("host", socket.gethostname())
    with ExitStack() as stack:
        paths = [stack.enter_context(_in_memory(file.readable)) if file.problems else file.path for file in files]
        conf([], project=PROJECT, prog=PROJECT, default_config_files=paths, default_config_dirs=[])
    return conf


@contextmanager
def _in_memory(text: str) -> Iterator[str]:
    """A path at which oslo.config can read `text`: never on a disk, since it may hold secrets."""
    with os.fdopen(os.memfd_create(PROJECT), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"


def _misspelt(files: Sequence[ConfigFile]) -> list[str]:
    """A warning for each name that no option can have, and in a section of ours for each that none has."""
    known = [(group, option.dest) for group, option in _registered()]
    warnings = []
    for setting in (setting for file in files for setting in file.settings):
        if " " in setting.name:
            warnings.append(f"{setting.place}: the name has a space in it, so nothing is set here; is a = missing?")
            continue
        ours = [name for group, name in known if group == setting.group]
        if setting.group not in OUR_GROUPS or setting.name in ours:
            continue
        if setting.group == "api" and unserved.NOVA_API_OPTIONS.match(setting.name):
            continue
        nearest = get_close_matches(setting.name, ours, n=1, cutoff=0.0)
        hint = f"; the nearest is {nearest[0]}" if nearest else ""
        warnings.append(f"{setting.place}: [{setting.group}] {printable(setting.name)} is not an option{hint}")
    return warnings


def _reading_order(finding: str) -> tuple[str, int]:
    place = re.match(r"(.*?):(\d+): ", finding)
    return (place[1], int(place[2])) if place else (finding, 0)


def _state_path() -> str:
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]  # systemd may name several
    if given:
        return given
    return "/var/lib/xvpproxy" if os.geteuid() == 0 else str(Path.home() / ".local/state/xvpproxy")


def _my_ip() -> str:
    """The address from which this machine would reach another; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
