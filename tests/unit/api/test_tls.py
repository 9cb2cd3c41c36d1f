from tests.certificates import Certificate
from tests.configs.case import ConfigTestCase
from xvpproxy.api.tls import caller_context
from xvpproxy.errors import ConfigurationError


class ContextTest(ConfigTestCase):
    def context(self, cert, **more):
        return caller_context(**{"cert": cert, "key": None, "ciphers": None, "minimum_version": "default", **more})

    def test_no_file_is_no_tls(self):
        self.assertIsNone(self.context("no-such.pem"))

    def test_a_pair_is_taken_from_one_file_or_two(self):
        path = Certificate(self.directory).path
        for key in (None, path):
            self.assertIsNotNone(self.context(path, key=key, ciphers="ECDHE+AESGCM").getContext())

    def test_what_cannot_be_used_is_named(self):
        pem = Certificate(self.directory).pem.decode()
        for text in ("nonsense", pem.partition("-----BEGIN PRIV")[0], pem[pem.index("-----BEGIN PRIV") :]):
            path = self.file(text, "bad.pem")
            with self.assertRaises(ConfigurationError) as caught:
                self.context(path)
            self.assertIn(f"[DEFAULT] cert = {path}", str(caught.exception))
