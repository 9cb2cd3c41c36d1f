"""The CONNECT with which a XenServer or XCP-ng host opens a console.

    CONNECT /console?uuid=... HTTP/1.1       path, Host, perhaps a cookie, and nothing else:
    Cookie: session_id=...                   the head may have 1,006 bytes
    HTTP/1.1 200 OK                          two or so headers, a blank line, then RFB

The host sends its 200 before it opens the machine's screen, so only the RFB
version behind it proves anything.  Its refusals, and what they mean to a viewer:

    401, 403   the XenAPI session in the path has expired or may not      502
    404        the host knows no such screen                              404
    500        not running, on another host, or no such console           409
    503        somebody else is connected and the pool admits one         409
    other      not a XenServer that we know                               502
"""

from __future__ import annotations

import re

from xvpproxy.errors import ConsoleUnavailable, HandshakeFailed, InstanceNotFound, XvpError

from . import head, rfb
from .conversation import Conversation, Ended, Rest, Send, TooLong

_NOT_IN_A_PATH = re.compile(r"[\x00-\x20\x7f]")
_NOT_IN_A_COOKIE = re.compile(r"[^!-:<-~]|&")
_REPLY = head.WholeHead()
_OK = 200
_BUSY = 503
#: How much of a refusal's body is read, and for how long, to learn who holds the console.
_BODY_BYTES, _BODY_SECONDS = 4096, 1.0
_HOLDER_LENGTH = 200


def open_console(path: str, host: str, port: int, xen_login: str | None = None) -> Conversation[bytes]:
    """Ask the host for the console at `path`; gives the RFB version that the console opens with.

    Args:
        path: an `internal_access_path`, sent as it is.
        host: name or address, IPv6 without brackets.
        port: left out of the Host header where it is the usual one, 80 or 443.
        xen_login: a XenAPI session for the cookie: hosts write queries into their logs, cookies not.

    Raises:
        InstanceNotFound, ConsoleUnavailable, HandshakeFailed: as the table above says.
    """
    if not path.startswith("/") or _NOT_IN_A_PATH.search(path):
        raise HandshakeFailed("the internal_access_path is not a path", cause="bad_path")
    if xen_login is not None and _NOT_IN_A_COOKIE.search(xen_login):
        raise HandshakeFailed("the XenAPI session does not fit into a cookie", cause="upstream_auth")
    name = f"[{host}]" if ":" in host else host
    suffix = "" if port in {80, 443} else f":{port}"
    # Alone in its cookie: hosts do not find it behind another one.
    cookie = "" if xen_login is None else f"Cookie: session_id={xen_login}\r\n"
    yield Send(f"CONNECT {path} HTTP/1.1\r\nHost: {name}{suffix}\r\n{cookie}\r\n".encode())
    try:
        reply = head.parse_reply((yield _REPLY))
    except (head.MalformedHead, head.TooManyLines, TooLong) as error:
        raise HandshakeFailed(f"malformed CONNECT reply: {error}", cause="upstream_malformed") from error
    except Ended as error:
        raise HandshakeFailed("ended within its CONNECT reply", cause="upstream_reset") from error
    if reply.status == _BUSY:
        raise ConsoleUnavailable(f"in use: {_text((yield Rest(_BODY_BYTES, _BODY_SECONDS)))}", cause="console_busy")
    if reply.status != _OK:
        raise refused(reply.status)
    return (yield from rfb.banner())


def refused(status: int) -> XvpError:
    """What a refusal with `status` (not 200, not 503) means to the viewer."""
    detail = f"CONNECT answered {status}"
    if status == 404:  # noqa: PLR2004
        return InstanceNotFound(detail)
    if status == 500:  # noqa: PLR2004
        return ConsoleUnavailable(detail, cause="vm_not_running")
    return HandshakeFailed(detail, cause="upstream_auth" if status in {401, 403} else "upstream_status")


def _text(body: bytes) -> str:
    """A refusal's HTML as one short line of text: it names who is connected."""
    text = re.sub(r"<[^>]*>", " ", body.decode("utf-8", "replace"))
    return " ".join(text.split())[:_HOLDER_LENGTH]
