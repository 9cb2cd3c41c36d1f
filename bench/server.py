"""A process that listens on loopback: started, measured as a whole, and ended by its pid."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from . import machine

HOST = "127.0.0.1"
#: Seconds for a server to listen: many times what it takes on a quiet machine.
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_LOOK_SECONDS = 0.02
#: Below `net.ipv4.ip_local_port_range`, above what services usually have.
_PORTS = (12_000, 32_000)
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class ServerFailed(Exception):
    """A process did not start, or ended early; the text is the end of its output."""


class Server:
    """A server process in a POSIX session of its own, so that what it forks is found again.

    Args:
        output: a file for everything that it prints.
    """

    def __init__(self, command: Sequence[str], port: int, output: Path) -> None:
        self.port = port
        self._output = output
        with output.open("ab") as sink:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd=output.parent,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  (one call into libc)
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    @property
    def processes(self) -> list[int]:
        """It and what it has forked."""
        return machine.session_members(self._process.pid)

    def stop(self) -> None:
        """End it and what it has forked; once is enough."""
        members = self.processes
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        for process in {*members, *self.processes}:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(self._output.read_text(errors="replace")[-600:].strip() or "it printed nothing")
            with suppress(OSError):
                socket.create_connection((HOST, self.port), 1).close()
                return
            time.sleep(_LOOK_SECONDS)


def free_port() -> int:
    """A port that nobody had a moment ago, out of those that the kernel gives to no outgoing connection."""
    while True:
        port = random.randrange(*_PORTS)
        with suppress(OSError):
            socket.create_server((HOST, port)).close()
            return port


def _end_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
