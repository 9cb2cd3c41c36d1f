"""Builds the load generator and runs it: the viewers of the benchmark."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

SOURCES = Path(__file__).with_name("loadgen")
#: Seconds that a viewer process gets beyond its own bounds.
_GRACE_SECONDS = 20.0

#: What the load generator found: seconds, bytes, done, open, errors, resumed, p50_us, p99_us, max_us.
Result = Mapping[str, float]


class LoadFailed(Exception):
    """The load generator gave no result in time."""


class LoadGenerator:
    """The built program.

    Attributes:
        path: where it is.
        tls: whether it can speak TLS.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / "loadgen"
        self.log = directory / "loadgen.log"
        headers = ["gcc", "-E", "-include", "openssl/ssl.h", "-x", "c", "/dev/null"]
        self.tls = not subprocess.run(headers, capture_output=True, check=False).returncode
        with_tls = ["-DWITH_TLS"] if self.tls else []
        libraries = ["-lssl", "-lcrypto"] if self.tls else []
        sources = map(str, sorted(SOURCES.glob("*.c")))
        subprocess.run(
            ["gcc", "-O2", "-Wall", "-Wextra", "-o", str(self.path), *with_tls, *sources, *libraries], check=True
        )


class Load:
    """One run of the viewers: made with its sessions open, then `run`, then closed.

    Args:
        settings: the load generator's own names and values.
        patience: seconds for the sessions to open, and again beyond the run's length.
    """

    def __init__(self, generator: LoadGenerator, *, patience: float, **settings: object) -> None:
        self._patience = patience
        self._seconds = float(str(settings.get("seconds", 0)))
        words = [f"{name}={value}" for name, value in {"limit": patience, **settings}.items()]
        with generator.log.open("ab") as log:
            self._process = subprocess.Popen(
                [generator.path, "viewer", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        try:
            if self._line(0) != "READY\n":
                raise LoadFailed("the load generator did not get ready")
        except BaseException:
            self._process.kill()
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._process.kill()
        self.close()

    def begin(self) -> None:
        """Let the viewers go."""
        stdin = self._pipe(self._process.stdin)
        stdin.write("go\n")
        stdin.flush()

    def result(self) -> Result:
        """What they found."""
        line = self._line(self._seconds)
        if not line:
            raise LoadFailed("the load generator ended without a result")
        found: Result = json.loads(line)
        return found

    def run(self) -> Result:
        """Let the viewers go, and wait for what they find."""
        self.begin()
        return self.result()

    def close(self) -> None:
        """End all sessions."""
        self._pipe(self._process.stdin).close()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pipe(self._process.stdout).close()

    def _line(self, seconds: float) -> str:
        stdout = self._pipe(self._process.stdout)
        readable, _, _ = select.select([stdout], [], [], seconds + self._patience + _GRACE_SECONDS)
        if not readable:
            self._process.kill()
            raise LoadFailed("the load generator is stuck")
        return stdout.readline()

    def _pipe(self, pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            raise AssertionError("it was opened with pipes")
        return pipe
