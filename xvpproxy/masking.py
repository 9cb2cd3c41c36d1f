"""Makes texts from outside fit to print.

Secrets stay out of texts by construction: a `Token` prints its fingerprint.  The
masks here are the last resort, for texts that a library or a traceback made.
"""

from __future__ import annotations

import re

#: Control characters, line separators, text direction marks and lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# token=T and session_id=S, also percent-encoded (once or more) inside a path= parameter
_PARAMETER = re.compile(r"((?:token|session_id)(?:=|%(?:25)*3d))[^&\s\"'<>;,)\]}\\]+", re.IGNORECASE)
# the value in a repr, a dict or JSON, up to its closing quote, or to the next delimiter if it has none
_ACCESS_PATH = re.compile(
    r"(internal_access_path\\?[\"']?\s*[=:]\s*[bu]?)(?:(\\?[\"']).*?(?:\2|$)|(?!None\b|null\b)[^\s,;)}\]]+)",
    re.DOTALL,
)
# the passwords of a URL such as rabbit://nova:secret@mq1:5672,nova:secret@mq2:5672/
_PASSWORD = re.compile(r"((?:://|,)[^\s:/@,]*:)[^\s@\"'<>]{1,256}(?=@)")
_MASK = r"\1***"


def masked(text: str) -> str:
    """`text` without the values of `token=`, `session_id=`, `internal_access_path` and URL passwords."""
    # Most texts hold nothing of the kind, and a search for a word costs a tenth of an expression. Beyond ASCII,
    # letters such as a long s match too.
    lower = text.lower()
    if "token" in lower or "session_id" in lower or not text.isascii():
        text = _PARAMETER.sub(_MASK, text)
    if "internal_access_path" in text:
        text = _ACCESS_PATH.sub(_MASK, text)
    if "@" in text:
        text = _PASSWORD.sub(_MASK, text)
    return text


def printable(text: str) -> str:
    r"""`text` with what could break a line or steer a terminal written as an escape, such as `\x1b`."""
    if text.isprintable():  # stricter than the expression, and much cheaper
        return text
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
