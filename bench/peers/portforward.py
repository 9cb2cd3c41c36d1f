"""Twisted's own port forwarder: portforward.py PORT CONSOLE_PORT [PEM].

With PEM, a file with certificate and key, it listens with TLS.
"""

import sys
from pathlib import Path
from typing import Any

from twisted.internet import reactor, ssl  # noqa: TID251  (a program of its own)
from twisted.protocols.portforward import ProxyFactory

BACKLOG = 1024


def main(reactor: Any, port: int, console_port: int, certificate: str = "") -> None:
    """Forward until a signal comes."""
    factory: Any = ProxyFactory("127.0.0.1", console_port)
    if certificate:
        options = ssl.PrivateCertificate.loadPEM(Path(certificate).read_bytes()).options()
        reactor.listenSSL(port, factory, options, backlog=BACKLOG, interface="127.0.0.1")
    else:
        reactor.listenTCP(port, factory, backlog=BACKLOG, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main(reactor, int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
