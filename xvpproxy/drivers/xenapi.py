"""The driver for XenServer and XCP-ng pools.

Everything blocking is in `xenapi_finder` and below it; this is its asynchronous
face, which bounds every call, and whose threads nobody else waits for.

    xenapi.py  ->  xenapi_finder.py     machines and consoles   <-  xenapi_machines.py (what records mean)
                   xenapi_pool.py       one login, the master   <-  xenapi_members.py (which hosts)
                   xenapi_link.py       the XenAPI package
                   xenapi_transport.py  HTTP with limits
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from oslo_config import cfg
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TwistedTimeoutError
from twisted.internet.interfaces import IReactorTime

from xvpproxy.blocking import Pool, PoolBusy
from xvpproxy.errors import ConfigurationError, DriverUnavailable

from .contract import Console, Instance
from .xenapi_members import Members

if TYPE_CHECKING:
    from .xenapi_pool import Budget
    from .xenapi_transport import HostTrust

P = ParamSpec("P")
R = TypeVar("R")

NAME = "xenapi.XenAPIDriver"
THREADS = 8
#: Seconds that a thread gets to notice by itself that its time is over.
_GRACE_SECONDS = 0.5

OPTS: dict[str, list[cfg.Opt]] = {
    "xenserver": [
        cfg.StrOpt(
            "connection_username",
            default="root",
            deprecated_group="DEFAULT",
            deprecated_name="xenapi_connection_username",
            help="Whom the gateway logs in as at the pool's master, to find consoles and open them. The role "
            "vm-operator is enough; pool-operator also lets it ask for the members' certificates.",
        ),
        cfg.StrOpt(
            "connection_password",
            secret=True,
            deprecated_group="DEFAULT",
            deprecated_name="xenapi_connection_password",
            help="The password for that.",
        ),
        cfg.IntOpt(
            "login_timeout",
            default=10,
            min=0,
            deprecated_group="DEFAULT",
            deprecated_name="xenapi_login_timeout",
            help="Seconds that one question to the pool may take, with the login and the search for the master if they "
            "are needed. After it the caller is told that the console could not be looked up.",
        ),
    ],
}


class XenAPIDriver:
    """Finds the consoles of one pool.

    Args:
        threads: where the blocking calls run.
        timeout: seconds that one question may take.
        verified: whether hosts prove themselves by their certificates.
    """

    name = NAME

    def __init__(
        self,
        members: Members,
        trust: HostTrust,
        *,
        username: str,
        password: str | None,
        timeout: float,
        verified: bool,
        threads: Pool,
        clock: IReactorTime,
    ) -> None:
        if not password:
            raise ConfigurationError(
                f"[xenserver] connection_password is not set; it is the one of {username!r} in the pool"
            )
        # XenAPI and XML-RPC are for those who have a pool; the options above are everybody's.
        from .xenapi_finder import Finder  # noqa: PLC0415
        from .xenapi_pool import Budget, XenPool  # noqa: PLC0415

        self._budget = Budget
        self._pool = XenPool(members, trust, username=username, password=password, verified=verified)
        self._finder = Finder(self._pool, members, driver=NAME, learn=verified and members.tls)
        self._threads = threads
        self._timeout = timeout
        self._clock = clock

    async def instances(self) -> list[Instance]:
        return await self._run(self._finder.instances)

    async def find(self, uuid_or_name: str) -> Instance:
        return await self._run(self._finder.find, uuid_or_name)

    async def locate(self, uuid: str) -> Console:
        return await self._run(self._finder.locate, uuid)

    async def open(self, uuid: str, *, again: bool) -> Console:
        return await self._run(self._finder.open, uuid, again=again)

    def login_refused(self, login: str) -> None:
        """A host refuses this session although the API takes it: the next question logs in afresh."""
        self._pool.login_refused(login)

    def close(self) -> None:
        """Log out, beside the reactor; the process waits for that, a few seconds at most, before it ends."""
        threading.Thread(target=self._pool.close, name="xenapi-logout", daemon=False).start()
        self._threads.stop()

    async def _run(self, ask: Callable[Concatenate[Budget, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        budget = self._budget(time.monotonic() + self._timeout)
        asking: Any = Deferred.fromCoroutine(self._threads.run(ask, budget, *args, **kwargs))
        try:
            return await asking.addTimeout(self._timeout + _GRACE_SECONDS, self._clock)  # type: ignore[no-any-return]
        except TwistedTimeoutError as error:
            budget.abort()
            raise DriverUnavailable(
                f"the pool's API did not answer within {self._timeout:g} s", cause="driver_timeout"
            ) from error
        except PoolBusy as error:
            raise DriverUnavailable("too many questions to the pool wait already", cause="driver_busy") from error
