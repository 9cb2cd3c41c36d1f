import io
from argparse import Namespace
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.cli import demo
from xvpproxy.demo.site import Exhibit
from xvpproxy.errors import ConfigurationError, StoreUnavailable
from xvpproxy.model import Token

URL = "http://127.0.0.1:6081/console?token=t0ken"


class Site:
    """A site that opens, or does not, as a test says."""

    config_file = Path("/tmp/xvpproxy-demo-x/demo.conf")
    port = 6081
    api_port = 8774
    endpoint = "http://127.0.0.1:8774/v2.1"

    def __init__(self, opening=None):
        self.opening = opening
        self.exhibits = []

    def open(self, consoles, *, set_log):
        if self.opening is not None:
            raise self.opening
        self.exhibits = [
            Exhibit("marigold", "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11", 40000 + n) for n in range(consoles)
        ]

    async def mint(self, exhibit):
        return Token("t0ken"), URL

    def minting(self, exhibit):
        return f"token mint --instance {exhibit.uuid} --port {exhibit.port}"

    def attend(self, say):
        say("ready for what you type")


class PortTests(SynchronousTestCase):
    def test_the_usual_port_or_any_other(self):
        self.assertEqual(demo._ports(Namespace(port=None, check=False)), [6081, 0])

    def test_a_wanted_port_is_never_replaced(self):
        self.assertEqual(demo._ports(Namespace(port=7000, check=False)), [7000])
        self.assertEqual(demo._ports(Namespace(port=0, check=True)), [0])

    def test_a_check_leaves_the_usual_port_to_others(self):
        self.assertEqual(demo._ports(Namespace(port=None, check=True)), [0])


class CheckTests(SynchronousTestCase):
    def check(self, site, clock=None):
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            work = Deferred.fromCoroutine(demo._check(site, clock or Clock(), Namespace(debug=False)))
            if clock is not None:
                clock.advance(demo._PATIENCE)
            code = self.successResultOf(work)
        return code, said.getvalue().splitlines()

    def test_a_site_that_cannot_open_fails_with_the_reason(self):
        code, lines = self.check(Site(StoreUnavailable("database: locked")))
        self.assertEqual((code, lines[-1]), (1, "FAIL"))
        self.assertIn("FAILED: StoreUnavailable: database: locked", lines[0])

    def test_a_step_that_hangs_is_given_up(self):
        site = Site()
        site.mint = lambda exhibit: Deferred()
        code, lines = self.check(site, Clock())
        self.assertEqual((code, lines[-1]), (1, "FAIL"))
        self.assertIn("FAILED: not done in time", lines[1])
        self.assertIn("given up after 15 s", lines[2])

    def test_steps_are_aligned(self):
        said = io.StringIO()
        with redirect_stdout(said):
            demo._report("mint", 3.14159, "token 1234abcd")
            demo._report("first frame", 123.4, "155 colours")
        self.assertEqual(
            said.getvalue(), "mint              3.1 ms  token 1234abcd\nfirst frame     123.4 ms  155 colours\n"
        )


class ShowTests(SynchronousTestCase):
    def test_it_prints_what_to_paste_for_each_console_and_stays(self):
        result, talk = io.StringIO(), io.StringIO()
        with redirect_stdout(result), redirect_stderr(talk):
            show = Deferred.fromCoroutine(demo._show(Site(), Namespace(consoles=2, debug=True, port=None)))
        self.assertNoResult(show)
        lines = [line.strip() for line in result.getvalue().splitlines()]
        self.assertEqual(lines.count(URL), 2)
        self.assertEqual(sum(line.startswith("java -jar ") and line.endswith(f"'{URL}'") for line in lines), 2)
        for port in (40000, 40001):
            mint = f"token mint --instance 0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11 --port {port}"
            self.assertTrue(any(line.endswith(mint) for line in lines))
        nova = (
            "nova --os-auth-type none --os-endpoint-override http://127.0.0.1:8774/v2.1 get-vnc-console marigold xvpvnc"
        )
        self.assertEqual(sum(line.endswith(nova) for line in lines), 2)
        self.assertEqual(sum("/v2.1/servers/0d5c8e6e-" in line for line in lines), 2)
        self.assertIn("ready for what you type", talk.getvalue())
        self.assertIn("the console API at 127.0.0.1:8774", talk.getvalue())
        self.assertNotIn("t0ken", talk.getvalue())
        self.assertNotIn("\033", result.getvalue())
        show.cancel()
        self.assertEqual(self.successResultOf(show), 0)

    def test_it_says_so_if_the_usual_port_is_taken(self):
        for port, wanted, told in ((6081, None, False), (6099, None, True), (6099, 6099, False)):
            site, talk = Site(), io.StringIO()
            site.port = port
            with redirect_stdout(io.StringIO()), redirect_stderr(talk):
                show = Deferred.fromCoroutine(demo._show(site, Namespace(consoles=1, debug=True, port=wanted)))
            self.assertEqual("port 6081 is taken, so the gateway takes 6099" in talk.getvalue(), told)
            show.cancel()
            self.successResultOf(show)

    def test_a_gateway_that_cannot_start_says_so_instead(self):
        result = io.StringIO()
        with redirect_stdout(result), redirect_stderr(io.StringIO()):
            show = Deferred.fromCoroutine(
                demo._show(Site(ConfigurationError("no")), Namespace(consoles=1, debug=True, port=None))
            )
        self.failureResultOf(show, ConfigurationError)
        self.assertEqual(result.getvalue(), "")
