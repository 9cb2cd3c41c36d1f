"""TLS towards callers, for Twisted's transports: the same certificate that viewers are shown.

What the options mean, and whether the files can be used, `gateway/tls.py` has
decided before: viewers get that context, which the standard library made.
"""

from __future__ import annotations

from pathlib import Path

from OpenSSL import SSL
from twisted.internet.ssl import ContextFactory

from xvpproxy.errors import ConfigurationError

_VERSIONS = {"tlsv1_1": SSL.TLS1_1_VERSION, "tlsv1_2": SSL.TLS1_2_VERSION, "tlsv1_3": SSL.TLS1_3_VERSION}


class CallerContext(ContextFactory):
    """Gives each connection the one context."""

    def __init__(self, context: SSL.Context) -> None:
        self._context = context

    def getContext(self) -> SSL.Context:  # noqa: N802
        return self._context


def caller_context(*, cert: str, key: str | None, ciphers: str | None, minimum_version: str) -> CallerContext | None:
    """The context for TLS with callers, or None where `cert` names no existing file.

    Raises:
        ConfigurationError: the certificate or key cannot be used.
    """
    if not Path(cert).is_file():
        return None
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_CIPHER_SERVER_PREFERENCE)
    context.set_passwd_cb(lambda *_: b"")  # without one OpenSSL would ask on the terminal
    context.set_min_proto_version(_VERSIONS.get(minimum_version, SSL.TLS1_2_VERSION))
    try:
        context.use_certificate_chain_file(cert)
        context.use_privatekey_file(key or cert)
        if ciphers:
            context.set_cipher_list(ciphers.encode())
    except SSL.Error as error:
        raise ConfigurationError(
            f"[DEFAULT] cert = {cert}, key = {key or cert}: not usable for the console API ({error})"
        ) from error
    return CallerContext(context)
