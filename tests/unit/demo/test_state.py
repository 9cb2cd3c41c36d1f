import fcntl
import os
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.state import temporary_state

LONG_AGO = 1_000_000_000


class StateTests(SynchronousTestCase):
    def setUp(self):
        self.parent = Path(self.mktemp())
        self.parent.mkdir()
        self.patch(tempfile, "tempdir", str(self.parent))

    def left_behind(self, name, *, age=LONG_AGO, locked=False):
        path = self.parent / f"xvpproxy-demo-{name}"
        path.mkdir()
        (path / "xvpproxy.sqlite").write_text("tokens")
        lock = (path / "lock").open("wb")
        if locked:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.addCleanup(lock.close)
        else:
            lock.close()
        os.utime(path, (age, age))
        return path

    def test_the_directory_is_private_and_goes_away_with_its_content(self):
        with temporary_state() as path:
            self.assertEqual(path.parent.resolve(), self.parent.resolve())
            self.assertEqual(path.stat().st_mode & 0o777, 0o700)
            (path / "more").mkdir()
        self.assertEqual(list(self.parent.iterdir()), [])

    def test_it_goes_away_after_an_error_too(self):
        with self.assertRaises(SystemExit), temporary_state():
            raise SystemExit
        self.assertEqual(list(self.parent.iterdir()), [])

    def test_what_a_killed_demo_left_is_removed(self):
        path = self.left_behind("killed")
        with temporary_state():
            self.assertFalse(path.exists())

    def test_a_running_demo_is_left_alone(self):
        path = self.left_behind("running", locked=True)
        with temporary_state():
            self.assertTrue((path / "xvpproxy.sqlite").exists())

    def test_a_demo_that_is_just_starting_is_left_alone(self):
        now = self.parent.stat().st_mtime
        path = self.left_behind("starting", age=now)
        with temporary_state():
            self.assertTrue(path.exists())

    def test_only_directories_with_a_lock_of_a_demo_are_removed(self):
        other = self.parent / "xvpproxy-demo-notes"
        other.mkdir()
        os.utime(other, (LONG_AGO, LONG_AGO))
        with temporary_state():
            self.assertTrue(other.exists())
            self.assertFalse((other / "lock").exists())
