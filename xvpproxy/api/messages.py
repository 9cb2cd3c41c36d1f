"""What a caller asks and what it is answered: plain values, nothing of HTTP's machinery.

A call's path and headers may hold tokens, so a `Call` prints its method only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from xvpproxy.masking import printable

#: A body is a few dozen bytes; this is what a caller may send at most.
MAX_BODY_BYTES = 65536
MAX_QUERY_FIELDS = 50
_SHOWN_CHARACTERS = 60

#: Nova's names for what went wrong; any other status goes by the name of 500.
NAMES = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Fault(Exception):
    """A call is refused, or cannot be served.

    Args:
        status: of the answer.
        message: a sentence for the caller.
        headers: that the answer has besides the usual ones.
    """

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def body(self) -> dict[str, Any]:
        """The answer's body in Nova's shape."""
        return {NAMES.get(self.status, "computeFault"): {"code": self.status, "message": self.message}}


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        method: such as `GET`; HEAD counts as GET.
        segments: of the path, percent-decoded, without the empty one in front.
        query: percent-decoded fields in order.
        headers: names in lower case; several values are joined with commas.
        body: at most `MAX_BODY_BYTES`.
        address: the caller's.
        base: how this API was addressed, such as `http://127.0.0.1:8774`: what links begin with.
    """

    method: str
    segments: tuple[str, ...] = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    address: str = ""
    base: str = ""

    def json(self) -> Any:
        """The body as JSON.  Raises Fault 400 or 415."""
        kind = self.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Fault(415, "The body must be JSON: send it with Content-Type: application/json.")
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Fault(400, "The body is not JSON.") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: a JSON body, and headers besides Content-Type and Content-Length."""

    status: int
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


def read_call(
    *, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes, address: str, scheme: str
) -> Call:
    """The call that a request makes.  Raises Fault 400 or 413."""
    if len(body) > MAX_BODY_BYTES:
        raise Fault(413, f"The body is too large: at most {MAX_BODY_BYTES} bytes are read.")
    if not target.startswith(b"/"):
        raise Fault(400, "The request must name a path that begins with a slash.")
    path, _, query = target.partition(b"?")
    try:
        segments = [unquote(segment, errors="strict") for segment in path.decode("ascii").split("/")]
        fields = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS, errors="strict"
        )
    except ValueError:
        raise Fault(400, "The path or the query of the request is malformed.") from None
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    verb = "GET" if method == b"HEAD" else method.decode("latin-1")
    host = found.get("host", "")
    base = f"{scheme}://{host}" if _HOST.fullmatch(host) else ""
    return Call(verb, tuple(segments[1:]), tuple(fields), found, body, address, base)


def shown(value: object) -> str:
    """What a caller sent, fit for a sentence."""
    text = printable(value if isinstance(value, str) else type(value).__name__)
    return f"{text[:_SHOWN_CHARACTERS]}{'...' if len(text) > _SHOWN_CHARACTERS else ''}"
