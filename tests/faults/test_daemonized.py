"""twistd as a daemon: what its command says, its exit status, and its pid file, for one worker and for several."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.endpoint import LOOPBACK
from tests.gateway_process import CHECKOUT
from tests.integration.peers import free_port

PATIENCE = 30.0


def wait(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Daemonized(SynchronousTestCase):
    def setUp(self):
        self.folder = Path(self.mktemp()).resolve()
        self.folder.mkdir()
        self.pidfile, self.log = self.folder / "pid", self.folder / "log"

    def command(self, workers, more="", *options):
        """A twistd command on a configuration file, its state, log and pid file in one folder."""
        file = self.folder / "xvpproxy.conf"
        file.write_text(
            f"[DEFAULT]\nstate_path = {self.folder}\nworkers = {workers}\n"
            f"[vnc]\nxvpvncproxy_host = {LOOPBACK}\nxvpvncproxy_port = {free_port()}\n{more}\n"
        )
        twistd = [Path(sys.executable).with_name("twistd"), *options, f"--pidfile={self.pidfile}"]
        return [*twistd, f"--logfile={self.log}", "xvpproxy", "--config-file", file]

    def run_command(self, *what):
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        return subprocess.run(
            self.command(*what), cwd=self.folder, env=environment, check=False, capture_output=True, timeout=PATIENCE
        )

    def end(self, pid, number=signal.SIGTERM):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        wait(lambda: not Path(f"/proc/{pid}").exists(), "it ends")

    def test_the_pid_file_names_the_process_to_signal_and_goes_with_it(self):
        for workers in (1, 3):
            self.assertEqual(self.run_command(workers).returncode, 0)
            pid = int(self.pidfile.read_text())
            self.addCleanup(self.end, pid, signal.SIGKILL)
            wait(lambda: "ready: " in self.log.read_text(), "it serves")
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            self.assertEqual(len(children), workers if workers > 1 else 0)
            self.end(pid)
            self.assertFalse(self.pidfile.exists())
            for child in children:
                self.assertFalse(Path(f"/proc/{child}").exists())
            self.log.unlink()

    def test_a_worker_that_dies_leaves_the_pid_file(self):
        self.assertEqual(self.run_command(2).returncode, 0)
        pid = int(self.pidfile.read_text())
        self.addCleanup(self.end, pid, signal.SIGKILL)
        child = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
        os.kill(child, signal.SIGTERM)
        wait(lambda: "serves again" in self.log.read_text(), "it is replaced")
        self.assertEqual(int(self.pidfile.read_text()), pid)
        self.end(pid)
        self.assertFalse(self.pidfile.exists())

    def test_what_no_worker_can_do_without_ends_the_start_with_status_1(self):
        lacking = "[consoleauth]\nstores = database\n[database]\nconnection = sqlite:////nowhere/tokens\n"
        done = self.run_command(2, lacking)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"[database] connection: there is no file /nowhere/tokens", done.stdout + done.stderr)
        self.assertEqual(self.log.read_text().count("/nowhere/tokens"), 1)
        self.assertFalse(self.pidfile.exists())
        done = self.run_command(2, lacking, "--nodaemon")
        self.assertEqual(done.returncode, 1)
        self.assertFalse(self.pidfile.exists())

    def test_a_wrong_file_ends_it_before_it_becomes_one(self):
        done = self.run_command(2, "[gateway]\nmax_sessions = many")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count(b"max_sessions = many"), 1)
        self.assertFalse(self.pidfile.exists())
