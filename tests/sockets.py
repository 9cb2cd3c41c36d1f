"""Real TCP connections on the loopback interface, and blocking peers for them.

A test's peers block, with a time limit, in threads of their own; the code under
test runs on the reactor.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

#: Long enough for a loaded machine; a test that needs it has failed anyway.
PATIENCE = 20.0


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """A connection's two ends: ours (non-blocking) and the peer's (blocking, with a time limit)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = socket.create_connection(server.getsockname())
        ours, _address = server.accept()
    ours.setblocking(False)
    peer.settimeout(PATIENCE)
    return ours, peer


def reset(peer: socket.socket) -> None:
    """Close with an RST."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def in_thread(function: Callable[..., Any], *args: Any) -> Deferred[Any]:
    """Run a blocking peer's step beside the reactor."""
    return deferToThread(function, *args)


def read_exactly(peer: socket.socket, count: int) -> bytes:
    """`count` bytes, or what came before the end."""
    data = bytearray()
    while len(data) < count:
        chunk = peer.recv(min(65536, count - len(data)))
        if not chunk:
            break
        data += chunk
    return bytes(data)


def read_to_end(peer: socket.socket) -> bytes:
    """Everything until the end of the stream."""
    data = bytearray()
    while chunk := peer.recv(65536):
        data += chunk
    return bytes(data)


def write_and_end(peer: socket.socket, data: bytes) -> None:
    """Send all of `data`, then FIN."""
    peer.sendall(data)
    peer.shutdown(socket.SHUT_WR)


def fill(peer: socket.socket) -> int:
    """Send until nothing is taken for half a second, or the connection breaks; the number of bytes."""
    peer.settimeout(0.5)
    sent = 0
    chunk = b"\xaa" * 65536
    try:
        while True:
            sent += peer.send(chunk)
    except OSError:
        return sent
    finally:
        peer.settimeout(PATIENCE)
