"""Tokens that stand in a memcached as Nova Rocky wrote them.

A recorded value is taken as it is, and of its bytes only three things are
replaced: where the console is, the token, and the time it was made.
"""

import json
import re
import time
import uuid
from base64 import b64decode
from hashlib import sha1
from pathlib import Path

from pymemcache.client.base import Client

from tests.endpoint import LOOPBACK

_VECTOR = Path(__file__).parent / "vectors" / "memcached" / "rocky-py27-memcached.json"


def stands(memcached: int, console: int, *, path: str | None = None, ct: float | None = None) -> str:
    """Put a token for the console at a port of loopback into the memcached at another, and tell it.

    Args:
        memcached: port.
        console: port.
        path: the `internal_access_path`.
        ct: when it was made, Unix seconds; None for now.
    """
    token = str(uuid.uuid4())
    (stored,) = _recorded()["stored"]
    value = _changed(b64decode(stored["value_b64"]), token, console, path, time.time() if ct is None else ct)
    put(memcached, token, value, stored["flags"])
    return token


def put(memcached: int, token: str, value: bytes, flags: int) -> None:
    """Put a value under a token's key, as oslo.cache makes it: SHA-1 in hex."""
    client = Client((LOOPBACK, memcached), connect_timeout=20, timeout=20)
    key = sha1(token.encode(), usedforsecurity=False).hexdigest()
    assert client.set(key, value, flags=flags, noreply=False)
    client.close()


def _recorded() -> dict:
    records = json.loads(_VECTOR.read_text())["records"]
    return next(record for record in records if record["decodes_to"]["record"]["console_type"] == "xvpvnc")


def _changed(value: bytes, token: str, console: int, path: str | None, ct: float) -> bytes:
    payload = re.search(rb"S'(\{.*\})'\n", value)
    record = json.loads(payload[1])
    url = record["access_url"].replace(record["token"], token)
    record |= {"host": LOOPBACK, "port": console, "token": token, "access_url": url}
    record |= {"internal_access_path": path, "last_activity_at": ct}
    value = value.replace(payload[1], json.dumps(record).encode())
    value, times = re.subn(rb"\nF[0-9.]+\n", b"\nF%r\n" % ct, value)
    assert times == 1, value
    return value
