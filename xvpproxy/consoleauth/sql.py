"""Tokens in a database: an operator's, with Nova's table, or the embedded store.

The asynchronous face of `token_table`: threads of its own, and a bound on every call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from oslo_config import cfg
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.interfaces import IReactorTime

from xvpproxy.blocking import Pool, PoolBusy
from xvpproxy.consoleauth.batches import Answer, Batches
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.errors import StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

if TYPE_CHECKING:  # with it comes SQLAlchemy, which is larger than all else: only where there is a database
    from xvpproxy.consoleauth.dormant import DormantTable
    from xvpproxy.consoleauth.token_table import TokenTable

P = ParamSpec("P")
T = TypeVar("T")

OPTS: dict[str, list[cfg.Opt]] = {
    "database": [
        cfg.StrOpt(
            "connection",
            secret=True,
            deprecated_opts=[
                cfg.DeprecatedOpt("sql_connection", group="DEFAULT"),
                cfg.DeprecatedOpt("sql_connection", group="database"),
                cfg.DeprecatedOpt("connection", group="sql"),
            ],
            help="URL of the database with Nova's table console_auth_tokens (the cell's database, not the API's), such "
            "as mysql+pymysql://USER:PASSWORD@HOST/nova. The gateway connects to it to check tokens. Unset: an SQLite "
            "file of the gateway's own below state_path; beside memcached it is made by the first token that is minted "
            "into it.",
        ),
    ],
}


@dataclass(frozen=True, slots=True)
class Embedded:
    """The embedded store's file.

    Attributes:
        path: where it is.
        made_at_start: whether `probe` makes it, as the gateway wants and a mere look-up does not; `put` always does.
    """

    path: Path
    made_at_start: bool


class DatabaseStore:
    """A `TokenStore` over `console_auth_tokens`.

    Args:
        table: the table in its database, open or dormant.
        pool: threads of its own.
        clock: for timeouts.
        timeout: seconds a whole call may take.
    """

    name = "database"
    keeps_whole_url = False

    def __init__(self, table: TokenTable | DormantTable, pool: Pool, *, clock: IReactorTime, timeout: float) -> None:
        self._table = table
        self._pool = pool
        self._clock = clock
        self._timeout = timeout
        self._batches = Batches(
            [table], ask=self._look, is_suspect=lambda _: False, clock=clock, timeout=timeout, name="the database"
        )

    def probe(self) -> None:
        self._table.probe()

    async def get(self, token: Token) -> ConnectInfo | Absent:
        return await self._batches.look_up(token, self._table)

    async def put(self, token: Token, info: ConnectInfo) -> None:
        await self._call(self._table.put, token, info)

    async def delete(self, token: Token) -> bool:
        return await self._call(self._table.delete, token)

    async def delete_instance(self, instance_uuid: str) -> frozenset[str]:
        return await self._call(self._table.delete_instance, instance_uuid)

    def close(self) -> None:
        self._pool.stop()
        self._table.close()

    async def _look(self, table: TokenTable | DormantTable, tokens: Sequence[Token]) -> Mapping[Token, Answer]:
        try:
            return await self._run(table.look, tokens)
        except CancelledError:
            table.hang_up()
            raise

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        waiting = Deferred.fromCoroutine(self._run(work, *args, **kwargs))
        try:
            return await waiting.addTimeout(self._timeout, self._clock)
        except DeferredTimeout:
            self._table.hang_up()
            raise StoreUnavailable(f"the database did not answer within {self._timeout:g} s") from None

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await self._pool.run(work, *args, **kwargs)
        except PoolBusy:
            raise StoreUnavailable("too many calls wait for the database") from None
