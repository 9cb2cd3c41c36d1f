from twisted.trial.unittest import SynchronousTestCase

from tests.fakes_api import NEW, WEB, Bench
from tests.secrets import leaks
from xvpproxy.api.routing import Asked

SERVER = f"/v2.1/servers/{WEB}"


class PathsTest(SynchronousTestCase):
    def setUp(self):
        self.bench = Bench()

    def status(self, method, path, **kwargs):
        return self.bench.ask(method, path, **kwargs)[0]

    def test_a_project_and_a_last_slash_change_nothing(self):
        for path in (SERVER, f"{SERVER}/", f"/v2.1/8f2a/servers/{WEB}", f"/v2.1/any-project/servers/{WEB}/"):
            self.assertEqual(self.status("GET", path), 200, path)

    def test_other_paths_are_404(self):
        for path in (
            "/v2.1/flavors", "/v2.1/p/q/servers", "/v2.1/servers/x/y/z", "/v2.1//servers", "/v2.1/servers//action",
            "/v2/servers", "/v2.1x", "/servers", "//", "/v2.1/../servers", "/v2.1/servers/../servers", "/favicon.ico",
            "/v2.1/%2e%2e/x", f"/v2.1/servers%2f{WEB}", "/v2.1/os-console-auth-tokens", "/V2.1/servers",
        ):  # fmt: skip
            self.assertEqual(self.status("GET", path), 404, path)

    def test_what_nova_does_with_servers_and_we_do_not_is_501(self):
        for method, path in (
            *(("POST", "/v2.1/servers"), ("DELETE", SERVER), ("PUT", SERVER), ("GET", f"{SERVER}/action")),
            *(("OPTIONS", SERVER), ("get", SERVER), ("DELETE", "/"), ("POST", "/v2.1")),
        ):
            status, body = self.bench.ask(method, path)
            self.assertEqual((status, body["notImplemented"]["code"]), (501, 501), (method, path))

    def test_each_console_call_has_its_versions(self):
        old, new = {"os-getVNCConsole": {"type": "xvpvnc"}}, {"remote_console": {"protocol": "vnc", "type": "xvpvnc"}}
        for version, old_status, new_status in (
            ("2.1", 200, 404),
            ("2.5", 200, 404),
            ("2.6", 404, 200),
            ("2.99", 404, 200),
        ):
            headers = {"X-OpenStack-Nova-API-Version": version}
            self.assertEqual(self.status("POST", f"{SERVER}/action", body=old, headers=headers), old_status, version)
            path = f"{SERVER}/remote-consoles"
            self.assertEqual(self.status("POST", path, body=new, headers=headers), new_status, version)

    def test_a_subject_does_not_show(self):
        secret = "5d0c3690-2cdf-4d8a-a7a8-0fc38e4a89be"
        self.assertEqual(leaks([repr(Asked(None, None, None, secret))], secret), [])

    def test_a_version_outside_is_406_in_novas_shape(self):
        status, body = self.bench.ask("GET", SERVER, headers={**NEW, "OpenStack-API-Version": "compute 2.100"})
        self.assertEqual((status, body["computeFault"]["code"]), (406, 406))
