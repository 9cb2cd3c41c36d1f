"""The gateway's face towards twistd."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from shutil import rmtree

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.daemon import Options, makeService


class TwistdOptions(SynchronousTestCase):
    def test_files_and_directories_may_be_given_several_times(self) -> None:
        options = Options()
        options.parseOptions(["--config-file", "a", "--config-dir", "d", "--config-file=b"])
        self.assertEqual((options.files, options.dirs), (["a", "b"], ["d"]))


class BadConfiguration(SynchronousTestCase):
    def test_is_reported_whole_and_stops_the_start(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(rmtree, folder)
        path = Path(folder, "bad.conf")
        path.write_text("[gateway]\npreamble_timeout = soon\nmax_sessions = -1\n[vnc]\nxvpvncproxy_port = 99999\n")
        options = Options()
        options.parseOptions(["--config-file", str(path)])
        errors = io.StringIO()
        self.patch(sys, "stderr", errors)
        stopped = self.assertRaises(SystemExit, makeService, options)
        self.assertEqual(stopped.code, 1)
        for option in ("preamble_timeout", "max_sessions", "xvpvncproxy_port"):
            self.assertEqual(errors.getvalue().count(option), 1, errors.getvalue())
        self.assertEqual(errors.getvalue().count(str(path)), 3)
