"""A gateway as operators run it: twistd on a configuration file, seen from outside only."""

import os
import re
import resource
import signal
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.endpoint import LOOPBACK, eventually
from tests.integration.peers import _die_with_parent, free_port

CHECKOUT = Path(__file__).resolve().parent.parent
#: Values by option by group.
Options = dict[str, dict[str, object]]
_CLOSED = re.compile(r"closed outcome=(\w+)(?: status=(\d+))?(?: cause=(\w+))?")


class SteppingClock:
    """The time of day of a gateway's machine, that somebody sets while it runs.

    Args:
        path: for a file.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path).resolve()
        self.step(0)
        self.environment = {
            "CLOCK_STEPS": str(self._path),
            "PYTHONPATH": f"{CHECKOUT / 'tests/stepping'}{os.pathsep}{CHECKOUT}",
        }

    def step(self, seconds: float) -> None:
        """Be so many seconds ahead of the true time."""
        with self._path.open("r+b" if self._path.exists() else "wb") as file:
            file.write(struct.pack("d", seconds))


class GatewayProcess:
    """`twistd -n xvpproxy --config-file F`, with everything that it writes in one file.

    Args:
        directory: for its configuration, state and log; made if it is not there.
        options: option values by group; the door is on a free port of loopback.
        descriptors: its limit of open files, or None for ours.
        clock: whose steps its time of day makes, or None.
    """

    def __init__(
        self,
        directory: str,
        options: dict[str, dict[str, object]],
        *,
        descriptors: int | None = None,
        clock: "SteppingClock | None" = None,
    ) -> None:
        self._directory = Path(directory).resolve()
        self._directory.mkdir(exist_ok=True)
        self.port = free_port()
        self._options = {"vnc": {"xvpvncproxy_host": LOOPBACK, "xvpvncproxy_port": self.port}}
        self._options["DEFAULT"] = {"state_path": self._directory}
        self.configure(options)
        self._output = self._directory / "output"
        twistd = [Path(sys.executable).with_name("twistd"), "-n", "--pidfile="]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*twistd, "xvpproxy", "--config-file", self.file],
                cwd=self._directory,
                env={
                    **os.environ,
                    "HOME": str(self._directory),
                    "PYTHONPATH": str(CHECKOUT),
                    **(clock.environment if clock else {}),
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=partial(_prepare, descriptors),  # noqa: PLW1509  (it only makes system calls)
            )

    @property
    def file(self) -> Path:
        """Its configuration file."""
        return self._directory / "xvpproxy.conf"

    def configure(self, options: Options) -> None:
        """Write the configuration file: what it had, and `options`."""
        for group, values in options.items():
            self._options.setdefault(group, {}).update(values)
        lines = []
        for group, values in self._options.items():
            lines += [f"[{group}]", *(f"{name} = {value}" for name, value in values.items())]
        self.file.write_text("\n".join(lines) + "\n")

    async def started(self) -> "GatewayProcess":
        """Wait until viewers are accepted."""
        await eventually(lambda: "ready: " in self.output or self.exit_status is not None, "the gateway is ready")
        if self.exit_status is not None:
            raise AssertionError(f"the gateway ended with {self.exit_status}: {self.output}")
        return self

    # From outside

    @property
    def output(self) -> str:
        """Everything on its standard output and error: the log."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def closings(self) -> list[tuple[str, int, str]]:
        """Outcome, status (0 for none) and cause of every session that has ended, from the text log."""
        return [(outcome, int(status or 0), cause) for outcome, status, cause in _CLOSED.findall(self.output)]

    @property
    def exit_status(self) -> int | None:
        return self._process.poll()

    def proc(self, name: str) -> Path:
        return Path("/proc", str(self._process.pid), name)

    def limit_descriptors(self, count: int) -> None:
        """Change the limit of open files while it runs."""
        resource.prlimit(
            self._process.pid, resource.RLIMIT_NOFILE, (count, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        )

    def resources(self) -> dict[str, int]:
        """Descriptors and threads."""
        return {name: sum(1 for _ in self.proc(where).iterdir()) for name, where in _COUNTED.items()}

    @property
    def cpu_seconds(self) -> float:
        """What it has spent, user and system."""
        fields = self.proc("stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # Its end

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def exited(self) -> int:
        """Wait until it has ended; its exit status."""
        await eventually(lambda: self.exit_status is not None, "the gateway ends")
        return self._process.returncode

    async def stop(self) -> None:
        """End it now, if it still runs, and hold it to a log without failures."""
        if self.exit_status is None:
            self.signal(signal.SIGINT)
            try:
                await self.exited()
            finally:
                self._process.kill()
                self._process.wait()
        if "Traceback" in self.output or "Unhandled" in self.output:
            raise AssertionError(f"the gateway logged a failure:\n{self.output}")


_COUNTED = {"descriptors": "fd", "threads": "task"}


def _prepare(descriptors: int | None) -> None:
    _die_with_parent()
    if descriptors is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
