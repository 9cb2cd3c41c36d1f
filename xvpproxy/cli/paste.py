"""Command lines that a person can paste as they stand, in the shell they are in."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import xvpproxy

_CLIENT = Path("java-client")
_JAR = _CLIENT / "VncViewer.jar"
#: Bytes of our answer to a good token, and of the console's version behind it.
_ANSWER_BYTES = len("HTTP/1.1 200 OK\r\n\r\n") + len("RFB 003.008\n")


def ourselves() -> str:
    """The `xvpproxy` command as this shell finds it: by its name, or by a path."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{_program(Path(sys.executable))} -m xvpproxy"
    found = shutil.which("xvpproxy")
    if found is not None and called.exists() and Path(found).samefile(called):
        return "xvpproxy"
    return _program(called)


def viewer(url: str) -> tuple[str, str]:
    """The command that opens an access URL in the Java viewer, and what is to be done before (or nothing)."""
    folder = _checkout() or Path()
    command = f"java -jar {_path(folder / _JAR)} {shlex.quote(url)}"
    if (folder / _JAR).exists():
        return command, ""
    return command, f"make -C {_path(folder / _CLIENT)}"


def probe(url: str) -> str:
    """A command that shows the gateway's answer and the console's version, and ends."""
    if shutil.which("curl"):
        return f"curl -siN --max-time 2 {shlex.quote(url)}"
    parts = urlsplit(url)
    # This Python too if there is no other: the shell may not know a `python3`.
    python = "python3" if shutil.which("python3") else _program(Path(sys.executable))
    code = (
        f'import socket; s = socket.create_connection(("{parts.hostname}", {parts.port})); '
        f's.sendall(b"CONNECT {parts.path}?{parts.query} HTTP/1.0\\r\\n\\r\\n"); '
        f's.settimeout(9); print(s.makefile("rb").read({_ANSWER_BYTES}).decode())'
    )
    return f"{python} -c {shlex.quote(code)}"


def nova(endpoint: str, instance: str) -> tuple[str, str]:
    """The command that asks Nova's API for a console, and what is to be done before (or nothing).

    It wants to be told of a Keystone that it never asks.
    """
    command = (
        "OS_USERNAME=x OS_PROJECT_ID=x OS_AUTH_URL=http://unused "
        f"nova --os-auth-type none --os-endpoint-override {shlex.quote(endpoint)} "
        f"get-vnc-console {shlex.quote(instance)} xvpvnc"
    )
    return command, "" if shutil.which("nova") else "to be installed first: pip install python-novaclient"


def curl(endpoint: str, uuid: str) -> str:
    """The same in one call."""
    body = '{"remote_console": {"protocol": "vnc", "type": "xvpvnc"}}'
    return (
        f"curl -s {shlex.quote(f'{endpoint}/servers/{uuid}/remote-consoles')} -H 'Content-Type: application/json' "
        f"-H 'X-OpenStack-Nova-API-Version: 2.6' -d '{body}'"
    )


def _checkout() -> Path | None:
    """The directory that holds the viewer's sources or its jar: here, beside the package, or beside the venv."""
    for folder in (Path.cwd(), Path(xvpproxy.__file__).parents[1], Path(sys.prefix).parent):
        if (folder / _JAR).exists() or (folder / _CLIENT / "Makefile").exists():
            return folder
    return None


def _program(path: Path) -> str:
    """A program's path as it can be typed here: with a slash, or the shell would look elsewhere."""
    typed = _path(path)
    return typed if "/" in typed else f"./{typed}"


def _path(path: Path) -> str:
    """A path as short as it can be typed here, quoted for the shell."""
    absolute = os.path.abspath(path)  # noqa: PTH100 (a venv's python must stay a link)
    return shlex.quote(min(os.path.relpath(absolute), absolute, key=len))
