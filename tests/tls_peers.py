"""Blocking peers that speak TLS, for tests that read and write at once.

An `SSLSocket` is not for two threads at a time; a `TLSPeer` is.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from collections.abc import Callable
from threading import Lock
from typing import Any

from tests.sockets import PATIENCE
from xvpproxy.gateway.sealed import Sealed


class TLSPeer:
    """What of a blocking socket with a time limit the tests use, inside TLS."""

    def __init__(self, connected: socket.socket, context: ssl.SSLContext, **wrapping: Any) -> None:
        connected.setblocking(False)
        self.tls = context.wrap_socket(connected, do_handshake_on_connect=False, **wrapping)
        self.fileno = self.tls.fileno
        self.setsockopt = self.tls.setsockopt
        self._lock = Lock()
        self._patience: float = PATIENCE

    def settimeout(self, seconds: float) -> None:
        self._patience = seconds

    def recv(self, count: int) -> bytes:
        return self._patiently(self.tls.recv, count)

    def send(self, data: bytes) -> int:
        return self._patiently(self.tls.send, data)

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest[:65536]) :]

    def say_goodbye(self) -> None:
        """Say close_notify."""
        with self._lock, contextlib.suppress(ssl.SSLWantReadError):  # it would wait for the other's
            self.tls.unwrap()

    def shutdown(self, how: int) -> None:
        """Say FIN, without close_notify; what comes can still be read."""
        with self._lock:
            socket.socket.shutdown(self.tls, how)

    def close(self) -> None:
        with self._lock:
            self.tls.close()

    def _patiently(self, operation: Callable[..., Any], *args: Any) -> Any:
        while True:
            waits: tuple[list[ssl.SSLSocket], list[ssl.SSLSocket]] = ([self.tls], [])
            with self._lock:
                try:
                    return operation(*args)
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLWantWriteError:
                    waits = ([], [self.tls])
            if select.select(*waits, [], self._patience) == ([], [], []):
                raise TimeoutError


def shaken(ours: socket.socket, sealed: Sealed, peer: TLSPeer) -> bytes:
    """Do the handshake between `sealed`, on its socket, and `peer`; the plaintext that came with it."""
    early, peer_is_done = sealed.handshake(b""), False
    while early is None or not peer_is_done:
        ours.send(sealed.take_reply())
        try:
            peer.tls.do_handshake()
            peer_is_done = True
        except ssl.SSLWantReadError:
            pass
        if early is None and select.select([ours], [], [], 0.05)[0]:
            early = sealed.handshake(ours.recv(65536))
    ours.send(sealed.take_reply())
    return early
