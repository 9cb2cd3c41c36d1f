"""Database URLs as operators write them, and what may be said about them."""

import sys
from importlib import import_module

import sqlalchemy as sa
from sqlalchemy import exc
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.consoleauth.database_engine import open_engine, parsed, reason
from xvpproxy.errors import ConfigurationError

PASSWORD = "s3cret-of-nova"


class URLs(SynchronousTestCase):
    def test_every_family_has_one_driver(self) -> None:
        for given, driver in (
            ("mysql", "mysql+pymysql"),
            ("mysql+pymysql", "mysql+pymysql"),
            ("mysql+mysqldb", "mysql+pymysql"),
            ("mariadb+mariadbconnector", "mysql+pymysql"),
            ("postgresql", "postgresql+psycopg"),
            ("postgresql+psycopg2", "postgresql+psycopg"),
            ("postgres", "postgresql+psycopg"),
        ):
            url = parsed(f"{given}://nova:{PASSWORD}@db.example.org/nova?charset=utf8&plugin=dbcounter")
            self.assertEqual(
                (url.drivername, url.host, dict(url.query)), (driver, "db.example.org", {"charset": "utf8"})
            )

    def test_what_is_no_url_is_refused_and_not_quoted(self) -> None:
        for text in (PASSWORD, f"nova:{PASSWORD}@db/nova", f"mysql://nova:{PASSWORD}@db:port/nova", ""):
            error = self.assertRaises(ConfigurationError, parsed, text)
            self.assertIn("[database] connection", str(error))
            self.assertNotIn(PASSWORD, str(error))

    def test_another_database_is_refused_by_name(self) -> None:
        self.assertIn("oracle", str(self.assertRaises(ConfigurationError, parsed, "oracle+cx://a:b@c/d")))

    def test_a_missing_driver_names_the_extra(self) -> None:
        for name, module, extra in (("mysql", "pymysql", "mysql"), ("postgresql", "psycopg", "postgresql")):
            self.addCleanup(sys.modules.__setitem__, module, import_module(module))
            sys.modules[module] = None
            error = self.assertRaises(
                ConfigurationError, open_engine, parsed(f"{name}://a:{PASSWORD}@h/d"), timeout=1.0, connections=1
            )
            self.assertIn(f"pip install xvpproxy[{extra}]", str(error))
            self.assertNotIn(PASSWORD, str(error))


class Reasons(SynchronousTestCase):
    url = sa.make_url(f"mysql://nova:{PASSWORD}@h/d")

    def test_a_driver_that_tells_the_password_is_silenced(self) -> None:
        error = exc.OperationalError("SELECT", {}, ConnectionError(f"nova:{PASSWORD}@h refused\nmore"))
        self.assertEqual(reason(error, self.url), "ConnectionError nova:***@h refused")

    def test_errors_about_rows_are_not_quoted(self) -> None:
        error = exc.IntegrityError("INSERT", {}, ValueError("Duplicate entry 'abc'"))
        self.assertEqual(reason(error, self.url), "ValueError")
