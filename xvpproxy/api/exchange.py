"""HTTP/1.1 on one connection: requests in, answers out.

Twisted's channel and request do the parsing; their access log, their form
parsing and their timeout, which a caller can stretch, are left out.  A whole
request comes within `REQUEST_SECONDS`, and of its body `MAX_BODY_BYTES` are kept.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from io import BytesIO
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.iweb import INonQueuedRequestFactory
from zope.interface import provider

from .app import ConsoleApi
from .messages import MAX_BODY_BYTES, Answer, Fault, read_call

log = Logger()

#: Seconds for a whole request, from accept or from the answer before it.
REQUEST_SECONDS = 30.0

_MALFORMED = "The request is not HTTP/1.1, or its head is too large."


class Channel(http.HTTPChannel):
    """HTTP/1.1 on one connection; whatever is not a whole request in time ends it."""

    timeOut = None  # noqa: N815  (ours is absolute: a caller cannot stretch it byte by byte)

    def __init__(self, api: ConsoleApi, reactor: IReactorTime) -> None:
        super().__init__()
        self.api = api
        self._reactor = reactor
        self.requestFactory = _exchange
        self._waiting: IDelayedCall | None = None

    def connectionMade(self) -> None:  # noqa: N802
        self._wait()
        super().connectionMade()

    def received(self) -> None:
        """A whole request is there."""
        self._stop_waiting()

    def requestDone(self, request: http.Request) -> None:  # noqa: N802
        self._wait()
        super().requestDone(request)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802
        """Twisted's own has no body; should its name change one day, that one answers."""
        transport: Any = self.transport
        transport.write(bad_request(_MALFORMED))
        self.loseConnection()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # noqa: N802
        self._stop_waiting()
        super().connectionLost(reason)

    def _wait(self) -> None:
        self._stop_waiting()
        self._waiting = self._reactor.callLater(REQUEST_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        transport: Any = self.transport
        transport.abortConnection()


def bad_request(sentence: str) -> bytes:
    """A whole answer to what is no call, behind which the connection ends."""
    body = json.dumps(Fault(400, sentence).body).encode()
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)


class _Exchange(http.Request):
    """One request and its answer; the caller's leaving cancels it."""

    channel: Channel

    def gotLength(self, length: int | None) -> None:  # noqa: ARG002, N802
        self.content = self._body = BytesIO()  # in memory, since it is short; see handleContentChunk

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """What is longer than a body may be is dropped, and its length is told when it has ended."""
        self._body.write(data[: MAX_BODY_BYTES + 1 - self._body.tell()])

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        self.method, self.uri, self.clientproto = command, path, version
        self.channel.received()
        answering = Deferred.fromCoroutine(self._answer())
        self.notifyFinish().addErrback(lambda _gone: answering.cancel())
        answering.addErrback(lambda failure: log.failure("a call could not be answered", failure))

    async def _answer(self) -> None:
        api = self.channel.api
        try:
            call = read_call(
                method=self.method,
                target=self.uri,
                headers=[(name, each) for name, values in self.requestHeaders.getAllRawHeaders() for each in values],
                body=self._body.getvalue(),
                address=getattr(self.getClientAddress(), "host", ""),
                scheme="https" if self.isSecure() else "http",
            )
            answer = await api.answer(call)
        except CancelledError:
            return
        except Fault as fault:
            answer = api.refuse(fault)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.body).encode()
        self.setResponseCode(answer.status, HTTPStatus(answer.status).phrase.encode())
        for name, value in {**answer.headers, "Content-Type": "application/json"}.items():
            self.responseHeaders.setRawHeaders(name, [value])
        self.responseHeaders.setRawHeaders("Content-Length", [str(len(body))])
        self.write(body)
        self.finish()


@provider(INonQueuedRequestFactory)
def _exchange(channel: Channel) -> _Exchange:
    return _Exchange(channel)
