import argparse
import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

from twisted.internet.defer import Deferred, succeed
from twisted.trial.unittest import SynchronousTestCase

from tests.gateway_process import CHECKOUT
from xvpproxy import __version__
from xvpproxy.cli import main
from xvpproxy.errors import ConfigurationError, DriverUnavailable, NotAuthorized, StoreUnavailable


class StatusTests(SynchronousTestCase):
    def status(self, outcome, *, debug=False):
        """The exit status of a command that ends so, and what it says on standard error."""

        async def command():
            if isinstance(outcome, Exception):
                raise outcome
            return await outcome

        said = io.StringIO()
        with redirect_stderr(said):
            code = self.successResultOf(Deferred.fromCoroutine(main._status(command(), debug=debug)))
        return code, said.getvalue()

    def test_a_command_chooses_its_own_status(self):
        self.assertEqual(self.status(succeed(0)), (0, ""))
        self.assertEqual(self.status(succeed(3)), (3, ""))

    def test_every_problem_of_a_configuration_is_a_line(self):
        code, said = self.status(ConfigurationError("[a] b is wrong", "[c] d is missing"))
        self.assertEqual((code, said), (1, "xvpproxy: [a] b is wrong\nxvpproxy: [c] d is missing\n"))

    def test_a_refusal_is_1_and_an_outage_3(self):
        self.assertEqual(self.status(NotAuthorized("no such token"))[0], 1)
        self.assertEqual(self.status(StoreUnavailable("database: no answer")), (3, "xvpproxy: database: no answer\n"))
        self.assertEqual(self.status(DriverUnavailable("pool: no answer")), (3, "xvpproxy: pool: no answer\n"))

    def test_a_file_that_cannot_be_read_is_named(self):
        self.assertEqual(self.status(FileNotFoundError(2, "No such file", "/x")), (1, "xvpproxy: /x: No such file\n"))

    def test_our_own_mistakes_are_one_line_and_a_traceback_only_when_asked(self):
        code, said = self.status(KeyError("x"))
        self.assertEqual((code, said), (3, "xvpproxy: internal error: KeyError: 'x' (more with --debug)\n"))
        code, said = self.status(KeyError("x"), debug=True)
        self.assertEqual(code, 3)
        self.assertIn("Traceback", said)

    def test_a_cancelled_command_is_interrupted(self):
        waiting = Deferred()

        async def command():
            return await waiting

        work = Deferred.fromCoroutine(main._status(command(), debug=False))
        work.cancel()
        self.assertEqual(self.successResultOf(work), 130)

    def test_the_reactor_waits_for_the_clean_up_of_a_cancelled_command(self):
        cleaned = Deferred()

        async def command():
            try:
                await Deferred()
            finally:
                await cleaned
            return 0

        ended = main._end(Deferred.fromCoroutine(main._status(command(), debug=False)))
        self.assertNoResult(ended)
        cleaned.callback(None)
        self.successResultOf(ended)

    def test_a_command_that_has_ended_holds_nothing_up(self):
        self.successResultOf(main._end(succeed(0)))


class ArgumentTests(SynchronousTestCase):
    def refused(self, *argv):
        said = io.StringIO()
        with redirect_stderr(said):
            error = self.assertRaises(SystemExit, main.parser().parse_args, argv)
        self.assertEqual(error.code, 2)
        return said.getvalue()

    def test_misuse_is_2_and_names_the_argument(self):
        self.assertIn("COMMAND", self.refused())
        self.assertIn("invalid choice: 'dmo'", self.refused("dmo"))
        self.assertIn("--consoles: 'three' is not a number from 1 to 100", self.refused("demo", "--consoles", "three"))
        self.assertIn("--consoles: '0' is not", self.refused("demo", "--consoles", "0"))
        self.assertIn("--port: '65536' is not a number from 0 to 65535", self.refused("demo", "--port", "65536"))

    def test_debug_may_stand_before_or_behind_the_command(self):
        for argv in (["--debug", "demo"], ["demo", "--debug"]):
            self.assertTrue(main.parser().parse_args(argv).debug)
        self.assertFalse(main.parser().parse_args(["demo"]).debug)

    def test_help_leads_with_examples_that_are_valid(self):
        parser = main.parser()
        helps = [parser.format_help()]
        commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        helps.append(commands.choices["demo"].format_help())
        for text in helps:
            self.assertLess(text.index("examples:"), text.index("options:"))
        lines = [line.split("  ") for line in "".join(helps).splitlines() if line.startswith("  xvpproxy demo")]
        self.assertGreaterEqual(len(lines), 5)
        for _, example, *_ in lines:
            parser.parse_args(example.split()[1:])

    def test_the_version_is_told(self):
        said = io.StringIO()
        with redirect_stdout(said):
            error = self.assertRaises(SystemExit, main.parser().parse_args, ["--version"])
        self.assertEqual((error.code, said.getvalue()), (0, f"xvpproxy {__version__}\n"))

    def test_the_package_is_the_command(self):
        told = subprocess.run(
            [sys.executable, "-m", "xvpproxy", "--version"], cwd=CHECKOUT, capture_output=True, timeout=60, check=False
        )
        self.assertEqual((told.returncode, told.stdout.decode()), (0, f"xvpproxy {__version__}\n"))
