"""Access URLs as Nova computed them."""

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.consoleauth.access_url import access_url, base_url_problem, lacks_port
from xvpproxy.model import Token

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "database"


class AccessURL(SynchronousTestCase):
    def test_is_the_newest_novas(self) -> None:
        checked = 0
        for name in ("nova34_mariadb", "nova34_sqlite"):
            for record in json.loads((VECTORS / f"{name}.json").read_text())["records"]:
                arguments = record["constructor_arguments"]
                if not record.get("row") or not arguments["access_url_base"]:
                    continue
                url = access_url(arguments["access_url_base"], arguments["console_type"], Token(record["token"]))
                self.assertEqual(url, record["access_url"])
                checked += 1
        self.assertGreater(checked, 20)

    def test_a_base_with_a_query_keeps_the_token_readable(self) -> None:
        self.assertEqual(access_url("http://h:1/c?a=b", "xvpvnc", Token("T")), "http://h:1/c?a=b&token=T")

    def test_says_which_base_no_viewer_can_use(self) -> None:
        for base in ("http://h:6081/console", "https://[2001:db8::1]:443/x", "http://h/console"):
            self.assertIsNone(base_url_problem(base), base)
        for base in (
            "",
            "h:6081/console",
            "ftp://h:1/",
            "http:///console",
            "http://h:99999/",
            "http://h:0/",
            "ws://h:1/",
        ):
            self.assertIsNotNone(base_url_problem(base), base)

    def test_the_java_viewer_needs_a_port(self) -> None:
        self.assertTrue(lacks_port("http://h/console"))
        self.assertFalse(lacks_port("https://h:443/console"))
