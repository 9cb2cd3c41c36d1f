"""A non-blocking socket as bytes in and bytes out, in the clear or inside TLS.

TLS is the standard library's `ssl.SSLObject` over two memory BIOs: the one TLS
stack of the gateway, for viewers and for consoles.  A channel knows nothing of
the reactor; whoever owns it calls when the socket is readable or writable.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field

#: One read: large enough to be cheap, small enough to keep many sessions fair.
CHUNK_BYTES = 65536


class TLSFailed(Exception):
    """The TLS handshake or a record is not good; the text is OpenSSL's, safe for a log."""


@dataclass(slots=True)
class TLS:
    """The TLS state of a socket: the object and its two memory BIOs."""

    object: ssl.SSLObject
    incoming: ssl.MemoryBIO = field(repr=False)
    outgoing: ssl.MemoryBIO = field(repr=False)


class Channel:
    """Bytes over one connected socket.

    What the socket does not take at once waits in `unsent`: the owner calls
    `flush` when the socket is writable, and offers nothing more until then.
    Every method raises OSError when the connection is lost.
    """

    __slots__ = ("_eof", "_unsent", "socket", "tls")

    def __init__(self, connected: socket.socket, tls: TLS | None = None, unsent: bytes = b"") -> None:
        self.socket = connected
        self.tls = tls
        self._unsent = memoryview(unsent)
        self._eof = False

    @property
    def unsent(self) -> int:
        """Bytes (of ciphertext inside TLS) that the socket has not taken yet."""
        return len(self._unsent)

    # In the clear and inside TLS

    def receive(self) -> bytes | None:
        """At most 64 KiB; empty at the end of the stream, None if nothing is there now.

        Inside TLS more may be there without the socket being readable: call
        again until None, or before waiting.
        """
        if self.tls is None:
            return self._read_socket()
        while True:
            try:
                data = self.tls.object.read(CHUNK_BYTES)
            except ssl.SSLWantReadError:
                if not self._fill():
                    return None
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as error:
                self._collect()
                raise ConnectionAbortedError(f"TLS: {error.reason}") from error
            else:
                return data

    def send(self, data: bytes) -> bool:
        """Offer `data`; True if the socket took all of it."""
        if self.tls is None:
            self._queue(data)
        else:
            self.tls.object.write(data)
            self._collect()
        return self.flush()

    def flush(self) -> bool:
        """Offer what waits; True if nothing waits any more."""
        while self._unsent:
            try:
                sent = self.socket.send(self._unsent)
            except BlockingIOError:
                return False
            self._unsent = self._unsent[sent:]
        return True

    def take_unsent(self) -> bytes:
        """What waits, for whoever takes the socket over."""
        unsent, self._unsent = bytes(self._unsent), memoryview(b"")
        return unsent

    def shut(self) -> None:
        """End our side, once nothing waits any more."""
        self.socket.shutdown(socket.SHUT_WR)

    def end_tls(self) -> None:
        """Say close_notify, if this is TLS; the owner flushes and shuts the socket down."""
        if self.tls is not None:
            with suppress(ssl.SSLError):  # it would wait for the peer's close_notify; we do not
                self.tls.object.unwrap()
            self._collect()

    # The TLS handshake

    def start_tls(self, context: ssl.SSLContext, *, server_side: bool, name: str | None, early: bytes) -> None:
        """Turn into TLS; `early` are the bytes that were read already."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(early)
        wrapped = context.wrap_bio(incoming, outgoing, server_side=server_side, server_hostname=name)
        self.tls = TLS(wrapped, incoming, outgoing)

    def handshake(self) -> bool:
        """Go on with the handshake; True once it is done.

        Raises:
            TLSFailed: it went wrong, or the peer ended; an alert may wait to be flushed.
        """
        assert self.tls is not None
        while True:
            try:
                self.tls.object.do_handshake()
            except ssl.SSLWantReadError:
                self._collect()
                self.flush()
                if not self._fill():
                    return False
                if self._eof:
                    raise TLSFailed("the peer ended within the TLS handshake") from None
            except ssl.SSLCertVerificationError as error:
                self._collect()
                raise TLSFailed(f"certificate: {error.verify_message}") from error
            except ssl.SSLError as error:
                self._collect()
                raise TLSFailed(error.reason or "handshake failed") from error
            else:
                self._collect()
                self.flush()
                return True

    def certificate(self) -> bytes | None:
        """The peer's certificate as DER, right after the handshake."""
        assert self.tls is not None
        return self.tls.object.getpeercert(binary_form=True)

    def _fill(self) -> bool:
        """Bring ciphertext from the socket to the TLS object; False if none is there now."""
        assert self.tls is not None
        data = self._read_socket()
        if data is None:
            return False
        if data:
            self.tls.incoming.write(data)
        elif not self._eof:
            self._eof = True
            self.tls.incoming.write_eof()
        return True

    def _read_socket(self) -> bytes | None:
        try:
            return self.socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return None

    def _collect(self) -> None:
        """Queue what the TLS object wants to say."""
        assert self.tls is not None
        if self.tls.outgoing.pending:
            self._queue(self.tls.outgoing.read())

    def _queue(self, data: bytes) -> None:
        self._unsent = memoryview(bytes(self._unsent) + data) if self._unsent else memoryview(data)
