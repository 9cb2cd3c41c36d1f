"""Which call a path means."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .auth import Caller, Right
from .messages import Call, Fault
from .versions import NEWEST, OLDEST, Version

PREFIX = "v2.1"
#: Stands in a route for what the call is about.
SUBJECT = "*"

_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A call whose caller, version and subject are known.

    Attributes:
        subject: the instance's UUID, or the token.
        request_id: the answer has it, and the log.
    """

    call: Call
    caller: Caller
    version: Version
    subject: str = field(repr=False)
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One call that is served here.

    Attributes:
        path: segments behind the prefix; `SUBJECT` stands for any.
        right: what the caller needs.
        serve: gives the answer's body.
        since: the first version that has the call.
        until: the last one.
    """

    method: str
    path: tuple[str, ...]
    right: Right
    serve: Callable[[Asked], Awaitable[Mapping[str, Any]]]
    since: Version = OLDEST
    until: Version = NEWEST

    @property
    def label(self) -> str:
        """For the log: it never holds what the caller sent."""
        return f"{self.method} /{'/'.join(self.path)}"

    def subject(self, path: Sequence[str]) -> str | None:
        """What stands in the place of `SUBJECT` (empty if there is none), or None if this is not the route."""
        if len(path) != len(self.path):
            return None
        subject = ""
        for ours, theirs in zip(self.path, path, strict=True):
            if ours == SUBJECT and theirs:
                subject = theirs
            elif ours != theirs:
                return None
        return subject


def route(routes: Sequence[Route], call: Call, version: Version) -> tuple[Route, str]:
    """The route of a call, with its subject.  Raises Fault 404 or 501."""
    path = list(call.segments[1:])
    if path and not path[-1]:
        path.pop()
    if path and path[0] not in {each.path[0] for each in routes} and _PROJECT.fullmatch(path[0]):
        path.pop(0)  # the project's id, which Nova's paths had and may still have
    known = False
    for each in routes:
        subject = each.subject(path)
        if subject is None or not each.since <= version <= each.until:
            continue
        known = True
        if each.method == call.method:
            return each, subject
    if known:
        raise Fault(501, "Of Nova's API only what leads to a console is served here.")
    raise Fault(404, "The resource could not be found.")
