"""Where the API listens: `HOST:PORT`, or `[V6]:PORT`."""

from __future__ import annotations

import re
from ipaddress import ip_address

from xvpproxy.model import MAX_PORT

_FORM = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")


def parse_address(text: str) -> tuple[str, int]:
    """Host (IPv6 without its brackets) and port.

    Raises:
        ValueError: with the end of a sentence about the value.
    """
    match = _FORM.fullmatch(text)
    if match is None or not 1 <= int(match["port"]) <= MAX_PORT:
        raise ValueError(f"must be HOST:PORT or [IPv6]:PORT with a port from 1 to {MAX_PORT}")
    if match["v6"] is None:
        return match["host"], int(match["port"])
    try:
        return str(ip_address(match["v6"])), int(match["port"])
    except ValueError:
        raise ValueError("must have an IPv6 address in the brackets") from None


def written(host: str, port: int) -> str:
    """As it can be read back."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    return ip_address(address.partition("%")[0]).is_loopback
