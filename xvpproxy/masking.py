"""Makes texts from outside fit to print.

Secrets stay out of texts by construction: a `Token` prints its fingerprint.  The
masks here are the last resort, for texts that a library or a traceback made.
"""

from __future__ import annotations

import re

#: Control characters, line separators, text direction marks and lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_MASKS = (
    # token=T and session_id=S, also percent-encoded (once or more) inside a path= parameter
    (re.compile(r"((?:token|session_id)(?:=|%(?:25)*3d))[^&\s\"'<>;,)\]}\\]+", re.IGNORECASE), r"\1***"),
    # the value in a repr, a dict or JSON, up to its closing quote, or to the next delimiter if it has none
    (
        re.compile(
            r"(internal_access_path\\?[\"']?\s*[=:]\s*[bu]?)(?:(\\?[\"']).*?(?:\2|$)|(?!None\b|null\b)[^\s,;)}\]]+)",
            re.DOTALL,
        ),
        r"\1***",
    ),
    # the passwords of a URL such as rabbit://nova:secret@mq1:5672,nova:secret@mq2:5672/
    (re.compile(r"((?:://|,)[^\s:/@,]*:)[^\s@\"'<>]{1,256}(?=@)"), r"\1***"),
)


def masked(text: str) -> str:
    """`text` without the values of `token=`, `session_id=`, `internal_access_path` and URL passwords."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def printable(text: str) -> str:
    r"""`text` with what could break a line or steer a terminal written as an escape, such as `\x1b`."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
