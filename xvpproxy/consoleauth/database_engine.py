"""A database's URL, and connections to it that give up in time; nothing here knows the table."""

from __future__ import annotations

import os
from sqlite3 import Connection
from sqlite3 import connect as sqlite_connect
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from xvpproxy.errors import ConfigurationError

#: Older connections are replaced: middleboxes forget idle ones without a word.
RECYCLE_SECONDS = 60

#: Each statement stands alone, so a look-up is one exchange with the server and not four.
_ONE_STATEMENT: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "hide_parameters": True,
}

#: One driver for each family of databases, whatever the URL names: the one that our extra installs.
_DRIVERS = {
    "mysql": ("mysql+pymysql", "mysql"),
    "mariadb": ("mysql+pymysql", "mysql"),
    "postgresql": ("postgresql+psycopg", "postgresql"),
    "postgres": ("postgresql+psycopg", "postgresql"),
    "sqlite": ("sqlite", ""),
}


def parsed(text: str) -> sa.URL:
    """The URL with the driver that our extra installs; a text that is none is never quoted."""
    try:
        url = sa.make_url(text)
    except (exc.ArgumentError, ValueError):
        sentence = "[database] connection is not a database URL such as mysql+pymysql://USER:PASSWORD@HOST/nova."
        raise ConfigurationError(sentence) from None
    family = url.get_backend_name() if "+" in url.drivername else url.drivername
    if family not in _DRIVERS:
        known = "mysql, postgresql and sqlite"
        raise ConfigurationError(f"[database] connection: {family} is not served here; there are {known}.")
    return url.set(drivername=_DRIVERS[family][0]).difference_update_query(["plugin"])


def open_engine(url: sa.URL, *, timeout: float, connections: int) -> sa.Engine:
    """An engine whose connections have timeouts of their own; nothing connects yet."""
    family = url.get_backend_name()
    if family == "sqlite":
        return _sqlite_engine(url.database or "", timeout=timeout, connections=connections)
    arguments: dict[str, Any] = {"connect_timeout": timeout, "read_timeout": timeout, "write_timeout": timeout}
    if family == "postgresql":
        arguments = {"connect_timeout": max(2, round(timeout)), "tcp_user_timeout": round(timeout * 1000)}
    try:
        engine = sa.create_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=timeout,
            pool_recycle=RECYCLE_SECONDS,
            pool_reset_on_return=None,
            connect_args=arguments,
            **_ONE_STATEMENT,
        )
    except ImportError:
        extra = _DRIVERS[family][1]
        remedy = f"pip install xvpproxy[{extra}]"
        raise ConfigurationError(f"[database] connection: the driver for {family} is not installed: {remedy}") from None
    event.listen(engine, "connect", lambda line, _: _limit_statements(line, family, timeout))
    return engine


def _sqlite_engine(path: str, *, timeout: float, connections: int) -> sa.Engine:
    """One that never makes a file by looking, and misses a file that was removed or replaced under it."""
    uri = f"file:{quote(path)}?mode=rw" if path else ":memory:"

    def connect() -> Connection:
        return sqlite_connect(uri, uri=True, timeout=timeout * 0.75, check_same_thread=False)

    def remember(_: Connection, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(path)

    def compare(_: Connection, record: ConnectionPoolEntry, __: object) -> None:
        if record.info["file"] != _identity(path):
            raise exc.DisconnectionError  # the pool opens it anew, or fails to

    engine = sa.create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=timeout,
        pool_reset_on_return=None,
        **_ONE_STATEMENT,
    )
    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", compare)
    return engine


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 (a Path would take longer to make than the look)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def reason(error: BaseException, url: sa.URL) -> str:
    """What a driver said, where that never quotes a row, and never the URL's password."""
    cause = getattr(error, "orig", None) or error
    text = str(cause).partition("\n")[0] if isinstance(error, exc.OperationalError | OSError) else ""
    password = str(url.password or "")
    return f"{type(cause).__name__} {text.replace(password, '***') if password else text}".strip()[:300]


def _limit_statements(line: Any, family: str, timeout: float) -> None:
    """Have the server give up on a statement too; MariaDB and MySQL call that differently."""
    milliseconds = max(1, round(timeout * 1000))
    with line.cursor() as cursor:
        if family == "postgresql":
            cursor.execute(f"SET statement_timeout = {milliseconds}")
        else:
            name = "max_statement_time" if "MariaDB" in line.get_server_info() else "max_execution_time"
            value = f"{timeout:f}" if name == "max_statement_time" else milliseconds
            cursor.execute(f"SET SESSION {name} = {value}")
            cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {max(1, round(timeout))}")
    line.commit()
