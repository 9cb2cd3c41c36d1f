from typing import ClassVar

from tests.configs.case import ConfigTestCase
from tests.secrets import leaks
from xvpproxy import unserved


class UnservedTest(ConfigTestCase):
    """An option that nothing acts on is never ignored in silence."""

    #: A value other than the default for every such option.
    VALUES: ClassVar = {
        "novncproxy_host": "h1", "novncproxy_port": "1", "server_listen": "h1",
        "auth_schemes": "vnc", "rpc_response_timeout": "1", "api_max_retries": "1", "api_retry_interval": "1",
        "login_timeout": "1", "serial_console_state_timeout": "1", "vnc_console_state_timeout": "1",
        "enforce_session_timeout": "true", "source_is_ipv6": "true", "single_use": "true", "verify_instance": "false",
        "recheck_interval": "0",
    }  # fmt: skip

    def each(self, entries):
        return [(entry.group, option) for entry in entries for option in entry.options]

    def test_novas_are_a_warning_if_set_away_from_the_default(self):
        for group, option in self.each(unserved.NOT_HONOURED):
            value = self.VALUES.get(option.dest, "hunter2")
            loaded = self.load(f"[{group}]\n{option.dest} = {value}\n")
            self.assertEqual(len(loaded.warnings), 1, option.dest)
            self.assertIn(f"test.conf:2: [{group}] {option.dest} is", loaded.warnings[0])
            self.assertEqual(leaks(loaded.warnings, "hunter2"), [])

    def test_ours_stop_the_start_if_set_away_from_the_default(self):
        for group, option in self.each(unserved.NOT_BUILT):
            value = self.VALUES.get(option.dest, "hunter2")
            [problem] = self.problems(f"[{group}]\n{option.dest} = {value}\n")
            self.assertIn(f"test.conf:2: [{group}] {option.dest} is not available in this version", problem)

    def test_at_their_defaults_they_are_nothing_to_speak_of(self):
        loaded = self.load(
            "[DEFAULT]\ndaemon = true\n[consoleauth]\nrecheck_interval = 1\nsingle_use = no\n"
            "[gateway]\nverify_instance = yes\n[vnc]\nnovncproxy_port = 6080\nauth_schemes = none\n"
        )
        self.assertEqual(loaded.warnings, ())

    def test_novas_own_api_section_is_left_alone(self):
        loaded = self.load("[api]\nauth_strategy = keystone\nvendordata_providers = X\nmax_limit = 5\n")
        self.assertEqual(loaded.warnings, ())
