"""A connected socket that can hold a conversation.

The stream reads ahead, within a bound, as long as it lives: so it notices when
the peer leaves while we are busy elsewhere (`gone`).  `converse` drives a pure
conversation over it; `detach` hands socket, TLS state and the bytes that nobody
asked for to the relay.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from ssl import SSLContext
from typing import TypeVar

from xvpproxy.wire.conversation import Conversation, Ended, Rest, Send

from .dispatch import END, ERR, HUP, OUT, Dispatch, end_has_come
from .farewell import Farewell
from .relay import Leg
from .sealed import TURN_BYTES, Sealed, TLSFailed
from .task import Source, within
from .timers import Timers

R = TypeVar("R")

#: Reading ahead stops here: what a viewer sends before it is let in stays with the kernel beyond that.
READ_AHEAD_BYTES = 65536
#: Shared by all streams: bytes are in it only within one call.
_BUFFER = memoryview(bytearray(TURN_BYTES))


class Stream(Source):
    """A socket in the hands of the gateway, before the relay.

    Args:
        connected: a non-blocking socket; the stream owns it until `detach`.
        gone: called once when the peer has ended or the connection broke.
        place: where it leads, for people.
    """

    __slots__ = (
        "_buffer", "_closed", "_dispatch", "_drained", "_end_told", "_ended", "_fd", "_gone", "_place", "_queued",
        "_sealed", "_socket", "_timers", "_unsent",
    )  # fmt: skip

    def __init__(
        self,
        connected: socket.socket,
        *,
        dispatch: Dispatch,
        timers: Timers,
        gone: Callable[[], None],
        place: str = "",
    ) -> None:
        self.waiter = None
        self._socket = connected
        self._fd = connected.fileno()
        self._dispatch = dispatch
        self._timers = timers
        self._gone = gone
        self._place = place
        self._buffer = bytearray()
        self._unsent = b""
        self._sealed: Sealed | None = None
        #: The socket is known to be empty; its end may have come; there is nothing more to read.
        self._drained = self._end_told = self._ended = False
        self._closed = self._queued = False
        dispatch.add(self._fd, self)

    # What its owner does

    async def converse(self, talk: Conversation[R]) -> R:
        """Drive `talk` to its result, or to the error it raises."""
        buffer = self._buffer
        try:
            step = next(talk)
            while True:
                try:
                    while (count := step.answer(buffer)) < 0:
                        if type(step) is Rest:
                            await self._wait_for_rest(step)
                            count = min(step.limit, len(buffer))
                            break
                        if self._ended:
                            raise Ended
                        await self.arrived()
                except Exception as error:  # noqa: BLE001  (whatever it is, the conversation is told)
                    step = talk.throw(error)
                else:
                    if type(step) is Send:
                        self.send(step.data)
                    step = talk.send(self._take(count))
        except StopIteration as result:
            return result.value  # type: ignore[no-any-return]
        finally:
            talk.close()

    async def peek(self) -> bytes:
        """The first byte that waits, left where it is; empty if the peer ended without one."""
        if not self._buffer:
            self._read()  # of a busy door's next viewer it has come already
        while not self._buffer and not self._ended:
            await self.arrived()
        return bytes(self._buffer[:1])

    async def start_tls(self, context: SSLContext, *, server_side: bool, name: str | None = None) -> bytes | None:
        """Do a TLS handshake over what the stream has and what comes.

        On the client's side `name` is the server's, for SNI and the certificate.

        Returns:
            The peer's certificate as DER, or None if it showed none.

        Raises:
            TLSFailed: with the reason; an alert has been sent where TLS has one.
        """
        sealed = Sealed(context, server_side=server_side, name=name)
        try:
            while (early := sealed.handshake(self._take(len(self._buffer)))) is None:
                self._say(sealed.take_reply())
                while not self._buffer:
                    if self._ended:
                        raise TLSFailed("the peer ended within the TLS handshake")
                    await self.arrived()
        except BaseException:
            self._say(sealed.take_reply())
            raise
        if not (server_side and sealed.reply_can_wait):
            self._say(sealed.take_reply())
        self._sealed = sealed
        self._buffer += early
        if sealed.ended:
            self._end()
        return sealed.certificate()

    def send(self, data: bytes) -> None:
        """Say `data`; what the socket does not take now goes out as it can."""
        self._say(data if self._sealed is None else self._sealed.seal(data))

    def detach(self, *, last: bytes = b"", given_back: bytes = b"") -> Leg:
        """Hand over the socket; the stream is done.

        Args:
            last: to be sent behind what waits.
            given_back: what a conversation took and is the relay's all the same.
        """
        self._release()
        unsent = self._unsent
        if last:
            unsent += last if self._sealed is None else self._sealed.seal(last)
        drained = self._drained and not self._end_told
        return Leg(self._socket, given_back + self._buffer, self._sealed, unsent, drained, self._place)

    def close(self) -> None:
        """Close the socket now."""
        if not self._closed:
            self._release()
            self._dispatch.remove(self._fd)
            self._socket.close()

    def finish(self, *, patience: float, done: Callable[[], None]) -> Farewell:
        """Send what waits, end our side, and drop what the peer still says; see `Farewell`."""
        self._release()
        last = self._unsent if self._sealed is None else self._unsent + self._sealed.end()
        return Farewell(self._socket, last, dispatch=self._dispatch, timers=self._timers, patience=patience, done=done)

    # How it works

    def _release(self) -> None:
        self._closed = True
        self._gone = _nobody  # its owner and it would keep each other alive

    async def _wait_for_rest(self, step: Rest) -> None:
        """Wait until all of it is there, the peer has ended, or patience is over."""

        async def arrives() -> None:
            while not self._ended and step.answer(self._buffer) < 0:
                await self.arrived()

        with suppress(TimeoutError):
            await within(self._timers, step.patience, arrives())

    def _take(self, count: int) -> bytes:
        if not count:
            return b""
        buffer = self._buffer
        was_full = len(buffer) >= READ_AHEAD_BYTES
        taken = bytes(buffer[:count])
        del buffer[:count]
        if was_full and not self._closed:
            self._dispatch.reading(self._fd, wanted=True)
            self._turn()
        return taken

    def _say(self, data: bytes) -> None:
        """Send `data` behind what waits, as far as the socket takes it now."""
        if not data or self._closed:
            return
        if not self._unsent:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                pass
            except OSError:
                self._end()
                return
        if data:
            self._unsent += data
            self._dispatch.writing(self._fd, wanted=True)

    def _flush(self) -> None:
        data, self._unsent = self._unsent, b""
        self._dispatch.writing(self._fd, wanted=False)
        self._say(data)

    def _read(self) -> None:
        """Read ahead what is there, within the bound."""
        while not self._ended and not self._closed:
            if len(self._buffer) >= READ_AHEAD_BYTES:
                self._drained = False  # or the relay would wait for an edge that has come
                self._dispatch.reading(self._fd, wanted=False)
                if self._end_told and end_has_come(self._fd):
                    self._end()
                return
            try:
                count = self._socket.recv_into(_BUFFER)
            except BlockingIOError:
                self._drained = True
                return
            except OSError:
                count = 0
            if not count:
                self._end()
                return
            if not self._keep(_BUFFER[:count]):
                return
            self._drained = count < TURN_BYTES
            if not self._drained:
                self._turn()
                return
            if not self._end_told:
                return

    def _keep(self, data: memoryview) -> bool:
        """Put what came into the buffer; False if nothing more is to be read."""
        if self._sealed is None:
            self._buffer += data
            return True
        broken = False
        try:
            self._buffer += self._sealed.open(data)
        except TLSFailed:
            broken = True
        self._say(self._sealed.take_reply())  # an alert, too: once our owner knows of the end it may close
        deaf = len(self._unsent) > READ_AHEAD_BYTES  # it asks for replies, and reads none
        if broken or deaf or self._sealed.ended:
            self._end()
        return not self._ended

    def _turn(self) -> None:
        """Ask for another turn."""
        if not self._queued:
            self._queued = True
            self._dispatch.soon(self)

    def _end(self) -> None:
        """The peer says no more, or the connection is no more."""
        if self._ended or self._closed:
            return
        self._ended = True
        self._dispatch.reading(self._fd, wanted=False)
        self.wake()
        self._gone()

    # What the dispatch does

    def on(self, events: int) -> None:
        """See `dispatch.Owner`."""
        if events & (END | HUP | ERR):
            self._end_told = True
        if events & OUT:
            self._flush()
        if events & ~OUT:
            self._read()
        self.wake()

    def again(self) -> None:
        """See `dispatch.Owner`."""
        self._queued = False
        self._read()
        self.wake()

    failed = _end


def _nobody() -> None:
    """Whom a stream tells that has no owner any more."""
