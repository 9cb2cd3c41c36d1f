"""TLS 1.3 records of our own making, for peers that do what no library does (RFC 8446, 4.6.3, 5.2, 7.1 to 7.3)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from ssl import SSLContext

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

APPLICATION_DATA, HANDSHAKE, ALERT = 23, 22, 21
KEY_UPDATE_REQUESTED = b"\x18\0\0\x01\x01"
CLOSE_NOTIFY = b"\x01\0"


def kept_secrets(context: SSLContext) -> Path:
    """Where the secrets of all handshakes of `context` are written from now on."""
    path = Path(tempfile.mkdtemp(), "keys")
    context.keylog_filename = str(path)
    return path


class Records:
    """Seals records as the client of the last handshake in `secrets` would (TLS_AES_256_GCM_SHA384)."""

    def __init__(self, secrets: Path) -> None:
        lines = [line.split() for line in secrets.read_text().splitlines()]
        self._secret = bytes.fromhex([line[2] for line in lines if line[0] == "CLIENT_TRAFFIC_SECRET_0"][-1])
        self._start()

    def seal(self, content: bytes, kind: int = APPLICATION_DATA) -> bytes:
        """One record with `content`, which may be empty."""
        inner = content + bytes([kind])
        header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
        nonce = int.from_bytes(self._iv, "big") ^ self._count
        self._count += 1
        return header + self._cipher.encrypt(nonce.to_bytes(12, "big"), inner, header)

    def update_key(self) -> bytes:
        """The record that asks the other side for a new key as well; from here on ours is new."""
        record = self.seal(KEY_UPDATE_REQUESTED, HANDSHAKE)
        self._secret = self._derived(b"traffic upd", 48)
        self._start()
        return record

    def _start(self) -> None:
        self._cipher, self._iv, self._count = AESGCM(self._derived(b"key", 32)), self._derived(b"iv", 12), 0

    def _derived(self, label: bytes, length: int) -> bytes:
        label = b"tls13 " + label
        info = length.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"
        return HKDFExpand(SHA384(), length, info).derive(self._secret)
