"""`xvpproxy token`: what it prints where, and how it ends."""

import argparse
import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from twisted.internet import reactor
from twisted.internet.utils import getProcessOutputAndValue
from twisted.trial.unittest import TestCase

from tests.configs.case import ConfigTestCase
from tests.fakes_stores import INSTANCE, OTHER_INSTANCE
from xvpproxy.cli import token as command
from xvpproxy.errors import ConfigurationError, StoreUnavailable
from xvpproxy.model import Token

SESSION = "OpaqueRef:7c5f8fbb-b041-4d88-b95d-bf1ca6c1f6f1"
PATH = f"/console?ref=OpaqueRef:1&session_id={SESSION}"
BASE = "http://gw.example.org:6081/console"


class TokenCase(ConfigTestCase, TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.configured("[vnc]\nxvpvncproxy_base_url = " + BASE)
        self.out = self.err = ""

    def configured(self, text: str) -> None:
        self.config = self.file(f"[DEFAULT]\nstate_path = {self.directory}/state\n{text}\n")

    async def run_command(self, *words: str, stdin: bytes = b"") -> int:
        """The exit status; `out` and `err` are what it printed."""
        parser = argparse.ArgumentParser()
        command.add_parser(parser.add_subparsers())
        out, err = io.StringIO(), io.StringIO()
        reading, writing = os.pipe()
        os.write(writing, stdin)
        os.close(writing)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                args = parser.parse_args(["token", *words, "--config-file", self.config])
                args.stdin = reading
                return await args.run(reactor, args)
        finally:
            os.close(reading)
            self.out, self.err = out.getvalue(), err.getvalue()

    async def mint(self, *words: str, stdin: bytes = b"", instance: str = INSTANCE) -> str:
        """The token of a new access URL."""
        console = ("--instance", instance, "--host", "192.0.2.7", "--port", "80")
        self.assertEqual(await self.run_command("mint", *console, *words, stdin=stdin), 0, self.err)
        return self.out.strip().partition("token=")[2]

    async def check(self, *tokens: str) -> list[dict]:
        self.status = await self.run_command("check", stdin="\n".join(tokens).encode())
        return [json.loads(line) for line in self.out.splitlines()]


class Minting(TokenCase):
    async def test_prints_only_the_access_url(self) -> None:
        token = await self.mint("--ttl", "77")
        self.assertEqual(self.out, f"{BASE}?token={token}\n")
        self.assertIn(f"token {Token(token).fingerprint} is good for 77 s", self.err)
        self.assertNotIn(token, self.err)

    async def test_reads_the_path_from_standard_input(self) -> None:
        token = await self.mint("--path", "-", stdin=PATH.encode() + b"\n")
        (answer,) = await self.check(token)
        self.assertEqual(answer["internal_access_path"], "/console?ref=OpaqueRef:1&session_id=***")

    async def test_mints_for_browsers(self) -> None:
        token = await self.mint("--type", "novnc")
        self.assertTrue(self.out.startswith("http://127.0.0.1:6080/vnc_auto.html?path=%3F"), self.out)
        self.assertEqual((await self.check(self.out.strip().partition("token%3D")[2]))[0]["console_type"], "novnc")
        self.assertEqual(token, "")

    async def test_warns_of_a_base_without_a_port(self) -> None:
        self.configured("[vnc]\nxvpvncproxy_base_url = http://gw.example.org/console")
        await self.mint()
        self.assertIn("names no port", self.err)
        self.assertEqual(self.out.count("\n"), 1)

    async def test_misuse_is_2_and_names_the_word(self) -> None:
        for words, named in (
            (("--instance", "web", "--host", "h", "--port", "1"), "'web'"),
            (("--instance", INSTANCE, "--host", "h", "--port", "65536"), "65536"),
            (("--instance", INSTANCE, "--host", "h", "--port", "1", "--ttl", "0"), "above 0"),
            (("--instance", INSTANCE, "--host", "h", "--port", "1", "--store", "rpc"), "rpc"),
            (("--instance", INSTANCE, "--host", "h", "--port", "1", "--path", "-"), "no path"),
        ):
            self.assertEqual(await self.run_command("mint", *words), 2)
            self.assertIn(named, self.err)
            self.assertEqual(self.out, "")

    async def test_a_bad_file_is_reported(self) -> None:
        self.configured("[consoleauth]\nstores = rpc")
        with self.assertRaises(ConfigurationError):
            await self.mint()


class Checking(TokenCase):
    async def test_says_what_a_token_opens(self) -> None:
        token = await self.mint("--path", PATH)
        (answer,) = await self.check(token)
        expires_at = answer.pop("expires_at")
        self.assertEqual(
            answer,
            {
                "valid": True,
                "fingerprint": Token(token).fingerprint,
                "store": "database",
                "instance_uuid": INSTANCE,
                "console_type": "xvpvnc",
                "host": "192.0.2.7",
                "port": 80,
                "internal_access_path": "/console?ref=OpaqueRef:1&session_id=***",
            },
        )
        self.assertTrue(0 < expires_at - reactor.seconds() < 700)
        self.assertEqual(self.status, 0)
        self.assertNotIn(token, self.out + self.err)
        self.assertNotIn(SESSION, self.out + self.err)

    async def test_one_line_for_each_token_and_1_if_any_is_not_valid(self) -> None:
        token = await self.mint()
        answers = await self.check("unknown", "", token, "  ", f"{token}x")
        self.assertEqual([answer["valid"] for answer in answers], [False, True, False])
        self.assertEqual(answers[0]["cause"], "token_unknown")
        self.assertEqual(set(answers[1]) | {"cause"}, set(answers[0]))
        self.assertEqual(self.status, 1)

    async def test_a_store_that_cannot_answer_is_3(self) -> None:
        token = await self.mint()
        (self.directory / "state" / "xvpproxy.sqlite").unlink()
        (answer,) = await self.check(token)
        self.assertEqual((answer["valid"], answer["cause"], self.status), (None, "store_unavailable", 3))
        self.assertIn("missing", self.err)

    async def test_looking_makes_no_store(self) -> None:
        await self.check("unknown")
        self.assertEqual(self.status, 3)
        self.assertFalse((self.directory / "state").exists())

    async def test_no_token_is_misuse(self) -> None:
        for verb in ("check", "revoke"):
            self.assertEqual(await self.run_command(verb, stdin=b"\n \n"), 2)
            self.assertIn("no token", self.err)

    async def test_takes_any_bytes_but_not_without_end(self) -> None:
        await self.mint()
        self.assertEqual(await self.run_command("check", stdin=b"\xff\xfe\n\x00\n"), 1)
        self.assertEqual(len(self.out.splitlines()), 2)
        self.assertEqual(await self.run_command("check", stdin=b"x" * 60000), 2)
        self.assertIn("longer than 8192", self.err)

    async def test_what_is_left_out_is_said_on_standard_error(self) -> None:
        await self.mint()
        self.configured("[cache]\nenabled = true")
        await self.check("unknown")
        self.assertIn("[cache] backend", self.err)


class Revoking(TokenCase):
    async def test_prints_how_many(self) -> None:
        tokens = [await self.mint() for _ in range(3)]
        self.assertEqual(await self.run_command("revoke", stdin=tokens[0].encode()), 0)
        self.assertEqual(self.out, "1\n")
        self.assertEqual(await self.run_command("revoke", stdin="\n".join(tokens).encode()), 0)
        self.assertEqual(self.out, "2\n")
        await self.check(*tokens)
        self.assertEqual(self.status, 1)

    async def test_revokes_an_instance(self) -> None:
        tokens = [await self.mint() for _ in range(2)]
        other = await self.mint(instance=OTHER_INSTANCE)
        self.assertEqual(await self.run_command("revoke", "--instance", INSTANCE), 0)
        self.assertEqual(self.out, "2\n")
        self.assertEqual([answer["valid"] for answer in await self.check(*tokens, other)], [False, False, True])

    async def test_none_is_fine(self) -> None:
        await self.mint()
        self.assertEqual(await self.run_command("revoke", "--instance", OTHER_INSTANCE), 0)
        self.assertEqual(self.out, "0\n")
        self.assertEqual(await self.run_command("revoke", stdin=b"unknown"), 0)
        self.assertEqual(self.out, "0\n")

    async def test_a_store_that_cannot_answer_is_no_success(self) -> None:
        self.assertEqual(await self.run_command("revoke", stdin=b"unknown"), 3)
        with self.assertRaises(StoreUnavailable):
            await self.run_command("revoke", "--instance", INSTANCE)

    async def test_an_instance_must_be_a_uuid(self) -> None:
        self.assertEqual(await self.run_command("revoke", "--instance", "web"), 2)
        self.assertIn("'web'", self.err)


class Process(TokenCase):
    """As a process of its own, with pipes."""

    async def test_the_three_verbs_work_together(self) -> None:
        words = [sys.executable, "-m", "xvpproxy", "token"]
        config = ["--config-file", self.config]
        console = ["--instance", INSTANCE, "--host", "192.0.2.7", "--port", "5900"]
        status, out, _ = await self.run_process([*words, "mint", *console, *config])
        self.assertEqual(status, 0)
        token = out.strip().partition(b"token=")[2]
        status, out, _ = await self.run_process([*words, "check", *config], token)
        self.assertEqual((status, json.loads(out)["valid"]), (0, True))
        status, out, _ = await self.run_process([*words, "revoke", *config], token)
        self.assertEqual((status, out), (0, b"1\n"))
        status, out, _ = await self.run_process([*words, "check", *config], token)
        self.assertEqual((status, json.loads(out)["valid"]), (1, False))

    async def run_process(self, words: list[str], stdin: bytes = b"") -> tuple[int, bytes, bytes]:
        out, err, status = await getProcessOutputAndValue(
            words[0], words[1:], env=os.environ, reactor=reactor, stdinBytes=stdin
        )
        return status, out, err
