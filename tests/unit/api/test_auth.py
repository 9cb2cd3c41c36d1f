from hashlib import sha256

from twisted.trial.unittest import SynchronousTestCase

from tests.secrets import leaks
from xvpproxy.api.auth import RIGHTS, Anybody, Caller, Right, Role, read_tokens
from xvpproxy.api.messages import Fault
from xvpproxy.errors import ConfigurationError


def line(name, role, token):
    return f"{name} {role} {sha256(token.encode()).hexdigest()}\n"


class TokensFileTest(SynchronousTestCase):
    def problems(self, text):
        with self.assertRaises(ConfigurationError) as caught:
            read_tokens(text, "/etc/t")
        return caught.exception.problems

    def test_knows_each_caller_by_the_token(self):
        text = (
            "# who may call\n\n"
            + line("alice", "admin", "a" * 32)
            + "  bob\tconsole "
            + line("", "", "b" * 32).strip().upper()
        )
        auth = read_tokens(text + "  # his\n", "/etc/t")
        self.assertEqual(auth.caller({"x-auth-token": "a" * 32}), Caller("alice", Role.ADMIN))
        self.assertEqual(auth.caller({"x-auth-token": "b" * 32}), Caller("bob", Role.CONSOLE))

    def test_no_token_and_a_wrong_one_are_401(self):
        auth = read_tokens(line("alice", "admin", "right"), "/etc/t")
        for headers in ({}, {"x-auth-token": ""}, {"x-auth-token": "wrong"}, {"x-auth-token": "right\xff"}):
            with self.assertRaises(Fault) as caught:
                auth.caller(headers)
            self.assertEqual(caught.exception.status, 401)
            self.assertIn("WWW-Authenticate", caught.exception.headers)

    def test_the_hash_itself_is_no_token(self):
        hashed = sha256(b"right").hexdigest()
        with self.assertRaises(Fault):
            read_tokens(f"alice admin {hashed}", "/etc/t").caller({"x-auth-token": hashed})

    def test_every_bad_line_is_named_and_none_is_quoted(self):
        secret = "hunter2-and-more"
        good = line("alice", "admin", "x")
        problems = self.problems(f"{good}bob {secret}\ncarol root {'0' * 64}\n{good}dave reader {secret}\n")
        self.assertEqual(
            [problem.split(":")[1].split(" is")[0] for problem in problems],
            [" line 2", " line 3", " line 4", " line 5"],
        )
        self.assertIn("admin, console, reader", problems[1])
        self.assertEqual(leaks(problems, secret), [])

    def test_an_empty_file_lets_nobody_in_and_is_told(self):
        for text in ("", "# nobody yet\n\n"):
            self.assertIn("nobody could call", self.problems(text)[0])


class RightsTest(SynchronousTestCase):
    def test_what_each_role_may(self):
        table = {
            Role.ADMIN: (True, True, True),
            Role.CONSOLE: (True, True, False),
            Role.READER: (True, False, False),
        }
        self.assertEqual(set(RIGHTS), set(table))
        for role, wanted in table.items():
            self.assertEqual(tuple(right in RIGHTS[role] for right in (Right.LIST, Right.CONSOLE, Right.TOKEN)), wanted)

    def test_a_right_that_is_missing_is_403(self):
        with self.assertRaises(Fault) as caught:
            Caller("bob", Role.READER).need(Right.CONSOLE)
        self.assertEqual(caught.exception.status, 403)


class AnybodyTest(SynchronousTestCase):
    def test_everybody_on_this_machine_is_admin(self):
        for host in ("127.0.0.1:8774", "localhost:8774", "LOCALHOST", "[::1]:8774", "127.0.0.2"):
            self.assertEqual(Anybody().caller({"host": host}).role, Role.ADMIN, host)
        self.assertEqual(Anybody().caller({}).role, Role.ADMIN)

    def test_a_web_page_under_a_name_of_its_own_is_refused(self):
        for host in (
            "evil.example:8774",
            "192.0.2.1:8774",
            "[2001:db8::1]:8774",
            "localhost.evil.example",
            "127.0.0.1.x",
        ):
            with self.assertRaises(Fault) as caught:
                Anybody().caller({"host": host})
            self.assertEqual(caught.exception.status, 403, host)
