"""The viewer's opening request, and our answers to it.

    CONNECT /console?token=T HTTP/1.0        the Java viewers, since 2010: this line and a blank one
    GET /anything?token=T HTTP/1.1           whoever prefers GET
    GET /?path=%3Ftoken%3DT HTTP/1.1         the form that Nova mints for novnc since 18.2.3

On success the answer is exactly `HTTP/1.1 200 OK` and a blank line, and RFB
follows.  The old viewers show nothing of a refusal but its reason phrase, so
that phrase must make sense alone.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

from xvpproxy.errors import BadRequest, HeadTooLarge, XvpError
from xvpproxy.model import Token

from . import head
from .conversation import Begun, Conversation, TooLong

ACCEPTED = b"HTTP/1.1 200 OK\r\n\r\n"

_METHODS = (b"CONNECT ", b"GET ")
_REQUEST = Begun(_METHODS, head.WholeHead())
#: Control characters, and what was not UTF-8.
_UNFIT = re.compile("[\x00-\x1f\x7f\udc80-\udcff]")
#: What a first byte says of a viewer that came to the wrong door, for the log.
_HINTS = {b"\x16": "a TLS hello, but no certificate is configured", b"R": "it speaks RFB; an access URL is needed"}


def read() -> Conversation[Token]:
    """Read the viewer's request and take the token out of it.

    Refuses at the first byte that no console request has, so that a stranger
    who speaks something else does not wait for the deadline.

    Raises:
        BadRequest: malformed, another method, no token, or a body.
        HeadTooLarge: more than the parser admits.
        Ended: the viewer left in the middle.
    """
    try:
        came = yield _REQUEST
        if not came.startswith(_METHODS):
            raise BadRequest(_HINTS.get(came[:1], "neither CONNECT nor GET"), cause="bad_method")
        request = head.parse_request(came)
    except (TooLong, head.TooManyLines) as error:
        raise HeadTooLarge from error
    except head.MalformedHead as error:
        raise BadRequest(str(error), cause="bad_head") from error
    _refuse_bodies(request)
    return find_token(request.target)


def _refuse_bodies(request: head.Request) -> None:
    if not request.headers:
        return
    if request.values(b"transfer-encoding"):
        raise BadRequest("it has a Transfer-Encoding", cause="bad_head")
    if any(length.strip(b"0") for length in request.values(b"content-length")):
        raise BadRequest("it has a Content-Length", cause="bad_head")
    if any(b"websocket" in value.lower() for value in request.values(b"upgrade")):
        raise BadRequest(
            "a WebSocket upgrade",
            cause="browser",
            public="Browsers are not served by this version; open the access URL in a VNC viewer for access URLs.",
        )


def find_token(target: bytes) -> Token:
    """The token of a request target, percent-decoded; the first one counts.

    Raises:
        BadRequest: there is none, it is empty, or it is not text.
    """
    query = target.partition(b"?")[2].partition(b"#")[0]
    value = _first(query, "token")
    if value is None:
        path = _first(query, "path")
        if path is not None:
            value = _first(path.encode("utf-8", "surrogateescape").partition(b"?")[2], "token")
    if not value:
        raise BadRequest(
            "no token",
            cause="no_token",
            public="The request has no token: open the whole access URL, with everything behind its question mark.",
        )
    if _UNFIT.search(value):
        raise BadRequest("the token is not text", cause="bad_token")
    return Token(value)


def _first(query: bytes, name: str) -> str | None:
    """The first value of the parameter `name`; bytes that are not UTF-8 become lone surrogates."""
    for pair in query.decode("utf-8", "surrogateescape").split("&"):
        key, _, value = pair.partition("=")
        if _unquoted(key) == name:
            return _unquoted(value)
    return None


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape") if "%" in text or "+" in text else text


def refusal(error: XvpError, request_id: str) -> bytes:
    """The whole reply for a viewer that does not get its console.

    Args:
        error: its status, reason phrase and public sentence go out, its detail stays in.
        request_id: the word under which the log tells more.
    """
    body = f"{error.public} (request {request_id})\n".encode()
    retry = "" if error.retry_after is None else f"Retry-After: {error.retry_after}\r\n"
    return (
        f"HTTP/1.1 {error.status} {error.reason}\r\n"
        f"Content-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"{retry}"
        f"X-Request-Id: {request_id}\r\n"
        f"Connection: close\r\n\r\n"
    ).encode() + body
