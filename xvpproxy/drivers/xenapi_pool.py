"""One login to a XenServer pool, kept across master changes and forgotten sessions.  Blocking: for threads.

Calls go to the master.  Any living member knows who that is: a login anywhere
else is answered with HOST_IS_SLAVE and the master's address.  So a lost
connection, a master that is none any more and a session that nobody knows all
end the same way: find the master, log in, repeat once.  Only calls that may be
repeated belong here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from twisted.logger import Logger

from xvpproxy.errors import DriverUnavailable

from .xenapi_link import ApiFailure, Limits, Link, SessionInvalid, Unreachable
from .xenapi_members import Member, Members
from .xenapi_transport import HostTrust

log = Logger()

#: Logins per call, repeated calls included.
_TRIES = 3
#: Hosts that may send us on to another one in a row.
_HOPS = 2
#: Seconds for which a host that failed is tried after the others.
_SUSPECT_SECONDS = 30.0
#: Seconds for which a refused password is not tried again: each try costs 5 s over there and may lock the account.
_BARRED_SECONDS = 30.0
#: Of the time that is left, what one host may take to answer: a master takes 5 s to refuse a password.
_PATIENCE = 0.6
_LOGOUT = Limits(2.0, 2.0)
_IDLE_LINKS = 8


@dataclass(eq=False)
class Budget:
    """The time of one operation, and a way to end what it waits for.

    Attributes:
        ends: on the clock `time.monotonic`.
    """

    ends: float
    link: Link | None = field(default=None, repr=False)

    @property
    def left(self) -> float:
        """Seconds; raises DriverUnavailable when there are none."""
        seconds = self.ends - time.monotonic()
        if seconds <= 0:
            raise DriverUnavailable("the pool's API did not answer in time", cause="driver_timeout")
        return seconds

    def share(self, parts: int) -> Limits:
        """What is left, in parts: a host that cannot be reached, or hangs, must leave time for the others."""
        part = self.left / parts
        return Limits(part, max(part, _PATIENCE * self.left))

    def abort(self) -> None:
        """From any thread: the operation fails now."""
        self.ends = 0.0
        if (link := self.link) is not None:
            link.abort()


@dataclass(frozen=True, slots=True)
class _Login:
    master: Member
    session: str = field(repr=False)


class XenPool:
    """The pool's API.

    Args:
        members: where to look for the master.
        verified: whether a host that is not configured proves itself by its certificate.
    """

    def __init__(self, members: Members, trust: HostTrust, *, username: str, password: str, verified: bool) -> None:
        self._members = members
        self._trust = trust
        self._username = username
        self._password = password
        self._verified = verified
        self._lock = threading.Lock()
        self._logging_in = threading.Lock()
        self._login: _Login | None = None
        self._master: Member | None = None
        self._retired: list[_Login] = []
        self._idle: list[Link] = []
        self._failed_at: dict[Member, float] = {}
        self._barred: tuple[float, str] = (float("-inf"), "")
        self._closed = False

    def call(self, budget: Budget, method: str, *params: Any) -> Any:
        """What `method` answers; `params` without the session.  It must be safe to repeat.

        Raises:
            ApiFailure: the master says so.
            DriverUnavailable: there is no master, no login or no answer within the budget.
        """
        return self.call_with_session(budget, method, *params)[0]

    def call_with_session(self, budget: Budget, method: str, *params: Any) -> tuple[Any, str]:
        """As `call`, with the session that the master has just accepted."""
        why = ""
        for _ in range(_TRIES):
            login = self._logged_in(budget)
            try:
                return self._ask(login, budget, method, params), login.session
            except SessionInvalid:
                why = "it forgets our sessions"
            except Unreachable as error:
                self._suspect(login.master)
                why = str(error)
            except ApiFailure as failure:
                if failure.code not in {"HOST_IS_SLAVE", "HOST_STILL_BOOTING"}:
                    raise
                why = failure.code
            self._drop(login)
        raise DriverUnavailable(f"{login.master}: {why}", cause="driver_unavailable")

    def login_refused(self, session: str) -> None:
        """A host does not take the session: the next call logs in afresh."""
        with self._lock:
            if self._login is not None and self._login.session == session:
                self._retired.append(self._login)
                self._login = None

    def close(self) -> None:
        """Log out and close the connections; takes a few seconds at most."""
        with self._lock:
            self._closed = True
            logins, self._login, self._retired = [*self._retired, self._login], None, []
        self._log_out([login for login in logins if login is not None])
        with self._lock:
            idle, self._idle = self._idle, []
        for link in idle:
            link.close()

    # One call

    def _ask(self, login: _Login, budget: Budget, method: str, params: tuple[Any, ...]) -> Any:
        parts = min(2, len(self._members.configured))  # one to find the new master with

        def ask(link: Link) -> Any:
            return link.call(login.session, method, *params, limits=budget.share(parts))

        with self._lock:
            found = [link for link in self._idle if link.member == login.master]
            for link in found[-1:]:
                self._idle.remove(link)
        if found and found[-1].used:
            # It may have been cut while it was idle: then once more, on a new one.
            with suppress(Unreachable):
                return self._over(found[-1], budget, ask)
        return self._over(Link(login.master, self._trust), budget, ask)

    def _over(self, link: Link, budget: Budget, ask: Callable[[Link], Any]) -> Any:
        """Ask over `link`, and keep it for the next call if it is still good."""
        budget.link = link
        good = True
        try:
            return ask(link)
        except Unreachable:
            good = False
            raise
        finally:
            budget.link = None
            with self._lock:
                keep = good and not self._closed and len(self._idle) < _IDLE_LINKS
                if keep:
                    self._idle.append(link)
            if not keep:
                link.close()

    # Logging in

    def _logged_in(self, budget: Budget) -> _Login:
        """The login there is, or a new one; several threads make one together."""
        if not self._logging_in.acquire(timeout=budget.left):
            raise DriverUnavailable("a login is still under way", cause="driver_timeout")
        try:
            if self._login is None:
                login = self._find_master(budget)
                with self._lock:
                    closed, self._login = self._closed, None if self._closed else login
                    retired, self._retired = self._retired, []
                self._log_out([*retired, login] if closed else retired)
            if (login_now := self._login) is None:
                raise DriverUnavailable("the driver is closed")
            return login_now
        finally:
            self._logging_in.release()

    def _find_master(self, budget: Budget) -> _Login:
        self._raise_if_barred()
        problems: list[str] = []
        silent: set[Member] = set()
        hops, queue = 0, self._candidates()
        while queue:
            member = queue.pop(0)
            try:
                return self._log_in(member, budget, budget.share(len(queue) + 1))
            except Unreachable as error:
                self._suspect(member)
                silent.add(member)
                problems.append(f"{member}: {error}")
            except ApiFailure as failure:
                if failure.code == "HOST_IS_SLAVE" and failure.details and hops < _HOPS:
                    hops += 1
                    master, why = self._member(failure.details[0], silent)
                    if master is None:
                        problems.append(f"{member}: {why}")
                    else:
                        queue = [master, *(each for each in queue if each != master)]
                    continue
                self._bar(member, failure)
                problems.append(f"{member}: {failure.code}")
        raise DriverUnavailable("; ".join(problems))

    def _log_in(self, member: Member, budget: Budget, limits: Limits) -> _Login:
        session = self._over(
            Link(member, self._trust),
            budget,
            lambda link: link.log_in(self._username, self._password, limits=limits),
        )
        self._failed_at.pop(member, None)
        self._master = member
        log.info("logged in to the pool's master {member}", member=member)
        return _Login(member, session)

    def _candidates(self) -> list[Member]:
        """The last master, then those configured; who failed lately comes last."""
        everyone = dict.fromkeys([*([self._master] if self._master else []), *self._members.configured])
        now = time.monotonic()
        return sorted(everyone, key=lambda each: now - self._failed_at.get(each, float("-inf")) < _SUSPECT_SECONDS)

    def _member(self, address: str, silent: set[Member]) -> tuple[Member | None, str]:
        """Where the master is, or why it is not asked: it did not answer, or the password may not be sent there."""
        known = self._members.at(address) or self._members.usual(address)
        if known in silent:
            return None, f"it names {address} as master"
        if known in self._members.configured or (self._verified and known.tls):
            return known, ""
        return (
            None,
            f"it names {address} as master, which is none of [xenserver] connection_url and cannot prove itself",
        )

    def _bar(self, member: Member, failure: ApiFailure) -> None:
        """Raise for a login that is refused for good."""
        if failure.code in {"SESSION_AUTHENTICATION_FAILED", "SESSION_AUTHORIZATION_FAILED"}:
            why = f"{member} refuses [xenserver] connection_username and connection_password: {failure.code}"
            self._barred = (time.monotonic(), why)
            self._raise_if_barred()

    def _raise_if_barred(self) -> None:
        since, why = self._barred
        if time.monotonic() - since < _BARRED_SECONDS:
            raise DriverUnavailable(why, cause="driver_auth")

    def _suspect(self, member: Member) -> None:
        self._failed_at[member] = time.monotonic()

    def _drop(self, login: _Login) -> None:
        with self._lock:
            if self._login is login:
                self._login = None
            stale = [link for link in self._idle if link.member == login.master]
            self._idle = [link for link in self._idle if link.member != login.master]
        for link in stale:
            link.close()

    def _log_out(self, logins: list[_Login]) -> None:
        for login in logins:
            link = Link(login.master, self._trust)
            try:
                link.log_out(login.session, limits=_LOGOUT)
            except (ApiFailure, SessionInvalid, Unreachable) as error:
                log.debug("no logout at {member}: {why}", member=login.master, why=type(error).__name__)
            finally:
                link.close()
