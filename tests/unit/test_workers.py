"""The parent of the workers, with real processes that are no gateways."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

CHECKOUT = Path(__file__).parent.parent.parent
PATIENCE = 20.0


class Parent:
    """`tests/supervised.py` under one behaviour of its two workers."""

    def __init__(self, behaviour: str) -> None:
        self.said = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.supervised", behaviour],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def until(self, pattern: str) -> re.Match[str]:
        """Wait for a line."""
        assert self._process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.said, re.MULTILINE)):
            ready, _, _ = select.select([self._process.stdout], [], [], deadline - time.monotonic())
            piece = self._process.stdout.read1() if ready else b""
            assert piece, f"no {pattern!r} in:\n{self.said}"
            self.said += piece.decode()
        return found

    def ended(self) -> int:
        """Read what is left; its exit status."""
        rest, _ = self._process.communicate(timeout=PATIENCE)
        self.said += rest.decode()
        return self._process.returncode

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # also those who hang, and hear of no parent's end
        self._process.communicate()


class WorkersCase(SynchronousTestCase):
    def start(self, behaviour: str = "good") -> Parent:
        parent = Parent(behaviour)
        self.addCleanup(parent.close)
        return parent


class Starting(WorkersCase):
    def test_says_once_when_all_of_them_serve(self) -> None:
        parent = self.start()
        serving = parent.until(r"^log 2 workers serve, with pids (\d+), (\d+)\nstarted$")
        self.assertEqual(set(serving.groups()), set(re.findall(r"worker \d is (\d+)", parent.said)))
        parent.signal(signal.SIGTERM)
        self.assertEqual(parent.ended(), 0)
        self.assertEqual(parent.said.count("started"), 1)

    def test_one_that_cannot_start_ends_all_and_is_heard_once(self) -> None:
        parent = self.start("cannot")
        self.assertEqual(parent.ended(), 1)
        self.assertEqual(parent.said.count("failed ['no store', 'no door']"), 1)
        self.assertNotIn("starts in", parent.said)

    def test_one_that_ends_while_the_parent_reloads_is_still_heard(self) -> None:
        parent = self.start("cannot-soon")
        parent.until(r"(?s)(worker \d begins.*){2}")
        parent.signal(signal.SIGHUP)
        self.assertEqual(parent.ended(), 1)
        self.assertIn("reload", parent.said)
        self.assertEqual(parent.said.count("failed ['no store', 'no door']"), 1)

    def test_one_that_dies_without_a_word_ends_all(self) -> None:
        parent = self.start("dies-at-once")
        self.assertEqual(parent.ended(), 1)
        self.assertRegex(parent.said, r"failed \['worker [01] ended with status 3 before it could serve'\]")

    def test_one_that_never_serves_is_given_up(self) -> None:
        parent = self.start("mute")
        self.assertEqual(parent.ended(), 1)
        self.assertRegex(parent.said, r"failed \['worker [01] was ended by SIGKILL before it could serve'\]")

    def test_one_that_cannot_be_forked_ends_all(self) -> None:
        parent = self.start("no-fork-2")
        self.assertEqual(parent.ended(), 1)
        self.assertIn("failed ['worker 1 could not be forked (Resource temporarily unavailable) before", parent.said)


class Replacing(WorkersCase):
    def test_a_dead_one_is_replaced_later_and_later(self) -> None:
        parent = self.start("crashes")
        parent.until(r"(?s)(starts in 0.4 s.*){2}")
        parent.signal(signal.SIGTERM)
        self.assertEqual(parent.ended(), 0)
        delays = re.findall(r"worker 0 \(pid \d+\) was ended by SIGKILL, .* starts in ([\d.]+) s", parent.said)
        self.assertEqual(delays[:4], ["0.1", "0.2", "0.4", "0.4"])
        self.assertEqual(parent.said.count("worker 1 is"), 1)
        self.assertIn("lost 0 False", parent.said)
        pids = re.findall(r"worker 0 is (\d+)", parent.said)
        self.assertEqual(len(pids), len(set(pids)))
        self.assertIn(f"log worker 0 serves again, with pid {pids[1]}", parent.said)

    def test_one_that_hangs_says_where_and_is_replaced(self) -> None:
        parent = self.start("hangs")
        parent.until(r"^log worker 0 serves again")
        self.assertRegex(parent.said, r"log worker 0 \(pid \d+\) has hung for [\d.]+ s: it is killed\n")
        self.assertRegex(parent.said, r'File ".*supervised.py", line \d+ in stuck\n')
        self.assertIn("was ended by SIGKILL, and with it its sessions", parent.said)
        self.assertEqual(parent.said.count("worker 1 is"), 1)

    def test_one_that_is_stopped_is_replaced_too(self) -> None:
        parent = self.start("stops")
        parent.until(r"^log worker 0 serves again")
        self.assertRegex(parent.said, r"log worker 0 \(pid \d+\) has hung ")

    def test_one_that_hangs_when_all_shall_end_is_ended(self) -> None:
        parent = self.start("hangs")
        parent.until("^started")
        parent.signal(signal.SIGTERM)
        self.assertEqual(parent.ended(), 0)
        self.assertIn("lost 0 True", parent.said)

    def test_one_that_cannot_be_forked_just_then_is_tried_again(self) -> None:
        parent = self.start("no-fork-3-4")
        pids = parent.until(r"with pids (\d+), (\d+)")
        os.kill(int(pids[2]), signal.SIGKILL)
        parent.until("worker 1 serves again")
        self.assertEqual(re.findall(r"worker 1 .* starts in ([\d.]+) s", parent.said), ["0.1", "0.2", "0.4"])
        parent.signal(signal.SIGINT)
        self.assertEqual(parent.ended(), 0)

    def test_one_that_was_healthy_is_replaced_soon_again(self) -> None:
        parent = self.start("crashes-in-good-health")
        parent.until(r"(?s)(starts in 0.1 s.*){3}")
        self.assertNotIn("starts in 0.2 s", parent.said)


class Signals(WorkersCase):
    def test_sigterm_is_passed_on_and_the_parent_ends_last(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            parent = self.start()
            parent.until("^started")
            parent.signal(number)
            self.assertEqual(parent.ended(), 0)
            for worker in (0, 1):
                self.assertIn(f"worker {worker} got {number.name}\n", parent.said)
                self.assertIn(f"lost {worker} True\n", parent.said)
            self.assertTrue(parent.said.endswith("all ended\n"))

    def test_a_second_one_ends_them_at_once_and_the_deaf_are_killed(self) -> None:
        parent = self.start("deaf")
        parent.until("^started")
        for passed_on in ("SIGTERM", "SIGINT"):
            parent.signal(signal.SIGTERM)
            parent.until(f"worker 0 got {passed_on}")
        self.assertEqual(parent.ended(), 0)
        self.assertTrue(parent.said.endswith("all ended\n"))

    def test_sighup_is_passed_on_if_the_parent_could_reload(self) -> None:
        parent = self.start("deaf")
        parent.until("^started")
        parent.signal(signal.SIGHUP)
        parent.until("reload False")
        parent.signal(signal.SIGHUP)
        parent.until("worker 0 got SIGHUP")
        parent.until("worker 1 got SIGHUP")
        parent.signal(signal.SIGINT)
        parent.ended()
        self.assertEqual(parent.said.count("SIGHUP"), 2)

    def test_whoever_is_just_starting_hears_of_a_sighup_afterwards(self) -> None:
        parent = self.start("slow")
        parent.until(r"(?s)(worker \d begins.*){2}")
        parent.signal(signal.SIGHUP)
        for number in (0, 1):
            parent.until(rf"worker {number} got SIGHUP")
        self.assertLess(parent.said.index("worker 0 is"), parent.said.index("worker 0 got SIGHUP"))
