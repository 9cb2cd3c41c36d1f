"""Where a demo keeps its files: a temporary directory that goes away with it, or with the next demo."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_PREFIX: Final = "xvpproxy-demo-"
#: Younger directories are left alone: a demo that starts in this moment has not locked its own yet.
_SETTLED_SECONDS: Final = 60


@contextmanager
def temporary_state() -> Iterator[Path]:
    """A private directory, removed at the end; those of demos that were killed are removed first.

    A demo holds a lock on the file `lock` in its directory as long as it
    lives, so a directory whose lock is free belongs to nobody.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        ours = Path(name)
        with (ours / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sweep(ours)
            yield ours


def _sweep(ours: Path) -> None:
    """Remove what killed demos of the same user left behind."""
    now = ours.stat()
    for path in ours.parent.glob(f"{_PREFIX}*"):
        try:
            found = path.lstat()
            if found.st_uid != now.st_uid or now.st_mtime - found.st_mtime < _SETTLED_SECONDS:
                continue
            with (path / "lock").open("rb") as lock:
                if _take(lock):
                    shutil.rmtree(path)
        except OSError:
            continue  # not ours, or another demo is just removing it


def _take(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
