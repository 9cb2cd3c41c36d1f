import os
import shlex
import shutil
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import xvpproxy
from xvpproxy.cli import paste

URL = "http://127.0.0.1:6081/console?token=t0ken&title=a%20b"


class PasteTests(SynchronousTestCase):
    def setUp(self):
        self.here = Path(self.mktemp()).resolve()
        self.here.mkdir()
        before = Path.cwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.here)
        self.patch(xvpproxy, "__file__", str(self.here / "site-packages" / "xvpproxy" / "__init__.py"))
        self.patch(sys, "prefix", str(self.here / "elsewhere" / "venv"))

    def program(self, path):
        program = self.here / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(mode=0o755)
        return program

    def test_the_command_is_its_name_where_the_shell_finds_it(self):
        called = self.program("bin/xvpproxy")
        self.patch(sys, "argv", [str(called)])
        self.patch(os, "environ", {"PATH": str(called.parent)})
        self.assertEqual(paste.ourselves(), "xvpproxy")

    def test_another_program_of_that_name_is_not_taken_for_us(self):
        self.patch(os, "environ", {"PATH": str(self.program("other/xvpproxy").parent)})
        self.patch(sys, "argv", [str(self.program(".venv/bin/xvpproxy"))])
        self.assertEqual(paste.ourselves(), ".venv/bin/xvpproxy")

    def test_a_path_has_a_slash_and_is_quoted(self):
        self.patch(os, "environ", {"PATH": ""})
        self.patch(sys, "argv", [str(self.program("xvpproxy"))])
        self.assertEqual(paste.ourselves(), "./xvpproxy")
        self.patch(sys, "argv", [str(self.program("my venv/xvpproxy"))])
        self.assertEqual(shlex.split(paste.ourselves()), ["my venv/xvpproxy"])

    def test_python_dash_m_is_repeated_as_such(self):
        self.patch(sys, "argv", [str(self.here / "site-packages/xvpproxy/__main__.py")])
        self.patch(sys, "executable", str(self.here / ".venv/bin/python"))
        self.assertEqual(paste.ourselves(), ".venv/bin/python -m xvpproxy")

    def test_the_jar_is_found_here_beside_the_package_and_beside_the_venv(self):
        for folder, typed in (
            (self.here, "java-client/VncViewer.jar"),
            (self.here / "site-packages", "site-packages/java-client/VncViewer.jar"),
            (self.here / "elsewhere", "elsewhere/java-client/VncViewer.jar"),
        ):
            jar = self.program(folder / "java-client" / "VncViewer.jar")
            command, build = paste.viewer(URL)
            self.assertEqual((shlex.split(command), build), (["java", "-jar", typed, URL], ""))
            jar.unlink()

    def test_without_the_jar_it_says_how_to_build_it(self):
        self.program("site-packages/java-client/Makefile")
        command, build = paste.viewer(URL)
        self.assertEqual(build, "make -C site-packages/java-client")
        self.assertIn(" site-packages/java-client/VncViewer.jar ", command)
        shutil.rmtree(self.here / "site-packages")
        self.assertEqual(paste.viewer(URL)[1], "make -C java-client")

    def test_the_probe_takes_what_the_machine_has(self):
        self.patch(os, "environ", {"PATH": str(self.program("bin/curl").parent)})
        self.assertEqual(shlex.split(paste.probe(URL))[0], "curl")
        self.assertEqual(shlex.split(paste.probe(URL))[-1], URL)
        (self.here / "bin/curl").rename(self.here / "bin/python3")
        self.assertEqual(shlex.split(paste.probe(URL))[:2], ["python3", "-c"])
        self.patch(os, "environ", {"PATH": ""})
        self.assertTrue(Path(shlex.split(paste.probe(URL))[0]).exists())
