"""`xvpproxy console`: what it prints where, and how it ends."""

import argparse
import io
import json
from contextlib import redirect_stderr, redirect_stdout

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.trial.unittest import TestCase

from tests.configs.case import ConfigTestCase
from tests.fakes_api import DB, WEB
from xvpproxy import hypervisors, stores
from xvpproxy.cli import console as command
from xvpproxy.drivers import registry
from xvpproxy.drivers.contract import Instance
from xvpproxy.errors import ConfigurationError, ConsoleUnavailable, DriverUnavailable, InstanceNotFound
from xvpproxy.model import Token

BASE = "http://gw.example.org:6081/console"


class ConsoleCase(ConfigTestCase, TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.configured(f"[static]\nconsole = {WEB} web1 192.0.2.7:5900\nconsole = {DB} db [2001:db8::7]:5901")

    def configured(self, text: str) -> None:
        self.config = self.file(
            f"[DEFAULT]\nstate_path = {self.directory}/state\n[vnc]\nxvpvncproxy_base_url = {BASE}\n{text}\n"
        )

    async def run_command(self, *words: str) -> int:
        """The exit status; `out` and `err` are what it printed."""
        parser = argparse.ArgumentParser()
        command.add_parser(parser.add_subparsers())
        out, err = io.StringIO(), io.StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(err):
                args = parser.parse_args(["console", *words, "--config-file", self.config])
                return await args.run(reactor, args)
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()

    async def opened(self, token: str):
        """What a token opens, in the store that the gateway would ask."""
        consoleauth = stores.open_consoleauth(self.load_again().conf, reactor)
        self.addCleanup(consoleauth.close)
        return await consoleauth.check(Token(token))

    def load_again(self):
        return command.config.load([self.config])


class UrlTest(ConsoleCase):
    async def test_prints_only_the_access_url(self) -> None:
        for wanted in (WEB, WEB.upper(), "web1"):
            self.assertEqual(await self.run_command("url", wanted, "--ttl", "77"), 0)
            token = self.out.strip().partition("token=")[2]
            self.assertEqual(self.out, f"{BASE}?token={token}\n")
            self.assertIn(f"token {Token(token).fingerprint} for web1 ({WEB}) is good for 77 s", self.err)
            self.assertNotIn(token, self.err)
        info = await self.opened(token)
        self.assertEqual((info.instance_uuid, info.host, info.port), (WEB, "192.0.2.7", 5900))

    async def test_for_browsers_too(self) -> None:
        self.assertEqual(await self.run_command("url", "db", "--type", "novnc"), 0)
        info = await self.opened(self.out.strip().partition("token%3D")[2])
        self.assertEqual((info.console_type, info.host, info.port), ("novnc", "2001:db8::7", 5901))

    async def test_an_unknown_instance_is_named(self) -> None:
        error = await self.assertFailure(self.wait("url", "nobody"), InstanceNotFound)
        self.assertIn("nobody", str(error))
        self.assertEqual(self.out, "")

    async def test_two_of_one_name_are_not_chosen_between(self) -> None:
        self.configured(f"[static]\nconsole = {WEB} web1 192.0.2.7:5900\nconsole = {DB} web1 h:5901")
        await self.assertFailure(self.wait("url", "web1"), ConsoleUnavailable)

    async def test_misuse_is_2(self) -> None:
        self.assertEqual(await self.run_command("url", "web1", "--ttl", "0"), 2)
        self.assertIn("above 0", self.err)
        self.assertEqual(self.out, "")

    async def test_no_driver_is_told(self) -> None:
        self.configured("")
        error = await self.assertFailure(self.wait("url", "web1"), ConfigurationError)
        self.assertIn("compute_driver names no driver", str(error))

    def wait(self, *words):
        return Deferred.fromCoroutine(self.run_command(*words))


class ListTest(ConsoleCase):
    async def test_is_a_table(self) -> None:
        self.assertEqual(await self.run_command("list"), 0)
        self.assertEqual(
            self.out.splitlines(),
            [
                "UUID                                  NAME  STATE   DRIVER  HOST",
                f"{DB}  db    ACTIVE  static  2001:db8::7",
                f"{WEB}  web1  ACTIVE  static  192.0.2.7",
            ],
        )
        self.assertEqual(self.err, "")

    async def test_is_json_if_asked(self) -> None:
        self.assertEqual(await self.run_command("list", "--json"), 0)
        first, _ = map(json.loads, self.out.splitlines())
        self.assertEqual(
            first, {"uuid": DB, "name": "db", "state": "ACTIVE", "driver": "static", "host": "2001:db8::7"}
        )

    async def test_a_name_cannot_steer_the_terminal(self) -> None:
        line = command._table([Instance(WEB, "a\x1b[31m\nb", "ACTIVE", "static")])[1]
        self.assertEqual(line, f"{WEB}  a\\x1b[31m\\nb  ACTIVE  static  -")

    async def test_no_instances_is_told(self) -> None:
        self.configured("[DEFAULT]\ncompute_driver = static")
        self.assertEqual(await self.run_command("list"), 0)
        self.assertEqual(self.out, "")
        self.assertIn("there are no instances; asked: static", self.err)

    async def test_a_driver_that_is_missing_from_the_list_is_told(self) -> None:
        class Half(registry.Drivers):
            async def instances(self):
                Logger(namespace=registry.__name__).warn("the instances of xen are missing")
                return [Instance(WEB, "web1", "ACTIVE", "static")]

        self.patch(hypervisors, "open_drivers", lambda _conf, _reactor: Half([]))
        self.assertEqual(await self.run_command("list"), 3)
        self.assertIn("the instances of xen are missing", self.err)
        self.assertIn("web1", self.out)

    async def test_drivers_are_closed_also_after_an_outage(self) -> None:
        closed = []

        class Down(registry.Drivers):
            async def instances(self):
                raise DriverUnavailable("no answer")

            def close(self):
                closed.append(True)

        self.patch(hypervisors, "open_drivers", lambda _conf, _reactor: Down([]))
        with self.assertRaises(DriverUnavailable):
            await self.run_command("list")
        self.assertEqual(closed, [True])
