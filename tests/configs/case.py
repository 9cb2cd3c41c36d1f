"""What the tests of the configuration have in common."""

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy import config
from xvpproxy.errors import ConfigurationError


class ConfigTestCase(SynchronousTestCase):
    def setUp(self):
        self.directory = Path(self.mktemp()).absolute()
        self.directory.mkdir(parents=True)
        self.set_environment(HOME=str(self.directory))

    def set_environment(self, **variables):
        for name, value in variables.items():
            before = os.environ.get(name)
            self.addCleanup(self._put, name, before)
            self._put(name, value)

    def _put(self, name, value):
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

    def file(self, text, name="test.conf"):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def load(self, text):
        return config.load([self.file(text)])

    def problems(self, text):
        with self.assertRaises(ConfigurationError) as caught:
            self.load(text)
        return caught.exception.problems
