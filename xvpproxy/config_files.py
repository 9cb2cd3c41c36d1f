"""Which files hold the configuration, and what stands on which of their lines.

oslo.config stops at the first line that it cannot read and says which file a
value came from at best.  This reads the same dialect to the end and remembers
the line of every setting, so that a bad file can be reported whole.  The values
themselves still come from oslo.config.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from oslo_config import cfg

PROJECT = "xvpproxy"


@dataclass(frozen=True, slots=True)
class Setting:
    """One assignment as it stands in a file.

    Attributes:
        group: the section, `DEFAULT` or in lower case.
        text: the value as it stands there; may be a secret.
        line: 1 for the first.
    """

    group: str
    name: str
    text: str = field(repr=False)
    path: str
    line: int

    @property
    def place(self) -> str:
        """Where it stands, as `FILE:LINE`."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file that was read.

    Attributes:
        settings: its assignments, in order.
        problems: a sentence for each line that cannot be read; they never quote it, since it may hold a secret.
        readable: the text without those lines.
    """

    path: str
    settings: tuple[Setting, ...]
    problems: tuple[str, ...]
    readable: str = field(repr=False)


def find(config_files: Sequence[str], config_dirs: Sequence[str]) -> tuple[list[str], list[str]]:
    """The paths to read, in order, and a problem for each that is not there.

    What is not given is looked for where oslo.config looks: `~/.xvpproxy`, `~`,
    `/etc/xvpproxy` and `/etc`.  Files come before the `*.conf` of directories.
    """
    files = list(config_files) or cfg.find_config_files(PROJECT, PROJECT)
    directories = list(config_dirs) or cfg.find_config_dirs(PROJECT, PROJECT)
    problems = [
        f"{directory}: --config-dir names no directory; make it or leave the option out"
        for directory in config_dirs
        if not Path(directory).is_dir()
    ]
    paths = [*files, *(str(path) for directory in directories for path in sorted(Path(directory).glob("*.conf")))]
    return list(dict.fromkeys(os.path.abspath(os.path.expanduser(path)) for path in paths)), problems  # noqa: PTH100, PTH111


def read(path: str) -> ConfigFile:
    """Read one file to its end.

    A file that cannot be read at all has one problem and no settings.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        return ConfigFile(path, (), (f"{path}: cannot be read: {error.strerror}",), "")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return ConfigFile(path, (), (f"{path}:{line}: is not UTF-8 text",), "")
    reader = _Reader(path)
    for row in text.split("\n"):
        reader.take(row.rstrip())
    return ConfigFile(path, tuple(reader.settings), tuple(reader.problems), "\n".join(reader.readable) + "\n")


class _Reader:
    """Takes a file line by line."""

    def __init__(self, path: str) -> None:
        self.settings: list[Setting] = []
        self.problems: list[str] = []
        self.readable: list[str] = []
        self._path = path
        self._section: str | None = None  # "" behind a section line that cannot be read
        self._open = False  # whether an indented line continues the last setting

    def take(self, line: str) -> None:
        self.readable.append(line)
        if line.startswith((" ", "\t")):
            if self._open:
                self.settings[-1] = replace(self.settings[-1], text=f"{self.settings[-1].text}\n{line.strip()}")
            else:
                self._refuse("is indented, but there is no value above that it could continue")
            return
        self._open = False
        if line.startswith("["):
            self._begin_section(line)
        elif line and not line.startswith(("#", ";")):
            self._assign(*_split(line))

    def _begin_section(self, line: str) -> None:
        name = line[1:-1] if line.endswith("]") else ""
        self._section = name if name == "DEFAULT" else name.lower()
        if not name:
            self._refuse("is not a section such as [DEFAULT]")

    def _assign(self, name: str, value: str) -> None:
        if not name:
            self._refuse("is not NAME = VALUE")
        elif self._section is None:
            self._refuse("stands before any section; put [DEFAULT] above it")
        else:
            self.settings.append(Setting(self._section, name, value, self._path, len(self.readable)))
            self._open = True

    def _refuse(self, why: str) -> None:
        self.problems.append(f"{self._path}:{len(self.readable)}: the line {why}")
        self.readable[-1] = "" if self._section else "[unreadable]"


def _split(line: str) -> tuple[str, str]:
    """Name and value around the first `=` or `:`; an empty name if there is none."""
    marks = [position for position in (line.find("="), line.find(":")) if position >= 0]
    if not marks:
        return "", ""
    name, value = line[: min(marks)].strip(), line[min(marks) + 1 :].strip()
    if value and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return name, value
