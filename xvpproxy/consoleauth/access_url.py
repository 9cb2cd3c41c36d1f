"""Access URLs as the newest Nova builds them: pure text."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from xvpproxy.model import Token


def access_url(base: str, console_type: str, token: Token) -> str:
    """What a caller hands to a viewer.

    A novnc page passes its `path` parameter on to the gateway, so there the
    token goes inside it, behind the path that the base may name already.
    """
    if console_type != "novnc":
        return f"{base}{'&' if urlsplit(base).query else '?'}{urlencode({'token': token.reveal()})}"
    parts = urlsplit(base)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["path"] = f"{query.get('path', '')}?{urlencode({'token': token.reveal()})}"
    return urlunsplit(parts._replace(query=urlencode(query)))


def base_url_problem(base: str) -> str | None:
    """Why no viewer could use access URLs with this base, or None."""
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    return None if usable else "it is not of the form http://HOST:PORT/PATH or https://HOST:PORT/PATH"


def lacks_port(base: str) -> bool:
    """Whether the old Java viewer would fail on URLs with this base: it takes no default port."""
    return urlsplit(base).port is None
