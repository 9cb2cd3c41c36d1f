"""A session from accept until its relay runs, top to bottom.

    preamble -> checking -> connecting -> relaying

`_serve` is that line.  The viewer gets its 200 only once the console is really
there, so everything that goes wrong before is an honest HTTP status.  When the
viewer leaves, or the gateway wants the session gone, the coroutine is
interrupted where it waits.  What is here is gone once the relay runs: ten
thousand sessions keep a `Session` and a `Relay` each, and no more.
"""

from __future__ import annotations

from socket import socket
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from xvpproxy.errors import BadRequest, PreambleTimeout, ShuttingDown, TooManyRequests, XvpError
from xvpproxy.model import Outcome, Token
from xvpproxy.wire import preamble
from xvpproxy.wire.conversation import Ended

from .farewell import Farewell
from .sealed import TLSFailed
from .shared import Gateway
from .stream import Stream
from .task import Interrupted, Task, within

if TYPE_CHECKING:
    from .session import Session

log = Logger()

#: Console types that are bytes of RFB; the others are refused with a sentence.
SERVED_TYPES = frozenset({"xvpvnc", "novnc", ""})
#: First byte of a TLS record that holds a handshake.
_TLS_HANDSHAKE = b"\x16"
#: Seconds a refused viewer gets to read why.
_FAREWELL_SECONDS = 2.0
#: Seconds an address with too many pending connections gets for a request.
_CROWDED_SECONDS = 1.0


class Opening:
    """Leads one viewer to its console.

    Args:
        session: told of how it goes on.
        connected: non-blocking, owned from now on.
        welcome: whether its address has few enough pending connections.
    """

    __slots__ = ("_farewell", "_gateway", "_pending", "_session", "_stopped", "_stream", "_task", "_welcome", "spoke")

    def __init__(self, session: Session, connected: socket, gateway: Gateway, *, welcome: bool) -> None:
        self._session = session
        self._gateway = gateway
        self._welcome = welcome
        self._pending = True
        self._stopped: Outcome | None = None
        self._farewell: Farewell | None = None
        #: Whether the viewer has sent a byte: health checks send none, and are told nothing.
        self.spoke = False
        self._stream = Stream(connected, dispatch=gateway.dispatch, timers=gateway.timers, gone=self._gone)
        self._task = Task(self._run())

    def begin(self) -> None:
        """Go as far as it can at once: that may be to its end."""
        self._task.step()

    def stop(self, outcome: Outcome) -> None:
        """End it now, wherever it stands."""
        if self._farewell is not None:
            self._farewell.close()
        elif self._stopped is None:
            self._stopped = outcome
            self._task.interrupt(Interrupted())

    def _gone(self) -> None:
        self.stop(Outcome.VIEWER_LEFT)

    # The way to the console

    async def _run(self) -> None:
        try:
            await self._serve()
        except XvpError as error:
            self._refuse(error)
        except (CancelledError, Ended):
            self._close(self._stopped or Outcome.VIEWER_LEFT)
        except TLSFailed as error:
            self._close(Outcome.REFUSED, cause="viewer_tls", detail=str(error))
        except Exception:  # noqa: BLE001  (the last door: it is logged with its traceback)
            log.failure("session failed", session_id=self._session.id)
            self._refuse(XvpError("see the traceback above"))

    async def _serve(self) -> None:
        session, gateway = self._session, self._gateway
        token = await self._preamble()
        session.checking(token)
        info = await gateway.consoleauth.check(token)
        if self._stopped is not None:  # it was wanted gone in this very turn
            raise Interrupted
        if info.console_type not in SERVED_TYPES:
            raise BadRequest(
                f"console type {info.console_type!r}",
                cause="console_type",
                public="The token is for another kind of console than VNC; open its access URL where it belongs.",
            )
        self._known()
        gateway.sessions.take(session, token)
        session.connecting(info)
        console = await gateway.upstream.connect(info)
        try:
            if self._stopped is not None:
                raise Interrupted
            viewer = self._stream.detach(last=preamble.ACCEPTED)
        except BaseException:
            console.close(gateway.dispatch)
            raise
        session.relaying(viewer, console)

    async def _preamble(self) -> Token:
        gateway = self._gateway
        seconds = gateway.preamble_timeout if self._welcome else _CROWDED_SECONDS
        try:
            token = await within(gateway.timers, seconds, self._read_preamble())
        except TimeoutError as error:
            if not self._welcome:
                self.spoke = True
                raise self._crowded() from error
            raise PreambleTimeout(f"no complete request within {seconds:g} s") from error
        if gateway.draining:
            raise ShuttingDown
        if not self._welcome:
            raise self._crowded()
        return token

    async def _read_preamble(self) -> Token:
        gateway, stream = self._gateway, self._stream
        first = await stream.peek()
        self.spoke = bool(first)
        if first == _TLS_HANDSHAKE and gateway.tls is not None:
            await stream.start_tls(gateway.tls, server_side=True)
        elif first and gateway.tls_required:
            raise BadRequest(
                "it came without TLS",
                cause="tls_required",
                public="This gateway wants TLS: the access URL must begin with https.",
            )
        return await stream.converse(preamble.read())

    def _crowded(self) -> TooManyRequests:
        limit = self._gateway.sessions.limits.pending_per_address
        return TooManyRequests(f"max_pending_per_address = {limit}", cause="max_pending_per_address")

    # Its end, where there is no console

    def _refuse(self, error: XvpError) -> None:
        """Tell the viewer why it gets no console; a connection that never said a byte is told nothing."""
        if self.spoke and self._stopped is None:
            self._stream.send(preamble.refusal(error, self._session.id))
            self._farewell = self._stream.finish(patience=_FAREWELL_SECONDS, done=self._forget)
        self._close(error.outcome, status=error.status, cause=error.cause, detail=error.detail)

    def _close(self, outcome: Outcome, *, status: int = 0, cause: str = "", detail: str = "") -> None:
        self._session.closed(outcome, status=status, cause=cause, detail=detail, spoke=self.spoke)
        if self._farewell is None:
            self._stream.close()
            self._forget()

    def _known(self) -> None:
        if self._pending:
            self._pending = False
            self._gateway.sessions.known(self._session.address)

    def _forget(self) -> None:
        self._known()
        self._session.forget()
