"""The viewers' door: accept, and start one session per connection.

The sockets are our own: so the listeners stay open while the gateway drains,
and accepting pauses, without spinning, when descriptors run out.
"""

from __future__ import annotations

import socket

from oslo_config import cfg
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from xvpproxy.errors import ConfigurationError

from .keepalive import KeepAlive
from .session import Session
from .shared import OUT_OF_DESCRIPTORS, Gateway

log = Logger()

OPTS: dict[str, list[cfg.Opt]] = {
    "vnc": [
        cfg.HostAddressOpt(
            "xvpvncproxy_host",
            default="0.0.0.0",  # noqa: S104  (Nova's default)
            deprecated_group="DEFAULT",
            help="Address at which the gateway listens for viewers. Related: xvpvncproxy_port, xvpvncproxy_base_url.",
        ),
        cfg.PortOpt(
            "xvpvncproxy_port",
            default=6081,
            deprecated_group="DEFAULT",
            help="Port at which the gateway listens for viewers; 0 = this door is off.",
        ),
    ],
    "gateway": [
        cfg.FloatOpt(
            "preamble_timeout",
            default=10.0,
            min=0.1,
            help="Seconds that a viewer has, from the moment the gateway accepts its connection, to send its whole "
            "request (with TLS, the handshake too). The deadline does not move.",
        ),
        cfg.IntOpt(
            "max_sessions",
            default=0,
            min=0,
            help="Sessions that the gateway serves at once, all its workers together; 0 = what the limit of file "
            "descriptors allows, which is also the most. Further viewers get 429.",
        ),
        cfg.IntOpt(
            "max_pending_per_address",
            default=64,
            min=1,
            help="Connections from one address that each worker may have open without a valid token shown. Raise it "
            "where many viewers come from one address, such as a load balancer's.",
        ),
        cfg.IntOpt(
            "max_sessions_per_token",
            default=16,
            min=1,
            help="Sessions that viewers may open at once with one token, at all workers together.",
        ),
        cfg.FloatOpt(
            "drain_timeout",
            default=30.0,
            min=0,
            help="Seconds that live sessions get after SIGTERM; new viewers are answered 503 meanwhile. A second "
            "SIGTERM ends them at once.",
        ),
    ],
}

_BACKLOG = 1024
#: Connections taken per event, so that a storm of them does not starve the sessions.
_ACCEPTS = 64
#: Seconds until the next try when descriptors have run out.
_PAUSE_SECONDS = 0.25
#: Seconds between two lines about it: it may last.
_WARNING_SECONDS = 60.0


def bind(host: str, port: int, *, option: str, shared: bool = False) -> list[socket.socket]:
    """Bound and listening sockets for `host`, one per address that the name has.

    Where `shared`, others that are bound so may listen there too, and the kernel spreads connections over all of them.

    Raises:
        ConfigurationError: naming `option`, when it cannot be had.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ConfigurationError(f"{option}: cannot listen on {host!r}: {error}") from error
    listening: list[socket.socket] = []
    try:
        for family, _type, _protocol, _name, address in dict.fromkeys(found):
            port_socket = socket.create_server(address, family=family, backlog=_BACKLOG, reuse_port=shared)
            listening.append(port_socket)
            port_socket.setblocking(False)
    except OSError as error:
        for port_socket in listening:
            port_socket.close()
        raise ConfigurationError(
            f"{option}: cannot listen on {host}:{port}: {error.strerror or error}; "
            "choose another port, or stop what listens there"
        ) from error
    return listening


class Listener:
    """Accepts viewers on one listening socket.

    Args:
        gateway: asked at every accept, so that a reload takes effect.
    """

    def __init__(self, listening: socket.socket, *, gateway: Gateway, keepalive: KeepAlive) -> None:
        self._socket = listening
        self._fd = listening.fileno()
        self._gateway = gateway
        self._pause: IDelayedCall | None = None
        self._queued = False
        self._warned = -_WARNING_SECONDS
        host, port = listening.getsockname()[:2]
        #: Where it listens, for people.
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.tune(keepalive)
        gateway.dispatch.add(self._fd, self)

    def tune(self, keepalive: KeepAlive) -> None:
        """Set what the sockets accepted from now on inherit."""
        keepalive.apply(self._socket)

    def close(self) -> None:
        """Stop listening."""
        if self._fd < 0:
            return
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._gateway.dispatch.remove(self._fd)
        self._fd = -1
        self._socket.close()

    def on(self, _events: int) -> None:
        """See `dispatch.Owner`."""
        if self._pause is None:
            self._accept()

    def again(self) -> None:
        """See `dispatch.Owner`."""
        self._queued = False
        if self._pause is None:
            self._accept()

    def failed(self) -> None:
        """See `dispatch.Owner`: one viewer's failure is not the door's."""
        self._ask_again()

    def _accept(self) -> None:
        sessions = self._gateway.sessions
        for _ in range(_ACCEPTS):
            if self._fd < 0:
                return
            if sessions.descriptors >= sessions.limits.descriptors:
                self._wait("connections use as many file descriptors as they may")
                return
            try:
                accepted, peer = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in OUT_OF_DESCRIPTORS:
                    self._wait(error.strerror or str(error))
                    return
                continue  # the peer was gone before it was accepted
            self._welcome(accepted, peer[0])
        self._ask_again()

    def _ask_again(self) -> None:
        if not self._queued:
            self._queued = True
            self._gateway.dispatch.soon(self)

    def _welcome(self, accepted: socket.socket, address: str) -> None:
        if self._gateway.sessions.crowded(address):
            accepted.close()
            return
        accepted.setblocking(False)
        Session(accepted, address, self._gateway)

    def _wait(self, why: str) -> None:
        """Out of descriptors: let the kernel queue the viewers, and look again shortly."""
        gateway = self._gateway
        now = gateway.reactor.seconds()
        if now - self._warned >= _WARNING_SECONDS:
            self._warned = now
            log.warn("not accepting on {address} until descriptors are free: {why}", address=self.address, why=why)
        gateway.dispatch.reading(self._fd, wanted=False)
        self._pause = gateway.reactor.callLater(_PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        self._pause = None
        self._gateway.dispatch.reading(self._fd, wanted=True)
        self._ask_again()
