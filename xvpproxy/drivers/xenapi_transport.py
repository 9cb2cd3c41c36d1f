"""XML-RPC to a XenServer host: bounded in time and size, trusted before a word is said, never repeated.

The library's own transport waits for ever, and repeats a call by itself when a
connection drops, which may do the same thing twice.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import xmlrpc.client
from typing import Any, Protocol

#: More than the records of a pool's thousands of machines.
MAX_ANSWER_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 16


class HostTrust(Protocol):
    """How a host's certificate is judged."""

    @property
    def context(self) -> ssl.SSLContext:
        """For the client's side of the handshake."""

    def accepts(self, certificate: bytes | None) -> bool:
        """Whether a certificate (DER) is one that is pinned, if any is."""


class Untrusted(OSError):
    """The host showed a certificate that is not pinned; nothing has been sent to it."""


class Transport(xmlrpc.client.Transport):
    """One connection to one host, kept between calls.

    Attributes:
        seconds: how long each wait of the next call may take.
        connect_seconds: the same for a new connection, with its TLS.
        used: whether a call has been answered on the connection as it is: an idle one may have been cut since.
    """

    accept_gzip_encoding = False
    user_agent = "xvpproxy"

    def __init__(self, trust: HostTrust | None) -> None:
        super().__init__()
        self.seconds = self.connect_seconds = 10.0
        self.used = False
        self._trust = trust
        self._open: _Connection | _TrustedConnection | None = None

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:
        """One call, once."""
        answer = self.single_request(host, handler, request_body, verbose)
        self.used = True
        return answer

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        """The connection, with the limits of the next call."""
        if self._open is None:
            self._open = _Connection(str(host)) if self._trust is None else _TrustedConnection(str(host), self._trust)
        self._open.timeout, self._open.reply_seconds = self.connect_seconds, self.seconds
        if self._open.sock is not None:
            self._open.sock.settimeout(self.seconds)
        return self._open

    def close(self) -> None:
        """Close the connection; the next call makes another."""
        connection, self._open, self.used = self._open, None, False
        if connection is not None:
            connection.close()

    def abort(self) -> None:
        """Wake whoever waits for this connection, from any thread."""
        connection = self._open
        sock = connection.sock if connection is not None else None
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already

    def parse_response(self, response: Any) -> Any:
        """The values of an answer, if it is not a monstrous one."""
        parser, unmarshaller = self.getparser()
        left = MAX_ANSWER_BYTES
        while data := response.read(_CHUNK_BYTES):
            left -= len(data)
            if left < 0:
                raise http.client.HTTPException(f"an answer of more than {MAX_ANSWER_BYTES} bytes")
            parser.feed(data)
        parser.close()
        return unmarshaller.close()


class _Connection(http.client.HTTPConnection):
    """A connection with one limit until it stands, and another one for what is said on it."""

    reply_seconds = 10.0

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(self.reply_seconds)


class _TrustedConnection(http.client.HTTPSConnection):
    """The same inside TLS; the certificate is looked at before anything is sent."""

    reply_seconds = 10.0

    def __init__(self, host: str, trust: HostTrust) -> None:
        super().__init__(host, context=trust.context)
        self._trust = trust

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(self.reply_seconds)
        if not self._trust.accepts(self.sock.getpeercert(binary_form=True)):
            self.close()
            raise Untrusted("its certificate is none of [xenserver] fingerprints")
