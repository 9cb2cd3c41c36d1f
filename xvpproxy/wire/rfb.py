"""The little of RFB that a gateway must understand: the version that a console opens with."""

from __future__ import annotations

import re

from xvpproxy.errors import HandshakeFailed

from .conversation import Begun, Conversation, Ended, Exactly

_LINE = Begun((b"RFB ",), Exactly(12))
_VERSION = re.compile(rb"RFB [0-9]{3}\.[0-9]{3}\n")


def banner() -> Conversation[bytes]:
    r"""The console's version, the 12 bytes `RFB ddd.ddd\n`, whichever version it is.

    Raises:
        HandshakeFailed: it says something else, or ends before.
    """
    try:
        line = yield _LINE
    except Ended as error:
        raise HandshakeFailed("ended before its RFB version", cause="upstream_reset") from error
    if not _VERSION.fullmatch(line):
        raise HandshakeFailed("what it says is not RFB", cause="upstream_not_rfb")
    return line
