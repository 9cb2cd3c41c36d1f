"""The benchmark measures, and leaves nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from bench.ground import Ground
from bench.profiling import profiled
from bench.scenarios import Scenario
from tests.integration.peers import program

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120.0


class BenchTest(SynchronousTestCase):
    def setUp(self):
        program("gcc", "gcc")
        program("memcached", "memcached")
        self.directory = Path(self.mktemp()).resolve()
        self.temporary = self.directory / "temporary"
        self.temporary.mkdir(parents=True)
        self.json = self.directory / "figures.json"

    def bench(self, *arguments):
        output = (self.directory / "output").open("wb")
        self.addCleanup(output.close)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench", "--json", self.json, *arguments],
            cwd=CHECKOUT,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def output(self):
        return (self.directory / "output").read_text()

    def processes(self):
        """Those that have to do with the run: all of them name its directory."""
        commands = [path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if self.is_of_run(path)]
        return [path.name for path in commands]

    def is_of_run(self, cmdline):
        try:
            return str(self.temporary).encode() in cmdline.read_bytes()
        except OSError:
            return False

    def assert_nothing_left(self):
        self.assertEqual(self.processes(), [])
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_measures_the_gateway_beside_no_proxy_at_all(self):
        words = [
            "bulk:2",
            "frames:2x20x64",
            "ping:1",
            "rate:4x20",
            "mix:2x20x64",
            "setup:4",
            "idle:2000",
            "idle-after:200x64",
        ]
        process = self.bench(
            "--peers", "direct,xvpproxy", "--scenarios", ",".join(words), "--rounds", "1", "--secs", "0.2"
        )
        self.assertEqual(process.wait(PATIENCE), 0, self.output())
        self.assertNotIn("skipped", self.output())
        found = json.loads(self.json.read_text())["scenarios"]
        self.assertEqual(list(found), words, self.output())
        for word in words:
            figures = found[word]["summary"]["xvpproxy"]
            first = next(iter(figures.values()))
            self.assertGreater(first["median"], 0, f"{word}: {figures}")
            self.assertIn(f"\n{word} ", self.output())
        self.assertGreater(found["ping:1"]["summary"]["xvpproxy"]["p50_us"]["above_direct"], 0)
        self.assertIn("against the targets", self.output())
        self.assert_nothing_left()
        told = subprocess.run(
            [sys.executable, "-m", "bench.report", self.json],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        self.assertIn("Python 3", told)
        self.assertIn("### Against the targets", told)

    def test_measures_the_gateway_inside_tls(self):
        process = self.bench(
            "--peers", "xvpproxy-tls", "--scenarios", "tls-bulk:1,tls-resume:4", "--rounds", "1", "--secs", "0.2"
        )
        process.wait(PATIENCE)
        if "libssl-dev" in self.output():
            self.assertEqual(process.returncode, 1)
            return
        self.assertEqual(process.returncode, 0, self.output())
        found = json.loads(self.json.read_text())["scenarios"]
        self.assertGreater(found["tls-bulk:1"]["summary"]["xvpproxy-tls"]["mib_per_s"]["median"], 0)
        self.assertEqual(found["tls-resume:4"]["summary"]["xvpproxy-tls"]["resumed_percent"]["median"], 100)

    def test_a_signal_ends_it_and_all_that_it_started(self):
        process = self.bench("--peers", "direct,xvpproxy", "--scenarios", "ping:1", "--secs", "60")
        deadline = time.monotonic() + PATIENCE
        while "seconds 60" not in self.commands():
            self.assertIsNone(process.poll(), self.output())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 130)
        self.assert_nothing_left()

    def commands(self):
        found = []
        for process in self.processes():
            try:
                found.append(Path("/proc", process, "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return "\n".join(found)

    def test_names_the_package_of_a_peer_that_is_not_installed(self):
        bare = self.directory / "programs"
        bare.mkdir()
        for name in ("gcc", "as", "ld"):
            (bare / name).symlink_to(shutil.which(name))
        self.patch(os, "environ", {**os.environ, "PATH": str(bare)})
        process = self.bench("--peers", "direct,haproxy", "--scenarios", "ping:1", "--rounds", "1", "--secs", "0.1")
        self.assertEqual(process.wait(PATIENCE), 0, self.output())
        self.assertIn("skipped: haproxy: apt-get install haproxy", self.output())

    def test_counts_the_calls_of_a_session_and_of_a_round_trip(self):
        with Ground() as ground:
            short, long = (profiled(ground, Scenario.read("ping:1"), seconds) for seconds in (0.05, 1.0))
        self.assertGreater(long.units, short.units)
        more = long.calls(python_only=False) - short.calls(python_only=False)
        self.assertGreater(more, long.units - short.units)
        self.assertLess(long.calls(python_only=True), long.calls(python_only=False))

    def test_says_which_scenarios_there_are(self):
        process = self.bench("--scenarios", "swim:1")
        self.assertEqual(process.wait(PATIENCE), 2)
        self.assertIn("'swim:1' is no scenario; there are bulk:N, frames:NxRxK", self.output())
