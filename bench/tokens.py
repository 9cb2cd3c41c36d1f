"""Tokens in a memcached of the benchmark's own, as Nova's consoleauth leaves them there since Mitaka."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import secrets
import shutil
import time
from pathlib import Path

from dogpile.cache.api import CachedValue
from pymemcache.client.base import Client

from .server import HOST, Server, free_port

#: Tokens that the viewers take in turn.
_TOKENS = 64
#: A port of loopback that nobody listens on.
_DEAD_PORT = 1
_PICKLED = 1
_TIMEOUT = 10.0


class TokenServer:
    """A memcached with tokens for one console, and one for a console that does not run.

    Attributes:
        prefix: what the tokens begin with; a number of twelve digits follows.
        alive: the tokens of the console that runs, numbered from 0.
        dead: the other one.
    """

    def __init__(self, directory: Path, console_port: int) -> None:
        self.prefix = secrets.token_hex(10) + "-"
        *self.alive, self.dead = (f"{self.prefix}{number:012d}" for number in range(_TOKENS + 1))
        self.port = free_port()
        identity = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = ["memcached", "-l", HOST, "-p", str(self.port), "-U", "0", "-t", "1", "-c", "2048", *identity]
        self._server = Server(command, self.port, directory / "memcached.log")
        try:
            self._fill(console_port)
        except BaseException:
            self.stop()
            raise

    @property
    def processes(self) -> list[int]:
        """The memcached's."""
        return self._server.processes

    def stop(self) -> None:
        """End the memcached."""
        self._server.stop()

    def _fill(self, console_port: int) -> None:
        client = Client((HOST, self.port), default_noreply=False, timeout=_TIMEOUT)
        for token in self.alive:
            _put(client, token, console_port)
        _put(client, self.dead, _DEAD_PORT)
        client.close()


def _put(client: Client, token: str, console_port: int) -> None:
    now = time.time()  # noqa: TID251  (Nova's records carry the time of day)
    record = {
        "token": token,
        "instance_uuid": "6f1f7a2c-9a3b-4a39-8f6e-0d6b2f3a5c11",
        "console_type": "xvpvnc",
        "host": HOST,
        "port": console_port,
        "internal_access_path": None,
        "access_url": None,
        "last_activity_at": now,
    }
    value = pickle.dumps(CachedValue(json.dumps(record), {"ct": now, "v": 1}), pickle.HIGHEST_PROTOCOL)
    key = hashlib.sha1(token.encode()).hexdigest()  # noqa: S324  (Nova's layout)
    client.set(key, value, flags=_PICKLED)


def available() -> bool:
    """Whether there is a memcached to start."""
    return shutil.which("memcached") is not None
