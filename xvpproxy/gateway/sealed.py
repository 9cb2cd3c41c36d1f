"""TLS without a socket: ciphertext in, plaintext out, and back.

It is the standard library's `ssl.SSLObject` over two memory BIOs: the one TLS
stack of the gateway, for viewers and for consoles.  A memory BIO never gives
back the memory of the largest batch that it held, so all connections share two
of them, which are empty whenever no method here is running, also after a
failed one.  For one thread only.
"""

from __future__ import annotations

import ssl
from contextlib import suppress

#: The most ciphertext that one call of `Sealed.open` or `Sealed.handshake` takes.
OPEN_BYTES = 131072
#: What is read of a stranger in one turn: a TLS record can take a thousand times as long as its bytes do in the clear,
#: and say nothing.
TURN_BYTES = 8192
#: A TLS record holds no more plaintext than this.
_RECORD_BYTES = 16384
#: What the objects read from and write to; part of a record moves on into the object's own buffer.
_FROM, _TO = ssl.MemoryBIO(), ssl.MemoryBIO()
#: The plaintext of one call: that of its own ciphertext and of one record that was begun before.
_PLAIN = memoryview(bytearray(OPEN_BYTES + 2 * _RECORD_BYTES))


class TLSFailed(Exception):
    """The TLS handshake or a record is not good; the text is OpenSSL's, safe for a log."""


class Sealed:
    """The TLS state of one connection.

    Whatever a method raises, `take_reply` may have something for the peer.

    Args:
        name: on the client's side the server's, for SNI and the certificate.
    """

    __slots__ = ("_object", "_reply", "ended", "portion")

    def __init__(self, context: ssl.SSLContext, *, server_side: bool, name: str | None) -> None:
        self._object = context.wrap_bio(_FROM, _TO, server_side=server_side, server_hostname=name)
        self._reply = b""
        #: How much ciphertext to open in one turn: clients can be anybody, and have no bulk to send.
        self.portion = TURN_BYTES if server_side else OPEN_BYTES
        #: Whether the peer has said close_notify: nothing more comes from it.
        self.ended = False

    def handshake(self, data: bytes) -> bytes | None:
        """Go on with the handshake, with ciphertext from the peer (none at the client's start).

        Returns:
            None until it is done, then the plaintext that came right behind it.

        Raises:
            TLSFailed: it went wrong.
        """
        _FROM.write(data)
        try:
            self._object.do_handshake()
            return bytes(self.open(b""))
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLCertVerificationError as error:
            raise TLSFailed(f"certificate: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise TLSFailed(error.reason or "handshake failed") from error
        finally:
            self._empty()

    def certificate(self) -> bytes | None:
        """The peer's certificate as DER, once the handshake is done; None if it showed none."""
        return self._object.getpeercert(binary_form=True)

    @property
    def reply_can_wait(self) -> bool:
        """Whether what a server says at the handshake's end may wait for its first words: TLS 1.3's tickets."""
        return self._object.version() == "TLSv1.3"

    def open(self, data: bytes | memoryview) -> memoryview:
        """The plaintext that `data` (at most `OPEN_BYTES` of ciphertext) completes; good until the next call of any.

        Raises:
            TLSFailed: a record is not good.
        """
        if len(data) > OPEN_BYTES:
            raise ValueError(f"{len(data)} bytes of ciphertext at once")
        _FROM.write(data)
        read, end = self._object.read, 0
        try:
            while _FROM.pending:  # asking once too often raises, which costs more than a small record
                count: int = read(len(_PLAIN), _PLAIN[end:] if end else _PLAIN)  # type: ignore[assignment]
                if not count:
                    self.ended = True
                    break
                end += count
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as error:
            raise TLSFailed(error.reason or "bad record") from error
        finally:
            if _FROM.pending or _TO.pending:
                self._empty()
        return _PLAIN[:end]

    def seal(self, data: bytes | memoryview) -> bytes:
        """Ciphertext of `data`, behind what TLS itself has to say."""
        self._object.write(data)
        return self.take_reply() + _TO.read() if self._reply else _TO.read()

    def end(self) -> bytes:
        """What ends our direction (close_notify), behind what TLS itself has to say."""
        with suppress(ssl.SSLError):  # it would wait for the peer's close_notify; we do not
            self._object.unwrap()
        self._empty()
        return self.take_reply()

    def take_reply(self) -> bytes:
        """What TLS itself has had to say since: of the handshake, tickets, alerts, key updates; mostly nothing."""
        reply, self._reply = self._reply, b""
        return reply

    def _empty(self) -> None:
        """Leave nothing of this connection to the next one."""
        if _FROM.pending:
            _FROM.read()
        if _TO.pending:
            self._reply += _TO.read()
