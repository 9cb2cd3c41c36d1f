"""The life of one viewer, top to bottom.

    preamble -> checking -> connecting -> relaying -> closed

`_serve` is that line.  The viewer gets its 200 only once the console is really
there, so everything that goes wrong before is an honest HTTP status.  When the
viewer leaves, or the gateway wants the session gone, the coroutine is cancelled
where it stands; whatever happens, `_close` records one outcome.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from socket import socket

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.logger import Logger

from xvpproxy.errors import BadRequest, PreambleTimeout, ShuttingDown, TooManyRequests, XvpError
from xvpproxy.model import ConnectInfo, Outcome, Token
from xvpproxy.wire import preamble
from xvpproxy.wire.conversation import Ended

from .channel import TLSFailed
from .farewell import Farewell
from .relay import Leg, Relay
from .shared import Gateway
from .stream import Stream

log = Logger()

#: Console types that are bytes of RFB; the others are refused with a sentence.
SERVED_TYPES = frozenset({"xvpvnc", "novnc", ""})
#: First byte of a TLS record that holds a handshake.
_TLS_HANDSHAKE = b"\x16"
#: Seconds a refused viewer gets to read why.
_FAREWELL_SECONDS = 2.0
#: Seconds an address with too many pending connections gets for a request.
_CROWDED_SECONDS = 1.0


class SessionState(Enum):
    """How far a session is: a label for people, nothing branches on it."""

    PREAMBLE = "preamble"
    CHECKING = "checking"
    CONNECTING = "connecting"
    RELAYING = "relaying"
    CLOSED = "closed"


class Session:
    """One connection of a viewer, from accept to close; it runs from the moment it is made.

    Args:
        connected: non-blocking; the session owns it.
        address: the viewer's address, without its port.
    """

    def __init__(self, connected: socket, address: str, gateway: Gateway) -> None:
        self.id = secrets.token_hex(4)
        self.address = address
        self.state = SessionState.PREAMBLE
        self.info: ConnectInfo | None = None
        self._gateway = gateway
        self._clock = gateway.reactor.seconds
        self._opened = self._clock()
        self._phases: dict[str, float] = {}
        self._token: Token | None = None
        self._relay: Relay | None = None
        self._farewell: Farewell | None = None
        self._stopped: Outcome | None = None
        self._pending = True
        self._spoke = False
        self._welcome = gateway.sessions.admit(self, address)
        self._stream = Stream(
            connected, reactor=gateway.reactor, watch=gateway.watch, gone=lambda: self.stop(Outcome.VIEWER_LEFT)
        )
        self._running = Deferred.fromCoroutine(self._run())

    def stop(self, outcome: Outcome) -> None:
        """End the session now, wherever it stands; harmless once it has ended."""
        if self._farewell is not None:
            self._farewell.close()
        elif self._relay is not None:
            self._relay.close(outcome)
        elif self._stopped is None and self.state is not SessionState.CLOSED:
            self._stopped = outcome
            # The stream may tell of the end while the coroutine itself is on the stack.
            self._gateway.reactor.callLater(0, self._cancel)

    def _cancel(self) -> None:
        if not self._running.called:
            self._running.cancel()

    # The life

    async def _run(self) -> None:
        try:
            outcome = await self._serve()
        except XvpError as error:
            self._refuse(error)
        except (CancelledError, Ended):
            self._close(self._stopped or Outcome.VIEWER_LEFT)
        except TLSFailed as error:
            self._close(Outcome.REFUSED, cause="viewer_tls", detail=str(error))
        except Exception:  # noqa: BLE001  (the last door: it is logged with its traceback)
            log.failure("session failed", session_id=self.id)
            self._refuse(XvpError("see the traceback above"))
        else:
            self._close(outcome)

    async def _serve(self) -> Outcome:
        self._token = await self._preamble()
        info = await self._check(self._token)
        self._gateway.sessions.take(self, self._token)
        try:
            console = await self._connect(info)
            return await self._relayed(info, console)
        finally:
            self._gateway.sessions.give_back(self)

    async def _preamble(self) -> Token:
        seconds = self._gateway.preamble_timeout if self._welcome else _CROWDED_SECONDS
        with self._phase(SessionState.PREAMBLE):
            try:
                return await Deferred.fromCoroutine(self._read_preamble()).addTimeout(seconds, self._gateway.reactor)
            except TwistedTimeoutError as error:
                if not self._welcome:
                    self._spoke = True
                    raise self._crowded() from error
                raise PreambleTimeout(f"no complete request within {seconds:g} s") from error

    async def _read_preamble(self) -> Token:
        first = await self._stream.peek()
        self._spoke = bool(first)
        if first == _TLS_HANDSHAKE and self._gateway.tls is not None:
            await self._stream.start_tls(self._gateway.tls, server_side=True)
        elif first and self._gateway.tls_required:
            raise BadRequest(
                "it came without TLS",
                cause="tls_required",
                public="This gateway wants TLS: the access URL must begin with https.",
            )
        token = await self._stream.converse(preamble.read())
        if self._gateway.draining:
            raise ShuttingDown
        if not self._welcome:
            raise self._crowded()
        return token

    def _crowded(self) -> TooManyRequests:
        limit = self._gateway.sessions.limits.pending_per_address
        return TooManyRequests(f"max_pending_per_address = {limit}", cause="max_pending_per_address")

    async def _check(self, token: Token) -> ConnectInfo:
        with self._phase(SessionState.CHECKING):
            info = await self._gateway.consoleauth.check(token)
        if info.console_type not in SERVED_TYPES:
            raise BadRequest(
                f"console type {info.console_type!r}",
                cause="console_type",
                public="The token is for another kind of console than VNC; open its access URL where it belongs.",
            )
        self.info = info
        self._known()
        return info

    async def _connect(self, info: ConnectInfo) -> Leg:
        if self._stopped is not None:
            raise Ended
        with self._phase(SessionState.CONNECTING):
            return await self._gateway.upstream.connect(info)

    async def _relayed(self, info: ConnectInfo, console: Leg) -> Outcome:
        if self._stopped is not None:
            console.socket.close()
            raise Ended
        host, port = _place_of(console.socket) or (info.host, info.port)
        self._stream.send(preamble.ACCEPTED)
        with self._phase(SessionState.RELAYING):
            self._relay = self._gateway.start_relay(self._stream.detach(), console, self._gateway.relay_timeouts)
            log.info(
                "open viewer={viewer} instance={instance} console={host}:{port} fingerprint={fingerprint}",
                session_id=self.id,
                viewer=self.address,
                instance=info.instance_uuid,
                host=host,
                port=port,
                fingerprint=info.token.fingerprint,
            )
            return await self._relay.ended

    @contextmanager
    def _phase(self, state: SessionState) -> Iterator[None]:
        """Label the session, and keep how long that part of its life takes."""
        self.state = state
        began = self._clock()
        try:
            yield
        finally:
            self._phases[state.value] = max(0.0, self._clock() - began)

    # Its end

    def _refuse(self, error: XvpError) -> None:
        """Tell the viewer why it gets no console; a connection that never said a byte is told nothing."""
        if self._spoke and self._stopped is None:
            self._stream.send(preamble.refusal(error, self.id))
            self._farewell = self._stream.finish(patience=_FAREWELL_SECONDS, done=self._forget)
        self._close(
            error.outcome,
            status=error.status,
            cause=error.cause,
            detail=error.detail,
        )

    def _close(self, outcome: Outcome, *, status: int = 0, cause: str = "", detail: str = "") -> None:
        """Record the one outcome; the socket is closed, or says farewell and closes then."""
        self.state = SessionState.CLOSED
        if self._farewell is None:
            self._stream.close()
            self._forget()
        (log.info if self._spoke else log.debug)(
            "closed outcome={outcome}{why} viewer={viewer} instance={instance} fingerprint={fingerprint} "
            "from_viewer={from_viewer} from_console={from_console} seconds={seconds} {phases}",
            session_id=self.id,
            outcome=outcome.value,
            why="".join(
                f" {name}={value}"
                for name, value in (("status", status), ("cause", cause), ("detail", repr(detail)))
                if value and value != "''"
            ),
            status=status,
            cause=cause,
            detail=detail,
            viewer=self.address,
            instance=self.info.instance_uuid if self.info else "-",
            fingerprint=self._token.fingerprint if self._token else "-",
            from_viewer=self._relay.from_viewer if self._relay else 0,
            from_console=self._relay.from_console if self._relay else 0,
            seconds=round(max(0.0, self._clock() - self._opened), 3),
            phases=" ".join(f"{name}={seconds:.3f}" for name, seconds in self._phases.items()),
            phase_seconds={name: round(seconds, 6) for name, seconds in self._phases.items()},
        )

    def _known(self) -> None:
        if self._pending:
            self._pending = False
            self._gateway.sessions.known(self.address)

    def _forget(self) -> None:
        self._known()
        self._gateway.sessions.forget(self)


def _place_of(console: socket) -> tuple[str, int] | None:
    """Where a console really is: a XenServer's machine may have moved since its token was minted."""
    try:
        host, port, *_rest = console.getpeername()
    except (OSError, ValueError):
        return None  # it has gone already; or it is no internet address
    return host, port
