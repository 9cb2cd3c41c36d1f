"""The last words on a connection.

Closing a socket whose peer's bytes are unread resets the connection, and a
reset can overtake the reply that the peer should read.  So the reply goes out,
our side ends, and what the peer still says is dropped until it ends as well.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from .dispatch import OUT, Dispatch
from .timers import Timers

#: What a peer may still say before it is cut off: it has been refused, not invited.
DROPPED_BYTES = 1 << 20
#: One read, shared: what is in it is never looked at.
_DROPPED = bytearray(65536)


class Farewell:
    """Sends `last`, ends our side, drops what comes, closes.

    Args:
        connected: watched by `dispatch` already.
        patience: seconds after which the socket is closed in any case.
        done: called once it is closed.
    """

    __slots__ = ("_dispatch", "_done", "_fd", "_last", "_left", "_patience", "_shut", "_socket", "_timers")

    def __init__(
        self,
        connected: socket.socket,
        last: bytes,
        *,
        dispatch: Dispatch,
        timers: Timers,
        patience: float,
        done: Callable[[], None],
    ) -> None:
        self._socket = connected
        self._fd = connected.fileno()
        self._last = last
        self._left = DROPPED_BYTES
        self._shut = False
        self._done = done
        self._dispatch = dispatch
        self._timers = timers
        self._patience = patience
        dispatch.add(self._fd, self)
        dispatch.reading(self._fd, wanted=True)
        dispatch.writing(self._fd, wanted=True)
        dispatch.soon(self)
        timers.start(patience, self)

    def close(self) -> None:
        """Close the socket now."""
        if self._fd < 0:
            return
        self._timers.stop(self._patience, self)
        self._dispatch.remove(self._fd)
        self._fd = -1
        self._socket.close()
        done, self._done = self._done, _nobody  # they would keep each other alive
        done()

    def on(self, events: int) -> None:
        """See `dispatch.Owner`."""
        if events & OUT:
            self._speak()
        self._drop()

    def again(self) -> None:
        """See `dispatch.Owner`."""
        self._speak()
        self._drop()

    def expired(self) -> None:
        """See `timers.Timed`."""
        self.close()

    failed = close

    def _speak(self) -> None:
        if self._shut or self._fd < 0:
            return
        try:
            if self._last:
                self._last = self._last[self._socket.send(self._last) :]
            if not self._last:
                self._shut = True
                self._dispatch.writing(self._fd, wanted=False)
                self._socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self.close()

    def _drop(self) -> None:
        while self._fd >= 0:
            try:
                count = self._socket.recv_into(_DROPPED)
            except BlockingIOError:
                return
            except OSError:
                count = 0
            self._left -= count
            if not count or self._left <= 0:
                self.close()


def _nobody() -> None:
    """Whom a farewell tells that is over."""
