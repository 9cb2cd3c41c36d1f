import io
import json
import logging
from pathlib import Path
from types import SimpleNamespace

from twisted.application.service import Application
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogBeginner, Logger, LogPublisher
from twisted.python import log as legacy
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy import logs

SECRET = "f9a6b3c2-4d5e-4f60-8a7b-9c0d1e2f3a4b"


class LogsTestCase(SynchronousTestCase):
    def setUp(self):
        self.lines = []
        self.observer = logs.LogObserver(self.lines.append, debug=False, log_format="text")
        self.log = Logger(namespace="xvpproxy.gateway.session", observer=self.observer)

    def text(self):
        return "".join(self.lines)


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


class FormatTest(LogsTestCase):
    def test_the_format_can_change_while_running(self):
        self.log.info("as text")
        self.observer.configure(debug=False, log_format="json")
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

    def test_a_log_file_that_was_moved_away_is_begun_anew_within_a_second(self):
        path = self.directory / "gateway.log"
        clock = Clock()
        write = logs._FileWriter(path, clock.seconds)
        write("one\n")
        path.rename(self.directory / "gateway.log.1")
        clock.advance(0.5)
        write("two\n")
        clock.advance(0.5)
        write("three\n")
        self.assertEqual((self.directory / "gateway.log.1").read_text(), "one\ntwo\n")
        self.assertEqual(path.read_text(), "three\n")

    def test_a_log_file_that_was_removed_is_begun_anew(self):
        path = self.directory / "gateway.log"
        clock = Clock()
        write = logs._FileWriter(path, clock.seconds)
        write("one\n")
        path.unlink()
        clock.advance(1)
        write("Größe\n")
        self.assertEqual(path.read_text(encoding="utf-8"), "Größe\n")

    def test_a_log_file_that_was_moved_away_from_a_full_disk_is_begun_anew(self):
        path = self.directory / "gateway.log"
        path.symlink_to("/dev/full")
        clock = Clock()
        write = logs._FileWriter(path, clock.seconds)
        self.assertRaises(OSError, write, "lost\n")
        path.unlink()
        clock.advance(1)
        write("first\n")
        clock.advance(1)
        write("second\n")
        self.assertEqual(path.read_text(), "first\nsecond\n")

    def test_a_log_file_whose_directory_vanished_is_kept(self):
        path = self.directory / "sub" / "gateway.log"
        path.parent.mkdir()
        clock = Clock()
        write = logs._FileWriter(path, clock.seconds)
        path.parent.rename(self.directory / "moved")
        clock.advance(1)
        write("still here\n")
        self.assertEqual((self.directory / "moved" / "gateway.log").read_text(), "still here\n")

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
