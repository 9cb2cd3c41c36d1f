import json
import random
import re
import sys
import time

from twisted.logger import Logger
from twisted.trial.unittest import SynchronousTestCase

from tests.secrets import leaks
from xvpproxy import logs
from xvpproxy.masking import masked, printable
from xvpproxy.model import Token

SECRET = "f9a6b3c2-4d5e-4f60-8a7b-9c0d1e2f3a4b"


class MaskTest(SynchronousTestCase):
    """The last resort, for texts that are not made of our own values."""

    HOLDERS = (
        f"http://h:6081/console?token={SECRET}",
        f"http://h:6080/vnc_lite.html?path=%3Ftoken%3D{SECRET}&title=x",
        f"http://h/?path=%253Ftoken%253d{SECRET}",
        f"CONNECT /console?TOKEN={SECRET} HTTP/1.0\r\n",
        f"{{'url': '/console?token={SECRET}', 'x': 1}}",
        f"/console?uuid=5&session_id={SECRET}&x=1",
        f"Cookie: session_id={SECRET}; a=b",
        f"ConnectInfo(internal_access_path='/console/{SECRET}?uuid=1', host='h')",
        f'{{"internal_access_path": "/console {SECRET}", "port": 443}}',
        json.dumps(json.dumps({"internal_access_path": f"/c/{SECRET}"})),
        f"internal_access_path={SECRET}",
        f"(pymysql.err) mysql+pymysql://nova:{SECRET}@db1/nova_cell1",
        f"rabbit://nova:{SECRET}@mq1:5672,nova:{SECRET}@mq2:5672/",
    )

    def setUp(self):
        self.lines = []
        self.observer = logs.LogObserver(self.lines.append, debug=False, log_format="text")
        self.log = Logger(namespace="xvpproxy.example", observer=self.observer)

    def assert_in_every_format(self, say):
        for log_format in ("text", "json"):
            self.observer.configure(debug=True, log_format=log_format)
            for holder in self.HOLDERS:
                self.lines.clear()
                say(holder)
                self.assertEqual(leaks(self.lines, SECRET), [], holder)
                self.assertIn("***", "".join(self.lines))

    def test_values_do_not_show_in_messages_and_fields(self):
        self.assert_in_every_format(lambda holder: self.log.info("seen: {what}", what=holder))

    def test_values_do_not_show_in_tracebacks(self):
        def fail(holder):
            try:
                raise ValueError(holder)
            except ValueError:
                self.log.failure("it broke")

        self.assert_in_every_format(fail)

    def test_a_path_is_no_field(self):
        self.observer.configure(debug=False, log_format="json")
        self.log.info("x", internal_access_path=f"/console/{SECRET}")
        self.assertEqual(leaks(self.lines, SECRET), [])

    def test_what_stands_around_a_value_stays(self):
        self.assertEqual(
            masked("GET /console?token=abc&title=x /console?uuid=5&session_id=OpaqueRef:1 (token=a)"),
            "GET /console?token=***&title=x /console?uuid=5&session_id=*** (token=***)",
        )
        self.assertEqual(masked("internal_access_path=None, port=5900"), "internal_access_path=None, port=5900")

    def test_a_long_hostile_text_is_masked_in_no_time(self):
        started = time.monotonic()
        masked(",a:" * 30_000 + "internal_access_path='" * 3_000 + "token=" * 10_000)
        self.assertLess(time.monotonic() - started, 10)

    def test_a_token_prints_its_fingerprint(self):
        token = Token(SECRET)
        self.log.info("{token} {token!r}", token=token)
        self.assertIn(token.fingerprint, "".join(self.lines))
        self.assertEqual(leaks(self.lines, SECRET), [])


class ShortcutTest(SynchronousTestCase):
    """Texts without a trace of a secret are let through unsearched; that must never change a result."""

    EXPRESSIONS = (
        re.compile(r"((?:token|session_id)(?:=|%(?:25)*3d))[^&\s\"'<>;,)\]}\\]+", re.IGNORECASE),
        re.compile(
            r"(internal_access_path\\?[\"']?\s*[=:]\s*[bu]?)(?:(\\?[\"']).*?(?:\2|$)|(?!None\b|null\b)[^\s,;)}\]]+)",
            re.DOTALL,
        ),
        re.compile(r"((?:://|,)[^\s:/@,]*:)[^\s@\"'<>]{1,256}(?=@)"),
    )
    #: Pieces of what the masks look for; K is the Kelvin sign, \u017f a long s, \u0130 and \u0131 two more letters i.
    PIECES = (
        *("token", "TOKEN", "Token", "to\u212aen", "session_id", "SESSION_ID", "\u017fession_id", "se\u017fsion_id"),
        *(
            "sess\u0130on_id",
            "sess\u0131on_id",
            "Session_Id",
            "internal_access_path",
            "Internal_Access_Path",
            "to",
            "ken",
        ),
        *("=", "%3d", "%3D", "%253D", "%25253d", "%", "3d", ":", "://", "/", "@", ",", "&", ";", ")", "}", "]", "\\"),
        *('"', "'", '\\"', " ", "\n", "b", "u", "None", "null", "secret", "x", "1", "ö", "東", "\u2028", "\ud800", ""),
    )

    def searched(self, text):
        for expression in self.EXPRESSIONS:
            text = expression.sub(r"\1***", text)
        return text

    def test_masked_texts_are_what_the_expressions_make_of_them(self):
        choice = random.Random(4711)
        changed = kept = 0
        for _ in range(20_000):
            text = "".join(choice.choices(self.PIECES, k=choice.randrange(1, 14)))
            expected = self.searched(text)
            self.assertEqual(masked(text), expected, ascii(text))
            changed += text != expected
            kept += text == expected
        self.assertGreater(min(changed, kept), 1_000)

    def test_letters_that_only_look_alike_are_masked_too(self):
        for text in ("to\u212aen=secret", "\u017fession_id=secret", "ö token=secret", "TOKEN%3dsecret"):
            self.assertNotIn("secret", masked(text), ascii(text))

    def test_no_character_that_is_to_be_escaped_is_let_through(self):
        escaped = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
        for number in range(sys.maxunicode + 1):
            character = chr(number)
            if (printable(character) != character) != bool(escaped.match(character)):
                self.fail(f"U+{number:04X}")


class PrintableTest(SynchronousTestCase):
    def test_what_steers_a_terminal_is_escaped(self):
        self.assertEqual(
            printable("a\nb\r\x1b[31mc\x00\x9b\u2028\u202ed\ud800"), r"a\nb\r\x1b[31mc\x00\x9b\u2028\u202ed\ud800"
        )

    def test_letters_of_all_languages_stay(self):
        self.assertEqual(printable("Größe 東京"), "Größe 東京")
