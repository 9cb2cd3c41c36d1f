"""Lets an ordinary VNC viewer through the gateway: a port that opens an access URL for whoever connects.

VNC viewers do not speak the preamble.  In a test:

    forwarder = Forwarder(url, reactor)         # vncdo -s 127.0.0.1::PORT ...
    await forwarder.stop()

and by hand: `python -m tests.forwarder ACCESS_URL`, which prints the port.
"""

import sys
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.protocols.portforward import ProxyClient, ProxyClientFactory, ProxyFactory, ProxyServer

HOST = "127.0.0.1"
_ACCEPTED = b"HTTP/1.1 200 OK\r\n"
_END = b"\r\n\r\n"
_MAX_HEAD_BYTES = 8192


class _Opening(ProxyClient):
    """The gateway's side: it becomes a plain relay once the gateway has said 200."""

    _head: bytes | None = b""

    def connectionMade(self):
        self.transport.write(self.factory.preamble)

    def dataReceived(self, data):
        if self._head is None:
            super().dataReceived(data)
            return
        self._head += data
        head, end, screen = self._head.partition(_END)
        if end and (head + end).startswith(_ACCEPTED):
            self._head = None
            super().connectionMade()
            if screen:
                super().dataReceived(screen)
        elif end or len(self._head) > _MAX_HEAD_BYTES:
            self.factory.refusals.append(head.decode("ascii", "replace"))
            self.transport.loseConnection()


class _OpeningFactory(ProxyClientFactory):
    protocol = _Opening
    noisy = False


class _Viewer(ProxyServer):
    def clientProtocolFactory(self):
        opening = _OpeningFactory()
        opening.preamble, opening.refusals = self.factory.preamble, self.factory.refusals
        return opening

    def connectionMade(self):
        self.factory.viewers[self] = Deferred()
        super().connectionMade()

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.factory.viewers.pop(self).callback(None)


class _Viewers(ProxyFactory):
    protocol = _Viewer
    noisy = False


class Forwarder:
    """Listens on a free loopback port.

    Attributes:
        port: where viewers connect, on `HOST`.
        refusals: the heads of the gateway's refusals, in order.
    """

    def __init__(self, url: str, reactor) -> None:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        viewers = _Viewers(parts.hostname, parts.port)
        viewers.preamble = f"CONNECT {target} HTTP/1.0\r\n\r\n".encode()
        viewers.refusals = self.refusals = []
        viewers.viewers = self._viewers = {}
        self._listening = reactor.listenTCP(0, viewers, interface=HOST)
        self.port: int = self._listening.getHost().port

    async def stop(self) -> None:
        """Accept nobody, and let go of those who are there."""
        await self._listening.stopListening()
        for viewer, gone in list(self._viewers.items()):
            viewer.transport.abortConnection()
            await gone


async def _main(reactor, url: str) -> None:
    print(Forwarder(url, reactor).port, flush=True)  # noqa: T201
    await Deferred()


if __name__ == "__main__":
    react(_main, sys.argv[1:2])
