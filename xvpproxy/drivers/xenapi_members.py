"""The hosts of a pool as `[xenserver] connection_url` names them, and how far an address from elsewhere is trusted."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from xvpproxy.errors import ConfigurationError

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Member:
    """One host's door: API and consoles.

    Attributes:
        host: name or address, IPv6 without brackets.
    """

    host: str
    port: int
    tls: bool

    @property
    def url(self) -> str:
        """What XML-RPC is spoken to."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{name}:{self.port}"

    def __str__(self) -> str:
        return self.url


class Members:
    """The configured members, in their order; `tls` is what the first one's URL says."""

    def __init__(self, configured: tuple[Member, ...]) -> None:
        self.configured = configured
        self.tls = configured[0].tls

    @classmethod
    def parse(cls, connection_url: str | None) -> Members:
        """The members of a comma list of URLs.

        Raises:
            ConfigurationError: with a sentence for each URL that cannot be used.
        """
        urls = [url.strip() for url in (connection_url or "").split(",") if url.strip()]
        if not urls:
            raise ConfigurationError(
                "[xenserver] connection_url is not set; name the pool's hosts: https://xen1.example,https://xen2.example"
            )
        members, problems = [], []
        for url in urls:
            try:
                members.append(_member(url))
            except ValueError as error:
                problems.append(f"[xenserver] connection_url: {error}")
        if problems:
            raise ConfigurationError(*problems)
        return cls(tuple(dict.fromkeys(members)))

    def at(self, address: str) -> Member | None:
        """The configured member with this address; looks names up, so it blocks."""
        wanted = _plain(address)
        for member in self.configured:
            if wanted == _plain(member.host) or wanted in _addresses(member.host):
                return member
        return None

    def usual(self, address: str) -> Member:
        """A host that is not configured, at the port where such hosts are."""
        return Member(address, _PORTS["https" if self.tls else "http"], self.tls)


def is_suspicious(address: str) -> bool:
    """Whether it is an address that no other machine's console can be at: loopback, link-local and the like."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return not address
    return parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast


def _member(url: str) -> Member:
    """Raises ValueError with a sentence, which does not quote what may be a password."""
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL has a user in it; set connection_username and connection_password instead")
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is not like https://xen1.example")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise ValueError(f"{url!r} has a port that is not a number from 1 to 65535") from None
    return Member(parts.hostname, port, parts.scheme == "https")


def _plain(address: str) -> str:
    try:
        return str(ip_address(address.strip("[]")))
    except ValueError:
        return address.lower()


def _addresses(name: str) -> set[str]:
    try:
        ip_address(name)
    except ValueError:
        pass
    else:
        return set()
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return set()
    return {str(address[0]) for *_rest, address in found}
