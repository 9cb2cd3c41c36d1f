import cProfile
import json
import os
import pstats
import time
from types import SimpleNamespace

from twisted.logger import Logger, LogLevel, formatEvent
from twisted.logger._flatten import flattenEvent
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from xvpproxy import log_lines, logs
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

    def test_each_line_has_the_time_of_its_own_event(self):
        for at in (1795295820.1, 1795295820.2, 1795295821.3, 1795295820.4):
            self.observer(self.event("x", at))
        times = [line.split()[1] for line in self.lines]
        self.assertEqual(times, ["21:17:00.100", "21:17:00.200", "21:17:01.300", "21:17:00.400"])

    def test_a_child_process_bears_its_own_number(self):
        self.log.info("from the parent")
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            try:
                self.log.info("from the child")
                os.write(writing, self.lines[-1].encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual(os.read(reading, 1000).split()[2], str(child).encode())
        os.close(reading)
        os.close(writing)

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
        for piece in ("KeyError: 'the cause'", "ValueError: the effect", "test_log_lines.py"):
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

    def test_several_numbers_keep_their_names(self):
        self.use_json()
        self.log.info(
            "x", phase_seconds={"preamble": 0.25, "checking": float("inf")}, fields={"token": f"token={SECRET}"}
        )
        [record] = self.records()
        self.assertEqual(record["phase_seconds"], {"preamble": 0.25, "checking": "inf"})
        self.assertNotIn(SECRET, record["fields"])

    def test_a_traceback_is_a_list_of_lines(self):
        self.use_json()
        self.log.failure("it broke", Failure(ValueError("bare")))
        [record] = self.records()
        self.assertIn("ValueError: bare", record["traceback"][-1])


class CostTest(LogsTestCase):
    """Each session writes two lines, so their calls are counted: times would tell of the machine."""

    def calls(self, event):
        self.observer(event)  # what is kept for the next line is made here
        profile = cProfile.Profile()
        profile.runcall(self.observer, event)
        return pstats.Stats(profile).total_calls

    def test_of_a_line_is_a_few_calls(self):
        opened = "open viewer={viewer} instance={instance} console={host}:{port}"
        fields = {
            "viewer": "192.0.2.1",
            "instance": "web1",
            "host": "192.0.2.7",
            "port": 5900,
            "session_id": "3f9c12ab",
        }
        event = self.event(opened, 1795295820.5, **fields)
        self.assertLess(self.calls(event), 35)
        self.use_json()
        self.assertLess(self.calls(event), 100)
        self.assertIn("console=192.0.2.7:5900", self.lines[0])


class MessageTest(SynchronousTestCase):
    """Messages are what Twisted makes of the same event."""

    FIELDS = {  # noqa: RUF012
        "host": "h1",
        "port": 5900,
        "seconds": 0.25,
        "none": None,
        "machine": SimpleNamespace(name="m1", tell=lambda: "told"),
        "known": {"key": "value", "places": [1, 2]},
        "call": lambda: "called",
    }
    FORMATS = (
        "",
        "plain",
        "{{}} {host}:{port:05d} {seconds:.3f} {none}",
        "{host!r} {host!s:>5} {machine.name} {known[key]} {known[places][1]}",
        "{port:{width}}",
        "{call()} {machine.tell()} {machine.name.upper()}",
        "{missing}",
        "{machine.missing}",
        "{} {0}",
        "{host:d}",
        "{host",
        None,
        b"bytes {host}",
        5,
    )

    def test_for_formats_plain_and_odd(self):
        for text in self.FORMATS:
            event = {"log_format": text, "width": 7, **self.FIELDS}
            self.assertEqual(log_lines._message(event), formatEvent(event), text)

    def test_for_an_event_that_was_flattened(self):
        event = {"log_format": "{machine.name} {host}", **self.FIELDS}
        flattenEvent(event)
        event["host"] = "another"
        self.assertEqual(log_lines._message(event), "m1 h1")

    def test_for_a_value_that_cannot_be_printed(self):
        class Broken:
            def __str__(self):
                raise RuntimeError("no text of mine")

        self.assertIn("no text of mine", log_lines._message({"log_format": "{broken}", "broken": Broken()}))
