"""Databases with Nova's table as it was dumped, in each kind of server."""

import re
import sqlite3
from pathlib import Path

import psycopg

from tests.integration import peers

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "database"


def dump(name: str) -> str:
    """The text of one of the recorded dumps."""
    return (VECTORS / f"{name}.sql").read_text(encoding="utf-8")


def sqlite_with(name: str, path: Path) -> str:
    """An SQLite file with a dump; its URL."""
    connection = sqlite3.connect(path)
    connection.executescript(dump(name))
    connection.close()
    return f"sqlite:///{path}"


def mariadb_with(name: str, driver: str = "mysql+pymysql") -> str:
    """A MariaDB database with a dump; its URL."""
    url = peers.mariadb_url(name, driver)
    peers.mariadb_run(f"SET NAMES utf8mb4; USE {name};\n{dump(name)}")
    return url


def postgresql_with(name: str) -> str:
    """The table and rows of a MariaDB dump in PostgreSQL; its URL."""
    url = peers.postgresql_url(name)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in _for_postgresql(dump(name)):
            connection.execute(statement)
    return url


def _for_postgresql(text: str) -> list[str]:
    """MariaDB's statements with PostgreSQL's quotes, types and indexes."""
    create, *inserts = re.split(r"(?m)^(?=INSERT )", re.sub(r"(?m)^--.*$", "", text))
    columns = re.findall(r"(?m)^  `(\w+)` ([\w()]+)( NOT NULL)?", create)
    types = {"datetime": "timestamp", "int(11)": "integer"}
    lines = [
        f"{name} serial PRIMARY KEY" if name == "id" else f"{name} {types.get(kind, kind)}{rule}"
        for name, kind, rule in columns
    ]
    table = "console_auth_tokens"
    unique = f"CONSTRAINT uniq_{table}0token_hash UNIQUE (token_hash)"
    return [
        f"CREATE TABLE {table} ({', '.join(lines)}, {unique})",
        f"CREATE INDEX {table}_instance_uuid_idx ON {table} (instance_uuid)",
        *(insert.replace("`", "").replace('\\"', '"') for insert in inserts),
        f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))",
    ]
