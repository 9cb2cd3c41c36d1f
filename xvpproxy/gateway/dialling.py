"""The stream to a console, from the moment its socket begins to connect."""

from __future__ import annotations

import socket

from .dispatch import ERR, HUP, OUT, Dispatch
from .stream import Stream
from .timers import Timers


class Dialling(Stream):
    """A `Stream` whose socket may still have to become connected; see `connected`."""

    __slots__ = ("_connecting", "_status")

    def __init__(
        self, socket_: socket.socket, *, dispatch: Dispatch, timers: Timers, connecting: bool, place: str
    ) -> None:
        super().__init__(socket_, dispatch=dispatch, timers=timers, gone=_nobody_minds, place=place)
        self._connecting = connecting
        self._status = 0

    async def connected(self) -> int:
        """Wait until the socket has connected: 0; or failed: the errno."""
        while self._connecting:
            await self.arrived()
        return self._status

    def on(self, events: int) -> None:
        """See `dispatch.Owner`."""
        if self._connecting:
            if events & (ERR | HUP) or not self._dispatch.edges:
                self._status = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self._connecting = not (self._status or (events & OUT and self._has_peer()))
            if self._connecting or self._status:
                self.wake()
                return
        super().on(events)

    def _has_peer(self) -> bool:
        """Whether it has connected: OUT may be meant for an earlier socket, too."""
        try:
            self._socket.getpeername()
        except OSError:
            return False
        return True


def _nobody_minds() -> None:
    """A console that leaves while it is being reached is noticed by the conversation with it."""
