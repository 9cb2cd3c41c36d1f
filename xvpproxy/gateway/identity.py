"""Reach a console only after its driver has said where the token's instance has it now.

A token is older than the viewer that brings it: meanwhile the instance may have
moved, its port may belong to another one, or it may be gone.  A XenServer's
console is found wherever it is now and opened with a session of our own; in the
middle of a reboot or a migration there is a gap without a console, through
which we try again with growing pauses until `connect_timeout`:

    the host says                              then
    401, 403                                   once more, with a fresh login
    another certificate, no connection         once more, with nothing that was remembered
    500, 404, a 200 and the end                resolved again, until the time is over
    the API: starting, moving, no console yet  the same
    anything else                              told to the viewer
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from oslo_config import cfg
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from xvpproxy.drivers.contract import Console
from xvpproxy.errors import ConsoleUnavailable, XvpError
from xvpproxy.model import ConnectInfo

from .relay import Leg

OPTS: dict[str, list[cfg.Opt]] = {
    "gateway": [
        cfg.BoolOpt(
            "verify_instance",
            default=True,
            help="Whether a console is checked to belong to the token's instance before the first byte is relayed. It "
            "takes the drivers of [DEFAULT] compute_driver, which are active only where [api] listen is set.",
        ),
    ],
}

log = Logger()

#: Where the console is not yet, and may be in a moment: as hosts and as drivers say it.
_GAP_AT_HOST = {"vm_not_running", "upstream_reset"}
_GAP_IN_API = {"vm_moving", "no_console"}
#: What a fresh look, or a fresh login, may mend: but once only.
_ONCE = {"upstream_auth", "upstream_tls", "upstream_refused", "upstream_unreachable"}
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 2.0


class OpenConsole(Protocol):
    """What is needed of the drivers."""

    async def open(self, uuid: str, *, host: str, port: int, again: bool) -> Console:
        """As `Drivers.open`."""

    def login_refused(self, xen_login: str) -> None:
        """As `Drivers.login_refused`."""


class ReachPlace(Protocol):
    """What is needed of `Upstream`."""

    async def connect(self, info: ConnectInfo) -> Leg:
        """As `Upstream.connect`."""

    async def reach(self, console: Console) -> Leg:
        """As `Upstream.reach`."""


class VerifiedUpstream:
    """Reaches consoles through their drivers.

    Args:
        patience: seconds for which a gap without a console is waited out.
        verify: `[gateway] verify_instance`.  Without it, drivers only log in where a token alone opens nothing.
    """

    def __init__(
        self, upstream: ReachPlace, drivers: OpenConsole, *, clock: IReactorTime, patience: float, verify: bool
    ) -> None:
        self._upstream = upstream
        self._drivers = drivers
        self._clock = clock
        self._patience = patience
        self._verify = verify

    async def connect(self, info: ConnectInfo) -> Leg:
        """The leg to the console of the token's instance.  Cancelling it closes what was opened.

        Raises:
            InstanceNotFound, ConsoleUnavailable, DriverUnavailable: the driver knows no such console (now).
            UpstreamUnreachable, UpstreamTimeout, HandshakeFailed: what came in the way.
        """
        if not self._verify and not _needs_login(info):
            return await self._upstream.connect(info)
        ends = self._clock.seconds() + self._patience
        pauses, once, again = _pauses(), set(_ONCE), False
        while True:
            try:
                return await self._attempt(info, again=again, once=once)
            except _Later as later:
                pause = next(pauses) if later.wait else 0.0
                if self._clock.seconds() + pause > ends:
                    raise later.why from None
                log.debug("no console yet for {instance}: {cause}", instance=info.instance_uuid, cause=later.why.cause)
            again = True
            await deferLater(self._clock, pause)

    async def _attempt(self, info: ConnectInfo, *, again: bool, once: set[str]) -> Leg:
        """Look and try.  Raises _Later if that is worth repeating."""
        try:
            console = await self._drivers.open(info.instance_uuid, host=info.host, port=info.port, again=again)
        except ConsoleUnavailable as error:
            raise (_Later(error) if error.cause in _GAP_IN_API else error) from None
        if console.xen_login is None:
            return await self._upstream.reach(console)
        minted = not again and _as_minted(info, console)
        try:
            return await self._upstream.reach(minted or console)
        except XvpError as error:
            if minted and error.cause in _GAP_AT_HOST | _ONCE:
                raise _Later(error, wait=False) from None
            if error.cause in _GAP_AT_HOST:
                raise _Later(error) from None
            if error.cause in once:
                once.remove(error.cause)
                if error.cause == "upstream_auth":
                    self._drivers.login_refused(console.xen_login)
                raise _Later(error, wait=False) from None
            raise


class _Later(Exception):
    """Worth another attempt; `why` is told if there is no time for it."""

    def __init__(self, why: XvpError, *, wait: bool = True) -> None:
        super().__init__(why.cause)
        self.why = why
        self.wait = wait


def _pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _needs_login(info: ConnectInfo) -> bool:
    """Whether the token is one for a XenServer without a session: our own driver's."""
    return bool(info.internal_access_path) and "session_id" not in _query(info)


def _as_minted(info: ConnectInfo, console: Console) -> Console | None:
    """The console as Nova's token says it, session and all; None if that is not a token of Nova's for this console."""
    query = _query(info)
    names_it = (query.get("uuid") or query.get("ref")) in console.aliases
    if not names_it or "session_id" not in query:
        return None
    certificate = console.certificate if info.host == console.host else ""
    path = info.internal_access_path
    return replace(
        console, host=info.host, port=info.port, internal_access_path=path, xen_login=None, tls=False,
        certificate=certificate,
    )  # fmt: skip


def _query(info: ConnectInfo) -> dict[str, str]:
    """The parameters of its path; of one that is given twice the first."""
    pairs = parse_qsl(urlsplit(info.internal_access_path or "").query)
    return dict(reversed(pairs))
