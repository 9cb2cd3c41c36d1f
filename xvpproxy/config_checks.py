"""What is wrong, or without effect, in what a configuration sets.

Every finding is one sentence that begins with the place, `FILE:LINE`, and names
the option.  It shows the value as it stands in the file, and of a secret option
nothing at all.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oslo_config import cfg, types

from . import unserved
from .config_files import ConfigFile
from .errors import ConfigurationError
from .gateway.tls import viewer_context, xenserver_trust
from .masking import masked, printable

_FATES = {
    (entry.group, option.dest): entry
    for entry in (*unserved.NOT_HONOURED, *unserved.NOT_BUILT)
    for option in entry.options
}
_SHOWN_CHARACTERS = 60
_EXPECTATIONS = (
    (types.Boolean, "must be true or false"),
    (types.URI, "must be a URL such as http://host:6081/console"),
    ((types.HostAddress, types.Hostname), "must be a host name or an IP address"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where an option's value comes from.

    Attributes:
        place: `FILE:LINE`, or the environment variable.
        group: the section it stands in.
        name: the name it has there, perhaps an old one.
        text: the value as it stands there.
    """

    place: str
    group: str
    name: str
    text: str


def source_of(files: Sequence[ConfigFile], group: str, opt: cfg.Opt) -> Source | None:
    """Where the value that counts was set: the environment, or the last file that has it; None for a default."""
    variable = f"OS_{group.upper()}__{opt.dest.upper()}"
    if variable in os.environ:
        return Source(f"environment variable {variable}", group, opt.dest, os.environ[variable])
    names = [(group, opt.dest)]
    names += [(old.group or group, old.name or opt.dest) for old in opt.deprecated_opts]
    for file in reversed(files):
        for wanted in names:
            for setting in reversed(file.settings):
                if (setting.group, setting.name) == wanted:
                    return Source(setting.place, *wanted, setting.text)
    return None


@dataclass(frozen=True, slots=True)
class Option:
    """One option as this configuration has it."""

    conf: cfg.ConfigOpts
    group: str
    opt: cfg.Opt
    source: Source | None

    @property
    def value(self) -> Any:
        """What the gateway gets; ValueError or cfg.Error if it cannot be had."""
        group = self.conf if self.group == "DEFAULT" else self.conf[self.group]
        return getattr(group, self.opt.dest)

    def says(self, what: str) -> str:
        """A sentence about this option, under the name and at the place where it is set."""
        name = f"[{self.group}] {self.opt.dest}"
        if self.source is None:
            return f"{name} {what}"
        set_as = f"[{self.source.group}] {self.source.name}"
        return f"{self.source.place}: {set_as}{f' (now {name})' if set_as != name else ''} {what}"

    def problem(self) -> str | None:
        """Why the gateway cannot start with it."""
        if self.source is None:
            return None
        try:
            value = self.value
        except ValueError as error:
            return self._wrong(error)
        except cfg.Error:
            return self.says(
                f"{self._shown()}has a $ before a word that is no option here; write $$ for a plain dollar sign"
            )
        if (value is None and self.opt.default is not None) or (isinstance(value, float) and not math.isfinite(value)):
            return self._wrong(None)
        fate = _FATES.get((self.group, self.opt.dest))
        if fate in unserved.NOT_BUILT and value != self.opt.default:
            return self.says(f"is not available in this version: {fate.reason}; take it out of the file")
        return None

    def warning(self) -> str | None:
        """Why it is not what the operator may think, or that its name is an old one."""
        if self.source is None:
            return None
        fate = _FATES.get((self.group, self.opt.dest))
        if fate in unserved.NOT_HONOURED and self.value != self.opt.default:
            return self.says(fate.reason)
        if (self.source.group, self.source.name) != (self.group, self.opt.dest):
            return self.says("is set under its old name, which still works")
        return None

    def _wrong(self, error: ValueError | None) -> str:
        what = _expectation(self.opt.type) or ("is not valid" if self.opt.secret else _reason(error))
        return self.says(f"{self._shown()}{what}")

    def _shown(self) -> str:
        """The value for a sentence; nothing if it is secret, or if the type itself names the bad one of several."""
        if self.opt.secret or self.source is None or self.opt.multi:
            return ""
        text = printable(masked(self.source.text))
        return f"= {text[:_SHOWN_CHARACTERS]}{'...' if len(text) > _SHOWN_CHARACTERS else ''}: "


def certificate_problems(options: Sequence[Option]) -> list[str]:
    """What is wrong with the files and pins that TLS needs, each at the place of the option that names it."""
    at = {(option.group, option.opt.dest): option for option in options}

    def value(group: str, name: str) -> Any:
        try:
            return at[group, name].value
        except (ValueError, cfg.Error):
            return at[group, name].opt.default  # a problem of its own

    def of_viewers() -> object:
        return viewer_context(
            cert=value("DEFAULT", "cert"),
            key=value("DEFAULT", "key"),
            ciphers=value("console", "ssl_ciphers"),
            minimum_version=value("console", "ssl_minimum_version"),
            required=value("DEFAULT", "ssl_only"),
        )

    def of_xenservers() -> object:
        if not any(at["xenserver", name].source for name in ("ca_file", "fingerprints")):
            return None  # the system's own authorities: nothing to get wrong, and slow to load
        return xenserver_trust(
            ca_file=value("xenserver", "ca_file"),
            fingerprints=value("xenserver", "fingerprints"),
            verify=value("xenserver", "verify"),
        )

    problems = []
    for build in (of_viewers, of_xenservers):
        try:
            build()
        except ConfigurationError as error:
            problems += [_placed(problem, options) for problem in error.problems]
    return problems


def certificate_warnings(options: Sequence[Option]) -> list[str]:
    """What an operator should hear at every start about TLS that is not there or not checked."""
    warnings = []
    for option in options:
        match option.group, option.opt.dest:
            # Nova's proxies leave TLS out in silence, and the default name seldom exists.
            case "DEFAULT", "cert" if option.source is not None and not Path(option.value).is_file():
                warnings.append(option.says("names no existing file: viewers connect without TLS"))
            case "xenserver", "verify" if not option.value:
                warnings.append(option.says("= false: the certificates of XenServer hosts are not checked"))
    return warnings


def _placed(problem: str, options: Sequence[Option]) -> str:
    """`problem` behind the place of the option that it begins with."""
    for option in options:
        if option.source is not None and re.match(rf"\[{option.group}\] {option.opt.dest}\b", problem):
            return f"{option.source.place}: {problem}"
    return problem


def _expectation(kind: types.ConfigType) -> str | None:
    """What a value of this type must be; None for a type that says so itself."""
    for simple, words in _EXPECTATIONS:
        if isinstance(kind, simple):
            return words
    match kind:
        case types.Number():
            what = "an integer" if isinstance(kind, types.Integer) else "a number"
            least = f", at least {kind.min:g}" if kind.min is not None else ""
            most = f", at most {kind.max:g}" if kind.max is not None else ""
            return f"must be {what}{least}{most}"
        case types.String(choices=choices) if choices:
            return f"must be one of {', '.join(choices)}"
        case types.List(item_type=item):
            each = _expectation(item)
            return each and f"takes a comma separated list; each {each}"
    return None


def _reason(error: ValueError | None) -> str:
    """What a type's own check said, without oslo.config's preface about its origin."""
    return printable(masked(str(error).rpartition("is not valid: ")[2])) if error is not None else "must have a value"
