"""The embedded store beside memcached: not opened before there is something in it.

Nova's tokens are all in memcached then, and SQLAlchemy would take a third of
the process for nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from xvpproxy.consoleauth.batches import Answer
from xvpproxy.consoleauth.contract import Absent
from xvpproxy.model import ConnectInfo, Token

if TYPE_CHECKING:
    from xvpproxy.consoleauth.token_table import TokenTable


def may_hold_tokens(path: Path) -> bool:
    """Whether the embedded store's file has to be opened to know what is in it.

    One without a byte is about to be made by somebody else; one that cannot be
    looked at is opened all the same, since that tells why.
    """
    try:
        return os.stat(path).st_size > 0  # noqa: PTH116 (a Path would take longer to make than the look)
    except FileNotFoundError:
        return False
    except OSError:
        return True


class DormantTable:
    """A `TokenTable` that is opened by the first `put`, or once another process has put something; blocking.

    Once open it is a database as any other: a file that vanishes then is an outage.

    Args:
        path: the embedded store's file.
        open_table: opens its table, which may take long: it imports what is needed for that.
    """

    def __init__(self, path: Path, open_table: Callable[[], TokenTable]) -> None:
        self._path = path
        self._open_table = open_table
        self._table: TokenTable | None = None
        self._opening = Lock()

    def probe(self) -> None:
        """As `TokenTable.probe`; a file that is not there is nothing that could be wrong."""

    def look(self, tokens: Sequence[Token]) -> Mapping[Token, Answer]:
        """As `TokenTable.look`."""
        return self._opened().look(tokens) if self._is_awake() else dict.fromkeys(tokens, Absent.UNKNOWN)

    def put(self, token: Token, info: ConnectInfo) -> None:
        """As `TokenStore.put`; makes the file."""
        self._opened().put(token, info)

    def delete(self, token: Token) -> bool:
        """As `TokenStore.delete`."""
        return self._is_awake() and self._opened().delete(token)

    def delete_instance(self, instance_uuid: str) -> frozenset[str]:
        """As `TokenStore.delete_instance`."""
        return self._opened().delete_instance(instance_uuid) if self._is_awake() else frozenset()

    def hang_up(self) -> None:
        """As `TokenTable.hang_up`."""
        if self._table is not None:
            self._table.hang_up()

    def close(self) -> None:
        """As `TokenTable.close`."""
        if self._table is not None:
            self._table.close()

    def _is_awake(self) -> bool:
        return self._table is not None or may_hold_tokens(self._path)

    def _opened(self) -> TokenTable:
        with self._opening:
            if self._table is None:
                self._table = self._open_table()
            return self._table
