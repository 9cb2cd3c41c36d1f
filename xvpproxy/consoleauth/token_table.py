"""Nova's table `console_auth_tokens`, of whichever release made it: blocking.

An operator's table is read, minted and revoked in, never altered or swept: its
columns are taken by name as they are found.  The embedded store is an SQLite
file of ours with the newest columns.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.schema import CreateIndex, CreateTable
from twisted.python.failure import Failure

from xvpproxy.consoleauth import records
from xvpproxy.consoleauth.batches import Answer
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.consoleauth.database_engine import open_engine, parsed, reason
from xvpproxy.consoleauth.sql import Embedded
from xvpproxy.errors import BadRequest, ConfigurationError, StoreUnavailable
from xvpproxy.model import ConnectInfo, Token

T = TypeVar("T")

NAME = "console_auth_tokens"

#: What every release has; the others may be missing.
NEEDED = frozenset({"token_hash", "console_type", "host", "port", "instance_uuid", "expires"})

#: Of the timeout, after which a call may be ended under a caller who gives up: it began a little later than the wait.
OVERDUE = 0.9

MAX_EXPIRES = 2**31 - 1  # the column is an INTEGER of 32 bits

_NEWEST = sa.Table(
    NAME,
    sa.MetaData(),
    sa.Column("created_at", sa.DateTime),
    sa.Column("updated_at", sa.DateTime),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token_hash", sa.String(255), nullable=False),
    sa.Column("console_type", sa.String(255), nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("port", sa.Integer, nullable=False),
    sa.Column("internal_access_path", sa.String(255)),
    sa.Column("instance_uuid", sa.String(36), nullable=False),
    sa.Column("expires", sa.Integer, nullable=False),
    sa.Column("access_url_base", sa.String(255)),
    sa.Column("tls_port", sa.Integer),
    sa.UniqueConstraint("token_hash", name="uniq_console_auth_tokens0token_hash"),
    sa.Index("console_auth_tokens_instance_uuid_idx", "instance_uuid"),
    sa.Index("console_auth_tokens_host_expires_idx", "host", "expires"),
    sa.Index("console_auth_tokens_token_hash_instance_uuid_idx", "token_hash", "instance_uuid"),
)


class TokenTable:
    """The table in one database; every method blocks, and most raise `StoreUnavailable`.

    Args:
        url: of an operator's database, as Nova has it.
        embedded: the embedded store's file, if that is meant instead.
        connections: how many are kept at most.
        now: tells Unix seconds.
        timeout: seconds for connecting, and for each statement.

    Raises:
        ConfigurationError: the URL cannot be used, or its driver is not installed.
    """

    def __init__(
        self,
        *,
        url: str = "",
        embedded: Embedded | None = None,
        connections: int,
        now: Callable[[], float],
        timeout: float,
    ) -> None:
        self._embedded = embedded
        self._url = parsed(url) if embedded is None else sa.URL.create("sqlite", database=str(embedded.path))
        self._engine = open_engine(self._url, timeout=timeout, connections=connections)
        self._now = now
        self._timeout = timeout
        self._found: sa.Table | None = None
        #: Connections in use, and since when.
        self._busy: dict[Any, float] = {}

    def probe(self) -> None:
        """As `TokenStore.probe`; makes the embedded store's file."""
        shown = f"[database] connection: {self._shown()}"
        try:
            if self._embedded is None:
                self._must_exist()
                self._translated(self._columns)
            elif self._embedded.made_at_start:
                self._create(self._embedded.path)
                self._translated(self._purge)
        except OSError as error:
            remedy = "Set [DEFAULT] state_path to a directory that the gateway can write to."
            raise ConfigurationError(f"The embedded store {self._shown()}: {error.strerror}. {remedy}") from None
        except _NoTable:
            remedy = "It must be the database of a cell, not of the API."
            raise ConfigurationError(f"{shown} has no table {NAME} with Nova's columns. {remedy}") from None
        except (TypeError, _BadOption):
            raise ConfigurationError(f"{shown} has an option that its driver does not know.") from None

    def look(self, tokens: Sequence[Token]) -> dict[Token, Answer]:
        """What stands under each of `tokens`; a row that cannot be read is the failure of its own token only."""
        rows = self._translated(self._select, [token.sha256 for token in tokens])
        return {token: self._judge(token, rows.get(token.sha256)) for token in tokens}

    def put(self, token: Token, info: ConnectInfo) -> None:
        """As `TokenStore.put`; makes the embedded store's file again if it is gone, and sweeps it."""
        if self._embedded is not None:
            try:
                self._create(self._embedded.path)
            except OSError as error:
                raise StoreUnavailable(f"the embedded store {self._shown()}: {error.strerror}") from None
            self._translated(self._purge)
        self._translated(self._insert, token, info)

    def delete(self, token: Token) -> bool:
        """As `TokenStore.delete`."""
        return bool(self._translated(self._delete, "token_hash", token.sha256))

    def delete_instance(self, instance_uuid: str) -> frozenset[str]:
        """As `TokenStore.delete_instance`."""
        return self._translated(self._delete, "instance_uuid", instance_uuid)

    def hang_up(self) -> None:
        """End the calls that are as good as overdue; from any thread.

        libpq has no timeout for an answer, so its socket is shut down under it.
        """
        for connection, since in list(self._busy.items()):
            if self._now() - since >= self._timeout * OVERDUE and hasattr(connection, "fileno"):
                with (
                    suppress(OSError, self._engine.dialect.loaded_dbapi.Error),
                    socket(fileno=os.dup(connection.fileno())) as line,
                ):
                    line.shutdown(SHUT_RDWR)

    def close(self) -> None:
        """Close the connections that are idle now."""
        self._engine.dispose()

    def _judge(self, token: Token, row: Mapping[str, Any] | None) -> Answer:
        if row is None:
            return Absent.UNKNOWN
        record = {**row, "access_url": row.get("access_url_base")}
        try:
            expires_at = records.seconds_of(row["expires"])
            info = records.connect_info(token, record, expires_at=expires_at)
        except records.Corrupt as error:
            detail = f"the database {self._shown()} holds an unreadable row: {error}"
            return Failure(StoreUnavailable(detail, cause="store_corrupt"))
        return info if expires_at > self._now() else Absent.EXPIRED

    def _select(self, connection: sa.Connection, hashes: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The rows by their hash."""
        table = self._columns(connection)
        rows = connection.execute(sa.select(table).where(table.c.token_hash.in_(hashes))).mappings()
        return {row["token_hash"]: dict(row) for row in rows}

    def _insert(self, connection: sa.Connection, token: Token, info: ConnectInfo) -> None:
        table = self._columns(connection)
        expires = int(info.expires_at or 0)
        if expires > MAX_EXPIRES:
            raise BadRequest(public="The table's column `expires` ends in January 2038: ask for a shorter time.")
        row = {
            "created_at": datetime.fromtimestamp(self._now(), UTC).replace(tzinfo=None, microsecond=0),
            "token_hash": token.sha256,
            "console_type": info.console_type,
            "host": info.host,
            "port": info.port,
            "internal_access_path": info.internal_access_path,
            "instance_uuid": info.instance_uuid,
            "expires": expires,
            "access_url_base": info.access_url,
        }
        known = {name: value for name, value in row.items() if name in table.c}
        for name, value in known.items():
            longest = getattr(table.c[name].type, "length", None)
            if isinstance(value, str) and longest and len(value) > longest:
                sentence = f"The {name} has {len(value)} characters; the table {NAME} takes {longest}."
                raise BadRequest(public=sentence)
        connection.execute(table.insert().values(known))

    def _delete(self, connection: sa.Connection, column: str, value: str) -> frozenset[str]:
        table = self._columns(connection)
        chosen = table.c[column] == value
        live = sa.select(table.c.token_hash).where(chosen, table.c.expires > int(self._now()))
        hashes = frozenset(connection.execute(live).scalars())
        connection.execute(table.delete().where(chosen))
        return hashes

    def _purge(self, connection: sa.Connection) -> None:
        connection.execute(_NEWEST.delete().where(_NEWEST.c.expires <= int(self._now())))

    def _columns(self, connection: sa.Connection) -> sa.Table:
        """The table with the columns that it has in this database."""
        if self._found is None:
            try:
                columns = sa.inspect(connection).get_columns(NAME)
            except exc.NoSuchTableError:
                columns = []
            if not NEEDED.issubset(column["name"] for column in columns):
                raise _NoTable(f"the database {self._shown()} has no table {NAME} with Nova's columns")
            plain = [sa.Column(column["name"], column["type"]) for column in columns if column["name"] in _NEWEST.c]
            self._found = sa.Table(NAME, sa.MetaData(), *plain)
        return self._found

    def _create(self, path: Path) -> None:
        """Make the embedded store's file and table unless they are there."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._translated(_create_table)

    def _translated(self, work: Callable[..., T], *args: Any) -> T:
        """Do some work on a connection; no exception of SQLAlchemy's or a driver's passes this door.

        Once more on a fresh connection if a pooled one turns out to be cut.
        """
        try:
            try:
                return self._connected(work, *args)
            except exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return self._connected(work, *args)
        except (exc.DBAPIError, exc.TimeoutError, OSError, UnicodeError) as error:
            if isinstance(error, exc.ProgrammingError) and error.statement is None:
                raise _BadOption(f"{self._shown()} has an option that its driver does not know") from None
            if self._embedded is not None and not self._embedded.path.exists():
                raise StoreUnavailable(f"the embedded store {self._shown()} is missing; minting makes it") from None
            raise StoreUnavailable(f"the database {self._shown()} cannot answer: {reason(error, self._url)}") from None

    def _connected(self, work: Callable[..., T], *args: Any) -> T:
        with self._engine.connect() as connection:
            line = connection.connection.dbapi_connection
            self._busy[line] = self._now()
            try:
                return work(connection, *args)
            finally:
                del self._busy[line]

    def _must_exist(self) -> None:
        path = self._url.database
        if self._url.get_backend_name() == "sqlite" and path and not Path(path).exists():
            raise ConfigurationError(f"[database] connection: there is no file {path}; an operator's is never made.")

    def _shown(self) -> str:
        """The database without its password and options."""
        return str(self._embedded.path if self._embedded else self._url.set(password=None, query={}))


class _BadOption(StoreUnavailable):
    """The driver refuses the URL before it connects."""


class _NoTable(StoreUnavailable):
    """The database answers, but it is no cell's."""


def _create_table(connection: sa.Connection) -> None:
    connection.execute(CreateTable(_NEWEST, if_not_exists=True))
    for index in sorted(_NEWEST.indexes, key=lambda index: str(index.name)):
        connection.execute(CreateIndex(index, if_not_exists=True))
