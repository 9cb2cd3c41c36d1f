"""What the gateway needs of a reactor: descriptors and time."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorFDSet, IReactorTime


class SocketReactor(IReactorFDSet, IReactorTime):
    """A reactor that watches descriptors and keeps timers; every Twisted reactor on a Unix does."""
