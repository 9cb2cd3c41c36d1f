import io
import json
import logging
import os
import time
from pathlib import Path
from types import SimpleNamespace

from twisted.application.service import Application
from twisted.logger import ILogObserver, LogBeginner, Logger, LogLevel, LogPublisher
from twisted.python import log as legacy
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy import logs
from xvpproxy.model import Token

SECRET = "f9a6b3c2-4d5e-4f60-8a7b-9c0d1e2f3a4b"


class LogsTestCase(SynchronousTestCase):
    def setUp(self):
        self.lines = []
        self.observer = logs.LogObserver(self.lines.append, debug=False, log_format="text")
        self.log = Logger(namespace="xvpproxy.gateway.session", observer=self.observer)

    def event(self, text, at, **fields):
        fixed = {"log_level": LogLevel.info, "log_namespace": "xvpproxy.gateway.session"}
        return {"log_format": text, "log_time": at, **fixed, **fields}

    def text(self):
        return "".join(self.lines)

    def use_json(self):
        self.observer.configure(debug=False, log_format="json")

    def records(self):
        return [json.loads(line) for line in self.text().splitlines()]


class TextTest(LogsTestCase):
    def setUp(self):
        super().setUp()
        zone = os.environ.get("TZ")
        self.addCleanup(self.set_zone, zone)
        self.set_zone("UTC")

    def set_zone(self, zone):
        if zone is None:
            os.environ.pop("TZ", None)
        else:
            os.environ["TZ"] = zone
        time.tzset()

    def test_a_line_has_the_shape_of_oslo_log(self):
        # 1795295820 is 2026-11-21 21:17:00 UTC
        self.observer(self.event("relaying to {host}", 1795295820.1234, host="h1"))
        self.assertEqual(
            self.text(), f"2026-11-21 21:17:00.123 {os.getpid()} INFO xvpproxy.gateway.session [-] relaying to h1\n"
        )

    def test_the_time_is_the_events_and_local(self):
        self.set_zone("Asia/Kolkata")
        self.observer(self.event("x", 1795295820.9999))
        self.assertTrue(self.text().startswith("2026-11-22 02:47:00.999 "))

    def test_a_session_stands_in_the_brackets(self):
        self.log.info("opened", session_id="3f9c12ab")
        self.assertIn(" [3f9c12ab] opened\n", self.text())

    def test_levels_bear_oslo_logs_names(self):
        self.observer.configure(debug=True, log_format="text")
        for level in ("debug", "info", "warn", "error", "critical"):
            getattr(self.log, level)("x")
        self.assertEqual([line.split()[3] for line in self.lines], ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])

    def test_a_traceback_follows_line_by_line_with_its_cause(self):
        try:
            try:
                raise KeyError("the cause")
            except KeyError as error:
                raise ValueError("the effect") from error
        except ValueError:
            self.log.failure("it broke")
        lines = self.text().splitlines()
        self.assertIn("it broke", lines[0])
        for line in lines:
            self.assertRegex(line, rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{3}} {os.getpid()} CRITICAL xvpproxy\.")
        for piece in ("KeyError: 'the cause'", "ValueError: the effect", "test_logs.py"):
            self.assertIn(piece, self.text())

    def test_a_failure_without_a_stack_is_still_told(self):
        self.log.failure("it broke", Failure(ValueError("bare")))
        self.assertIn("ValueError: bare", self.text())

    def test_control_characters_are_escaped(self):
        hostile = "a\nb\r\x1b[31mc\x00\x9b\u2028\u202ed\ud800"
        self.log.info("got {text_}", text_=hostile)
        self.assertEqual(len(self.text().splitlines()), 1)
        self.assertIn(r"got a\nb\r\x1b[31mc\x00\x9b\u2028\u202ed\ud800", self.text())

    def test_letters_of_all_languages_stay(self):
        self.log.info("Größe 東京")
        self.assertIn("Größe 東京", self.text())

    def test_an_event_that_cannot_be_formatted_is_still_a_line(self):
        self.log.info("{missing.attribute}")
        self.assertIn("missing", self.text())


class LevelTest(LogsTestCase):
    def test_debug_is_off_until_it_is_turned_on_and_can_be_turned_off_again(self):
        for debug in (False, True, False):
            self.observer.configure(debug=debug, log_format="text")
            self.log.debug("detail while {debug}", debug=debug)
        self.assertEqual(len(self.lines), 1)
        self.assertIn("DEBUG", self.text())

    def test_twisteds_own_chatter_is_for_debug(self):
        chatter = Logger(namespace="twisted.internet.tcp.Port", observer=self.observer)
        chatter.info("Starting factory")
        self.assertEqual(self.lines, [])
        chatter.warn("something odd")
        self.observer.configure(debug=True, log_format="text")
        chatter.info("Starting factory")
        self.assertEqual(len(self.lines), 2)

    def test_lines_of_the_older_interface_are_shown_when_they_are_errors(self):
        publisher = legacy.LogPublisher(self.observer, publishPublisher=self.observer)
        publisher.msg("(TCP Port 6081 Closed)")
        self.assertEqual(self.lines, [])
        publisher.msg(failure=Failure(ValueError("bad")), why="oh", isError=1)
        self.assertIn("ValueError: bad", self.text())


class JSONTest(LogsTestCase):
    def test_one_object_a_line_with_the_events_fields(self):
        self.use_json()
        self.observer(
            self.event(
                "relaying to {host}", 1795295820.5, host="h1", session_id="ab", bytes_in=3, seconds=0.25, tls=True
            )
        )
        self.assertEqual(
            self.records(),
            [
                {
                    "time": "2026-11-21T21:17:00.500Z",
                    "level": "INFO",
                    "logger": "xvpproxy.gateway.session",
                    "pid": os.getpid(),
                    "message": "relaying to h1",
                    "host": "h1",
                    "session_id": "ab",
                    "bytes_in": 3,
                    "seconds": 0.25,
                    "tls": True,
                }
            ],
        )

    def test_what_json_has_no_word_for_is_text(self):
        self.use_json()
        self.log.info("x", token=Token(SECRET), data=b"\xff", number=float("nan"), pid="mine")
        [record] = self.records()
        self.assertEqual(
            (record["token"], record["data"], record["number"]), (Token(SECRET).fingerprint, r"b'\xff'", "nan")
        )
        self.assertEqual((record["pid"], record["pid_"]), (os.getpid(), "mine"))

    def test_a_traceback_is_a_list_of_lines(self):
        self.use_json()
        self.log.failure("it broke", Failure(ValueError("bare")))
        [record] = self.records()
        self.assertIn("ValueError: bare", record["traceback"][-1])

    def test_the_format_can_change_while_running(self):
        self.log.info("as text")
        self.use_json()
        self.log.info("as JSON")
        self.assertIn("] as text", self.lines[0])
        self.assertEqual(json.loads(self.lines[1])["message"], "as JSON")


class PlacesTest(SynchronousTestCase):
    def setUp(self):
        self.directory = Path(self.mktemp())
        self.directory.mkdir()
        root = logging.getLogger()
        handlers = list(root.handlers)
        self.addCleanup(lambda: root.handlers.__setitem__(slice(None), handlers))

    def beginner(self, publisher):
        return LogBeginner(publisher, io.StringIO(), SimpleNamespace(), SimpleNamespace(showwarning=None))

    def write(self, observer, message):
        Logger(namespace="here", observer=observer).info(message)

    def test_begins_on_a_stream_with_what_was_said_before(self):
        publisher = LogPublisher()
        beginner = self.beginner(publisher)
        Logger(namespace="here", observer=publisher).info("early")
        stream = io.StringIO()
        logs.begin(stream, log_format="json", beginner=beginner)
        Logger(namespace="here", observer=publisher).info("late")
        self.assertEqual([json.loads(line)["message"] for line in stream.getvalue().splitlines()], ["early", "late"])

    def test_a_stream_that_cannot_write_a_letter_gets_its_escape(self):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="ascii")
        self.write(logs.LogObserver(logs._stream_writer(stream), debug=False, log_format="text"), "Größe")
        self.assertIn(rb"Gr\xf6\xdfe", raw.getvalue())

    def test_twistd_is_given_our_observer(self):
        application = Application("xvpproxy")
        path = self.directory / "gateway.log"
        observer = logs.install(application, debug=False, log_format="text", twistd={"logfile": str(path)})
        self.assertIs(application.getComponent(ILogObserver), observer)
        self.write(observer, "hello")
        self.assertIn("[-] hello\n", path.read_text())

    def test_a_log_file_that_was_moved_away_is_begun_anew(self):
        path = self.directory / "gateway.log"
        observer = logs.install(Application("x"), debug=False, log_format="text", twistd={"logfile": str(path)})
        self.write(observer, "one")
        path.rename(self.directory / "gateway.log.1")
        self.write(observer, "two")
        self.assertIn("one", (self.directory / "gateway.log.1").read_text())
        self.assertNotIn("one", path.read_text())
        self.assertIn("two", path.read_text())

    def test_a_log_file_whose_directory_vanished_is_kept(self):
        path = self.directory / "sub" / "gateway.log"
        path.parent.mkdir()
        observer = logs.install(Application("x"), debug=False, log_format="text", twistd={"logfile": str(path)})
        path.parent.rename(self.directory / "moved")
        self.write(observer, "still here")
        self.assertIn("still here", (self.directory / "moved" / "gateway.log").read_text())

    def test_syslog_gets_one_message_a_line(self):
        said = []
        self.patch(logs.syslog, "syslog", said.append)
        observer = logs.install(Application("x"), debug=False, log_format="text", twistd={"syslog": True})
        Logger(namespace="here", observer=observer).failure("it broke", Failure(ValueError("bare")))
        self.assertIn("it broke", said[0])
        self.assertIn("ValueError: bare", said[-1])
        self.assertEqual([line for line in said if "\n" in line], [])

    def test_a_daemon_does_not_log_to_standard_output(self):
        with self.assertRaises(SystemExit) as caught:
            logs.install(Application("x"), debug=False, log_format="text", twistd={"logfile": "-", "nodaemon": False})
        self.assertIn("--logfile", str(caught.exception))

    def test_warnings_of_libraries_are_in_the_log_and_their_chatter_is_not(self):
        publisher = LogPublisher()
        beginner = self.beginner(publisher)
        logs.begin(io.StringIO(), debug=True, beginner=beginner)
        logs.begin(io.StringIO(), debug=True, beginner=self.beginner(publisher))
        seen = []
        self.patch(Logger, "emit", lambda _, level, __, **fields: seen.append((level.name, fields["text"])))
        library = logging.getLogger("pymemcache.example")
        library.setLevel(logging.DEBUG)
        library.warning("server %s is slow", "m1")
        library.error("gone")
        library.info("row: %s", SECRET)
        self.assertEqual(seen, [("warn", "server m1 is slow"), ("error", "gone")])
