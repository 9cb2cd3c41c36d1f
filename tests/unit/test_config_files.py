import random

from oslo_config import iniparser

from tests.configs.case import ConfigTestCase
from xvpproxy import config, config_files
from xvpproxy.errors import ConfigurationError


class FilesTest(ConfigTestCase):
    def test_later_files_win_and_directories_come_last(self):
        first = self.file("[gateway]\nclose_timeout = 1\nstall_timeout = 1\ndrain_timeout = 1\n", "first.conf")
        second = self.file("[gateway]\nstall_timeout = 2\ndrain_timeout = 2\n", "second.conf")
        third = self.file("[gateway]\ndrain_timeout = 3\n", "d/b.conf")
        fourth = self.file("[gateway]\ndrain_timeout = 4\n", "d/c.conf")
        self.file("[gateway]\ndrain_timeout = 5\n", "d/ignored.txt")
        loaded = config.load([first, second], [str(self.directory / "d")])
        gateway = loaded.conf.gateway
        self.assertEqual((gateway.close_timeout, gateway.stall_timeout, gateway.drain_timeout), (1, 2, 4))
        self.assertEqual(loaded.files, (first, second, third, fourth))

    def test_without_files_the_usual_places_are_searched(self):
        usual = self.file("[gateway]\ndrain_timeout = 7\n", ".xvpproxy/xvpproxy.conf")
        more = self.file("[gateway]\nclose_timeout = 8\n", ".xvpproxy/xvpproxy.conf.d/more.conf")
        loaded = config.load()
        self.assertEqual(loaded.files, (usual, more))
        self.assertEqual((loaded.conf.gateway.drain_timeout, loaded.conf.gateway.close_timeout), (7, 8))

    def test_the_environment_wins_over_files(self):
        self.set_environment(OS_GATEWAY__DRAIN_TIMEOUT="9")
        self.assertEqual(self.load("[gateway]\ndrain_timeout = 7\n").conf.gateway.drain_timeout, 9)
        self.set_environment(OS_GATEWAY__DRAIN_TIMEOUT="soon")
        [problem] = self.problems("[gateway]\ndrain_timeout = 7\n")
        self.assertIn("OS_GATEWAY__DRAIN_TIMEOUT", problem)
        self.assertIn("[gateway] drain_timeout", problem)

    def test_what_cannot_be_read_is_named(self):
        binary = self.directory / "binary.conf"
        binary.write_bytes(b"[DEFAULT]\nweb = \xff\xfe\n")
        with self.assertRaises(ConfigurationError) as caught:
            config.load([str(self.directory / "absent.conf"), str(self.directory), str(binary)], ["/nonexistent.d"])
        said = "\n".join(caught.exception.problems)
        for piece in (
            "absent.conf: cannot be read: No such file or directory",
            f"{self.directory}: cannot be read: Is a directory",
            "binary.conf:2: is not UTF-8 text",
            "/nonexistent.d: --config-dir names no directory",
        ):
            self.assertIn(piece, said)


class PropertyTest(ConfigTestCase):
    """Whatever stands in a file, it loads, or it is refused in words; and both readers see the same."""

    PIECES = (
        "[DEFAULT]", "[vnc]", "[VNC]", "[gateway]", "[", "[]", "[x", "]", "debug = true", "debug: no", "debug", "= 1",
        ": x", "  more", "\tmore", "", "# note", "; note", 'web = "quoted"', "web = '", "drain_timeout = 5",
        "drain_timeout = x", "xvpvncproxy_port = 70000", "web = a=b:c", "ca_file", "my_ip = $host", "web = $nothing",
        "web = 100%", "token = \x1b[31m", "é = ü", "web = $", "workers=2", "[static]", "console = a",
    )  # fmt: skip

    def texts(self):
        chance = random.Random(7)
        for _ in range(300):
            yield "\n".join(chance.choice(self.PIECES) for _ in range(chance.randrange(1, 8)))

    def test_loads_or_refuses_in_words(self):
        for text in self.texts():
            try:
                self.load(text)
            except ConfigurationError as error:
                self.assertTrue(error.problems)
                for problem in error.problems:
                    self.assertIn("test.conf", problem, text)

    def test_reads_the_dialect_of_oslo_config(self):
        seen = 0
        for text in self.texts():
            reference = Reference()
            try:
                reference.parse(text.splitlines(keepends=True))
            except (iniparser.ParseError, LookupError):
                self.assertTrue(config_files.read(self.file(text)).problems, text)
                continue
            read = config_files.read(self.file(text))
            self.assertEqual(read.problems, (), text)
            self.assertEqual([(s.group.lower(), s.name, s.text) for s in read.settings], reference.settings, text)
            seen += 1
        self.assertGreater(seen, 20)


class Reference(iniparser.BaseParser):
    """oslo.config's own reader."""

    def __init__(self):
        self.settings = []
        self.section = None

    def new_section(self, section):
        self.section = section

    def assignment(self, key, value):
        if self.section is None:
            raise LookupError
        self.settings.append((self.section.lower(), key, "\n".join(value)))
