"""`tests/run` counts what trial and the Java run say, and never calls a broken run a good one."""

import contextlib
import io
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

PATH = Path(__file__).parent.parent / "run"


def load():
    spec = spec_from_loader("tests_run", SourceFileLoader("tests_run", str(PATH)))
    module = module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


class RunnerTest(SynchronousTestCase):
    def setUp(self):
        self.runner = load()
        self.outputs = {}
        self.patch(self.runner, "run", lambda command: self.outputs["make" if command[0] == "make" else "trial"])

    def main(self, *, trial, java=None):
        self.outputs = {"trial": trial, "make": java}
        self.patch(self.runner, "CHECKOUT", self.checkout(java is not None))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            status = self.runner.main([])
        return status, printed.getvalue().splitlines()[-1]

    def checkout(self, java):
        path = Path(self.mktemp())
        (path / "java-client").mkdir(parents=True)
        if java:
            (path / "java-client" / "Makefile").touch()
        return path

    def test_all_good(self):
        trial = 0, ["Ran 7 tests in 1.0s", "", "PASSED (skips=2, expectedFailures=1, successes=4)"]
        self.assertEqual(self.main(trial=trial), (0, "5 passed, 0 failed, 2 skipped"))

    def test_both_runs_are_summed(self):
        trial = 1, ["FAILED (failures=1, errors=2, unexpectedSuccesses=1, successes=30)"]
        java = 1, ["3 passed, 4 failed, 5 skipped"]
        self.assertEqual(self.main(trial=trial, java=java), (1, "33 passed, 8 failed, 5 skipped"))

    def test_a_run_that_breaks_off_is_a_failure(self):
        for lines in ([], ["Traceback (most recent call last):"], ["PASSED (successes=3)"]):
            status, last = self.main(trial=(1, lines))
            self.assertEqual(status, 1)
            self.assertRegex(last, r"^[03] passed, 1 failed, 0 skipped$")

    def test_a_java_run_without_a_count_is_a_failure(self):
        self.assertEqual(
            self.main(trial=(0, ["PASSED (successes=3)"]), java=(0, ["nothing"])), (1, "3 passed, 1 failed, 0 skipped")
        )

    def test_nothing_run_is_not_success(self):
        self.assertEqual(self.main(trial=(0, ["PASSED"])), (1, "0 passed, 0 failed, 0 skipped"))


class ProcessTest(SynchronousTestCase):
    def test_the_lines_and_the_status_of_a_command_come_back(self):
        runner = load()
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            status, lines = runner.run([sys.executable, "-c", "print('one'); print('two'); raise SystemExit(3)"])
        self.assertEqual((status, lines), (3, ["one", "two"]))
        self.assertIn("one\ntwo\n", shown.getvalue())

    def test_a_process_that_is_left_behind_does_not_hold_the_run_up(self):
        runner = load()
        runner.GRACE = 0.2
        left = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
        with contextlib.redirect_stdout(io.StringIO()):
            status, _ = runner.run([sys.executable, "-c", f"{left}; print('done')"])
        self.assertEqual(status, 0)

    def test_a_run_without_an_end_is_stopped(self):
        runner = load()
        runner.LIMIT = 0.5
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            status, _ = runner.run([sys.executable, "-c", "import time; time.sleep(60)"])
        self.assertEqual(status, 1)
        self.assertIn("no end after", shown.getvalue())
