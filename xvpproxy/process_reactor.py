"""The process's reactor, with as much of Twisted as the gateway needs."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Any

_PYOPENSSL = "OpenSSL"


def load_reactor(*, tls: bool) -> Any:
    """Import the reactor, which installs the default one unless another has been installed already.

    Twisted's own TLS serves the callers of the console API alone: viewers and consoles have the standard library's.
    Without them pyOpenSSL and cryptography would be 12 MiB of each worker that nothing uses, so they are kept from the
    reactor, which does without wherever they are not installed.

    Args:
        tls: whether Twisted's own TLS may be needed.
    """
    spare = not tls and _PYOPENSSL not in sys.modules
    if spare:
        sys.modules[_PYOPENSSL] = None  # type: ignore[assignment]  # how Python spells "not to be imported"
    try:
        from twisted.internet import reactor  # noqa: PLC0415, TID251
    finally:
        if spare:
            del sys.modules[_PYOPENSSL]
    return steadied(reactor)


def steadied(reactor: Any) -> Any:
    """Have `reactor`, which has no timers yet, go by a clock that nobody sets.

    Twisted's goes by the time of day: where that is set back all timers are late by as much, and where it is set
    forward they run out at once.
    """
    reactor.seconds = monotonic
    return reactor
