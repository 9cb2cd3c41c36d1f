"""TLS at both doors: our certificate towards viewers, trust towards XenServers."""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from oslo_config import cfg

from xvpproxy.errors import ConfigurationError

OPTS: dict[str, list[cfg.Opt]] = {
    "DEFAULT": [
        cfg.StrOpt(
            "cert",
            default="self.pem",
            help="PEM file with the certificate (and its chain) that the gateway shows to viewers. Where the file "
            "exists, viewers may come with TLS or without on the same port; where it does not, only without. An ECDSA "
            "certificate makes sessions start twice as fast as an RSA one. Related: key, ssl_only.",
        ),
        cfg.StrOpt("key", help="PEM file with the certificate's private key; unset: it stands in the cert file."),
        cfg.BoolOpt(
            "ssl_only",
            default=False,
            help="Refuse viewers that come without TLS. The gateway does not start if cert is then not usable.",
        ),
    ],
    "console": [
        cfg.StrOpt(
            "ssl_ciphers",
            help="OpenSSL cipher list for TLS 1.2 and older between viewers and the gateway; unset: OpenSSL's own.",
        ),
        cfg.StrOpt(
            "ssl_minimum_version",
            default="default",
            choices=[
                ("default", "what this system's OpenSSL considers safe"),
                ("tlsv1_1", "TLS 1.1 or newer"),
                ("tlsv1_2", "TLS 1.2 or newer"),
                ("tlsv1_3", "TLS 1.3 or newer"),
            ],
            help="The oldest TLS version that viewers may use towards the gateway.",
        ),
    ],
    "xenserver": [
        cfg.StrOpt(
            "ca_file",
            help="PEM file of the authorities that sign the certificates of XenServer hosts (a host's own self-signed "
            "certificate will do); unset: the system's. The gateway connects to the hosts, and checks the host name.",
        ),
        cfg.ListOpt(
            "fingerprints",
            help="SHA-256 fingerprints of the certificates of XenServer hosts, hex, with or without colons. A host "
            "with one of them is trusted whatever signed it and whatever name it bears. Each host has its own.",
        ),
        cfg.BoolOpt(
            "verify",
            default=True,
            help="Whether the certificates of XenServer hosts are checked at all. Without it anybody between the "
            "gateway and a host can read and change what a user sees and types; the log says so at every start.",
        ),
    ],
}

_VERSIONS = {
    "tlsv1_1": ssl.TLSVersion.TLSv1_1,
    "tlsv1_2": ssl.TLSVersion.TLSv1_2,
    "tlsv1_3": ssl.TLSVersion.TLSv1_3,
}
_SHA256 = re.compile(r"[0-9a-f]{64}")


def viewer_context(
    *, cert: str, key: str | None, ciphers: str | None, minimum_version: str, required: bool
) -> ssl.SSLContext | None:
    """The context for TLS with viewers, or None where `cert` names no existing file.

    Raises:
        ConfigurationError: the certificate, key or ciphers cannot be used, or `required` and there is none.
    """
    if not Path(cert).is_file():
        if required:
            raise ConfigurationError(f"[DEFAULT] ssl_only is set but cert = {cert} is not an existing file")
        return None
    context = _within_one_handshake(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    try:
        # Without a password of ours OpenSSL would ask for one on the terminal.
        context.load_cert_chain(cert, key, password="")
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"[DEFAULT] cert = {cert}, key = {key or cert}: not a certificate with its private key in PEM ({error})"
        ) from error
    context.num_tickets = 1  # OpenSSL would make two for every session; a viewer opens one at a time
    if minimum_version in _VERSIONS:
        context.minimum_version = _VERSIONS[minimum_version]
    if ciphers:
        try:
            context.set_ciphers(ciphers)
        except ssl.SSLError as error:
            raise ConfigurationError(f"[console] ssl_ciphers = {ciphers}: OpenSSL knows none of them") from error
    return context


@dataclass(frozen=True, slots=True)
class Trust:
    """How a XenServer's certificate is judged.

    Attributes:
        make_context: gives the context, the same one each time.
        fingerprints: SHA-256 of the DER certificates that are trusted, lower-case hex; empty: the context decides.
    """

    make_context: Callable[[], ssl.SSLContext] = field(repr=False)
    fingerprints: frozenset[str]

    @property
    def context(self) -> ssl.SSLContext:
        """For the client's side of the handshake; made when the first host is reached inside TLS."""
        return self.make_context()

    def accepts(self, certificate: bytes | None) -> bool:
        """Whether `certificate` (DER) is one that is pinned, if any is."""
        if not self.fingerprints:
            return True
        shown = hashlib.sha256(certificate or b"").hexdigest()
        return any(hmac.compare_digest(shown, pinned) for pinned in self.fingerprints)

    def also(self, fingerprint: str) -> Trust:
        """The trust towards a host whose certificate is known from elsewhere; besides it only pinned ones will do."""
        context = _within_one_handshake(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return Trust(lambda: context, self.fingerprints | {fingerprint})


def xenserver_trust(*, ca_file: str | None, fingerprints: list[str] | None, verify: bool) -> Trust:
    """The trust that the options mean.  Raises ConfigurationError."""
    pins = frozenset(pin.strip().lower().replace(":", "") for pin in fingerprints or ())
    bad = sorted(pin for pin in pins if not _SHA256.fullmatch(pin))
    if bad:
        raise ConfigurationError(
            f"[xenserver] fingerprints: {bad[0]!r} is not a SHA-256 in hex (64 digits); "
            "openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE prints one"
        )
    # Made once and late: the system's authorities are 1 MiB and 30 ms, and most gateways never ask them.
    make_context = cache(partial(_client_context, ca_file, checks=verify and not pins))
    if ca_file:
        try:
            make_context()
        except OSError as error:
            raise ConfigurationError(
                f"[xenserver] ca_file = {ca_file}: not a PEM file of certificates ({error})"
            ) from error
    return Trust(make_context, pins)


def _client_context(ca_file: str | None, *, checks: bool) -> ssl.SSLContext:
    context = _within_one_handshake(ssl.create_default_context(cafile=ca_file))
    if not checks:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _within_one_handshake(context: ssl.SSLContext) -> ssl.SSLContext:
    """Refuse a second handshake in the middle of a session, during which nothing could be sealed."""
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context
