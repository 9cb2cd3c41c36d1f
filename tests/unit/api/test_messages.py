from twisted.trial.unittest import SynchronousTestCase

from tests.secrets import leaks
from xvpproxy.api.messages import MAX_BODY_BYTES, Fault, read_call, shown


def read(target=b"/v2.1/servers", *, method=b"GET", headers=(), body=b""):
    return read_call(method=method, target=target, headers=headers, body=body, address="192.0.2.1", scheme="http")


class ReadingTest(SynchronousTestCase):
    def refused(self, *args, **kwargs):
        with self.assertRaises(Fault) as caught:
            read(*args, **kwargs)
        return caught.exception.status

    def test_takes_a_path_apart_and_decodes_each_segment(self):
        self.assertEqual(read(b"/v2.1/a%2Fb/%C3%A4/").segments, ("v2.1", "a/b", "ä", ""))
        self.assertEqual(read(b"/").segments, ("",))

    def test_takes_a_query_apart(self):
        self.assertEqual(
            read(b"/x?name=a+b%26c&limit=&x=1&x=2").query, (("name", "a b&c"), ("limit", ""), ("x", "1"), ("x", "2"))
        )

    def test_malformed_targets_are_refused(self):
        for target in (b"", b"*", b"http://h/v2.1", b"v2.1", b"/%ff", b"/\xff", b"/x?a=%ff", b"/x?" + b"a&" * 60):
            self.assertEqual(self.refused(target), 400, target)

    def test_nothing_steps_out_of_a_path(self):
        self.assertEqual(read(b"/v2.1/../x/./%2e%2e").segments, ("v2.1", "..", "x", ".", ".."))

    def test_a_body_has_its_bound(self):
        self.assertEqual(read(body=b"x" * MAX_BODY_BYTES).body, b"x" * MAX_BODY_BYTES)
        self.assertEqual(self.refused(body=b"x" * (MAX_BODY_BYTES + 1)), 413)

    def test_head_is_get(self):
        self.assertEqual(read(method=b"HEAD").method, "GET")

    def test_several_values_of_a_header_are_one(self):
        self.assertEqual(read(headers=[(b"X-A", b"1"), (b"x-a", b"2")]).headers, {"x-a": "1, 2"})

    def test_links_begin_as_the_caller_came(self):
        for host, base in (
            ("api:8774", "http://api:8774"), ("[::1]:8774", "http://[::1]:8774"), ("api", "http://api"),
            ("a/b", ""), ("a b", ""), ("x@y", ""), ("", ""), ('"><script>', ""), ("[::1]]", ""),
        ):  # fmt: skip
            self.assertEqual(read(headers=[(b"Host", host.encode())]).base, base, host)

    def test_prints_no_path_query_header_or_body(self):
        secret = "5d0c3690-2cdf-4d8a-a7a8-0fc38e4a89be"
        call = read(
            f"/v2.1/os-console-auth-tokens/{secret}?t={secret}".encode(),
            headers=[(b"X-Auth-Token", secret.encode())],
            body=secret.encode(),
        )
        self.assertEqual(leaks([repr(call), str(call)], secret), [])


class JsonTest(SynchronousTestCase):
    def status(self, body, kind=None):
        headers = [] if kind is None else [(b"Content-Type", kind)]
        with self.assertRaises(Fault) as caught:
            read(body=body, headers=headers).json()
        return caught.exception.status

    def test_reads_json(self):
        for kind in (b"application/json", b"Application/JSON; charset=utf-8"):
            self.assertEqual(read(body=b'{"a": 1}', headers=[(b"Content-Type", kind)]).json(), {"a": 1})
        self.assertEqual(read(body=b'{"a": 1}').json(), {"a": 1})

    def test_what_is_no_json_is_refused(self):
        for body in (b"", b"{", b"\xff\xfe", b"[" * 60000, b"1" * 60000, b'{"a": 1} x'):
            self.assertEqual(self.status(body), 400, body[:10])

    def test_what_a_web_page_can_send_without_asking_is_refused(self):
        for kind in (b"text/plain", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x"):
            self.assertEqual(self.status(b'{"a": 1}', kind), 415)


class FaultTest(SynchronousTestCase):
    def test_has_novas_shape(self):
        self.assertEqual(Fault(404, "gone").body, {"itemNotFound": {"code": 404, "message": "gone"}})
        self.assertEqual(Fault(409, "x").body, {"conflictingRequest": {"code": 409, "message": "x"}})
        self.assertEqual(Fault(406, "x").body, {"computeFault": {"code": 406, "message": "x"}})

    def test_what_is_quoted_is_short_and_printable(self):
        self.assertEqual(shown("a\x1b[31m\n"), "a\\x1b[31m\\n")
        self.assertEqual(len(shown("x" * 1000)), 63)
        self.assertEqual(shown({"a": 1}), "dict")
