"""Which versions of the proxies and libraries a run has measured."""

from __future__ import annotations

import platform
import re
import ssl
import subprocess
from importlib.metadata import version

_ASKED = {
    "haproxy": ("haproxy", "-v"),
    "nginx": ("nginx", "-v"),
    "stunnel": ("stunnel", "-version"),
    "memcached": ("memcached", "-V"),
}
_NUMBER = re.compile(r"\d+\.\d+[\w.]*")
_SECONDS = 10


def installed() -> dict[str, str]:
    """Version by name; what is not installed is left out."""
    found = {"Python": platform.python_version(), "Twisted": version("Twisted")}
    found["OpenSSL"] = _first(ssl.OPENSSL_VERSION)
    for name, command in _ASKED.items():
        try:
            told = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_SECONDS, check=False
            )
        except OSError:
            continue
        found[name] = _first(told.stdout)
    return found


def _first(text: str) -> str:
    number = _NUMBER.search(text)
    return number[0] if number else "?"
