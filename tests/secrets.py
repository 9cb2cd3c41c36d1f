"""Searches what the outside can see for what it must not."""

import json
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote

#: A shorter piece of a secret may stand in a text by chance.
PIECE_CHARACTERS = 12


def leaks(outputs: Iterable[str | bytes], *secrets: str) -> list[str]:
    """One line per spelling of a secret that stands in an output; empty if all is well.

    A secret is looked for whole, in pieces of 12 characters, backwards,
    percent-encoded once and twice, in hexadecimal, in base64 at each of the
    three alignments, and as JSON and Python's repr would escape it.
    """
    texts = [output.decode("latin-1") if isinstance(output, bytes) else output for output in outputs]
    found = []
    for number, secret in enumerate(secrets):
        for spelling, piece in _spellings(secret):
            for text in texts:
                at = text.lower().find(piece.lower())
                if at >= 0:
                    found.append(f"secret {number}, {spelling}: {text[max(0, at - 40) : at + len(piece) + 40]!r}")
                    break
    return found


def _spellings(secret: str) -> list[tuple[str, str]]:
    data = secret.encode()
    once = quote(secret, safe="")
    every = "".join(f"%{byte:02X}" for byte in data)
    spellings = [
        ("backwards", secret[::-1]),
        ("without dashes", secret.replace("-", "")),
        ("percent-encoded", once),
        ("percent-encoded twice", quote(once, safe="")),
        ("every byte percent-encoded", every),
        ("hexadecimal", data.hex()),
        ("JSON", json.dumps(secret)[1:-1]),
        ("repr", repr(secret)[1:-1]),
    ]
    for offset in range(3):
        # what the neighbours at either end share with the secret's own characters is left out
        encoded = b64encode(b"\0" * offset + data).decode().rstrip("=")
        spellings.append((f"base64 at offset {offset}", encoded[offset + 1 if offset else 0 : -1]))
    spellings += [
        ("a piece", secret[start : start + PIECE_CHARACTERS])
        for start in range(max(1, len(secret) - PIECE_CHARACTERS + 1))
    ]
    return spellings
