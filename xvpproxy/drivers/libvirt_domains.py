"""What libvirt's URIs, states and domain descriptions mean: pure functions, no calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, DriverUnavailable
from xvpproxy.model import MAX_PORT

from .contract import Console

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PAUSED, _SHUTOFF = 3, 5
#: Nova's words for virDomainState, unless the reason says more.
_STATES = {1: "ACTIVE", 2: "ACTIVE", _PAUSED: "PAUSED", 4: "ACTIVE", _SHUTOFF: "SHUTOFF", 7: "SUSPENDED"}
#: The same for a state with its reason.
_REASONED = {
    (_PAUSED, 2): "MIGRATING",
    (_PAUSED, 12): "MIGRATING",  # the memory comes behind
    (_SHUTOFF, 5): "SUSPENDED",  # its memory is saved on disk
}
_OFF = {"SUSPENDED": "The machine is suspended; resume it, then open the console again."}
_POWERED_OFF = "The machine is powered off; start it, then open the console again."


@dataclass(frozen=True, slots=True)
class Uri:
    """How one libvirt daemon is reached.

    Attributes:
        text: as libvirt wants it.
        host: the other machine's name or address, without brackets; empty for this machine.
    """

    text: str
    host: str

    def __str__(self) -> str:
        parts = urlsplit(self.text)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain as one daemon sees it.

    Attributes:
        uuid: lower-case.
        state: Nova's word.
        active: whether it runs there, or at least has a process there.
        uri: the daemon's.
        node: the name of the daemon's machine.
        xml: its live description, if it was asked for.
    """

    uuid: str
    name: str
    state: str
    active: bool
    uri: Uri
    node: str
    xml: str = ""

    @property
    def rank(self) -> int:
        """Whom to believe where several daemons know it: 0 it runs there, 1 it just arrives or leaves, 2 it is off."""
        return (1 if self.state == "MIGRATING" else 0) if self.active else 2


def uris(text: str) -> list[Uri]:
    """The daemons that a comma list means; raises ConfigurationError."""
    found = [_uri(each.strip()) for each in text.split(",") if each.strip()]
    return list(dict.fromkeys(found))


def _uri(text: str) -> Uri:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not parts.scheme or parts.password is not None:
        raise ConfigurationError(
            "[libvirt] connection_uri must hold libvirt URIs without passwords, comma separated, "
            "such as qemu:///system or qemu+tls://kvm1.example.org/system"
        )
    return Uri(text, "" if _is_loopback(host) else host)


def state_of(state: int, reason: int) -> str:
    """Nova's word for a virDomainState and its reason."""
    return _REASONED.get((state, reason)) or _STATES.get(state, "UNKNOWN")


def console_of(domain: Domain, *, local_address: str) -> Console:
    """Where its VNC server listens, as the live description says.

    Args:
        domain: with its description.
        local_address: what stands for a server of this machine that listens everywhere.

    Raises:
        ConsoleUnavailable: it is off, moves, or shows nothing that can be reached over the network.
    """
    root = _parsed(domain)
    if root.get("id") is None:
        raise ConsoleUnavailable(
            f"domain {domain.name} is off; it has to run to have a console",
            cause="vm_not_running",
            public=_OFF.get(domain.state, _POWERED_OFF),
        )
    if domain.state == "MIGRATING":
        raise ConsoleUnavailable(f"domain {domain.name} is migrating", cause="vm_moving")
    graphics = root.find("devices/graphics[@type='vnc']")
    listens = [] if graphics is None else graphics.findall("listen")
    behind_socket = bool(listens) and all(each.get("type") in ("socket", "none") for each in listens)
    if graphics is None or graphics.get("socket") or behind_socket:
        raise ConsoleUnavailable(
            f"domain {domain.name} has no vnc graphics on a TCP port",
            cause="no_graphics",
            public="The machine has no VNC console.",
        )
    port = _port(graphics.get("port", ""))
    if port is None:
        raise ConsoleUnavailable(
            f"the vnc graphics of domain {domain.name} have no port yet",
            cause="no_console",
            public="The machine has no graphical console now; it may be starting. Try again shortly.",
        )
    addresses = [graphics.get("listen", ""), *(each.get("address", "") for each in listens)]
    return Console(_host(domain, addresses, local_address), port)


def _parsed(domain: Domain) -> Element:
    from xml.etree import ElementTree as ET  # noqa: PLC0415  (for those who have domains; the rest is everybody's)

    try:
        return ET.fromstring(domain.xml)  # noqa: S314  (libvirt writes it anew: no document type, no entities)
    except ET.ParseError as error:
        raise DriverUnavailable(f"{domain.uri} describes domain {domain.name} in broken XML") from error


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_PORT else None


def _host(domain: Domain, addresses: Sequence[str], local_address: str) -> str:
    """The address at which this machine reaches a server that listens on `addresses`."""
    address = next((each for each in addresses if each), "")
    if not address or _is_wildcard(address):
        return domain.uri.host or local_address
    if domain.uri.host and _is_loopback(address):
        raise ConsoleUnavailable(
            f"the VNC server of domain {domain.name} listens on {address} of {domain.uri.host} only; let it listen on "
            "an address that the gateway reaches (vnc_listen in qemu.conf, or the listen address of its graphics)",
            cause="no_graphics",
            public="The machine's VNC console is not open to the gateway.",
        )
    return address


def _is_wildcard(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
