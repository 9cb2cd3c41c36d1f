"""Microversions: which one a call is for, and the documents that say which there are.

A caller names one in either of two headers; the new one goes before the old
one, and none means the oldest version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .messages import Fault, shown

NEW_HEADER = "OpenStack-API-Version"
OLD_HEADER = "X-OpenStack-Nova-API-Version"

_SERVICE = "compute"
_FORM = re.compile(r"([1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


class Version(NamedTuple):
    """A microversion; they compare as pairs of numbers."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @property
    def headers(self) -> dict[str, str]:
        """What every answer of this version says."""
        return {
            NEW_HEADER: f"{_SERVICE} {self}",
            OLD_HEADER: str(self),
            "Vary": f"{NEW_HEADER}, {OLD_HEADER}",
        }


OLDEST = Version(2, 1)
NEWEST = Version(2, 99)


def negotiated(headers: Mapping[str, str]) -> Version:
    """The version that a call's headers (names in lower case) ask for.  Raises Fault 400 or 406."""
    wanted = _wanted(headers)
    if wanted is None:
        return OLDEST
    if wanted == "latest":
        return NEWEST
    match = _FORM.fullmatch(wanted)
    if match is None:
        raise Fault(400, f"The API version {shown(wanted)!r} is not of the form 2.N, nor latest.")
    version = Version(int(match[1]), int(match[2]))
    if not OLDEST <= version <= NEWEST:
        raise Fault(406, f"Version {version} is not supported by the API. Minimum is {OLDEST} and maximum is {NEWEST}.")
    return version


def _wanted(headers: Mapping[str, str]) -> str | None:
    for entry in headers.get(NEW_HEADER.lower(), "").split(","):
        service, _, version = entry.strip().partition(" ")
        if service.lower() == _SERVICE:
            return version.strip().lower()
    old = headers.get(OLD_HEADER.lower())
    return None if old is None else old.rpartition(",")[2].strip().lower()


def version_document(base: str) -> dict[str, Any]:
    """What `GET /v2.1` says."""
    return {"version": {**_entry(base), "media-types": [{"base": "application/json", "type": _MEDIA_TYPE}]}}


def versions_document(base: str) -> dict[str, Any]:
    """What `GET /` says."""
    return {"versions": [_entry(base)]}


_MEDIA_TYPE = "application/vnd.openstack.compute+json;version=2.1"


def _entry(base: str) -> dict[str, Any]:
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": str(NEWEST),
        "min_version": str(OLDEST),
        "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": f"{base}/v2.1/"}],
    }
