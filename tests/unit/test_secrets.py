import json
from base64 import b64encode
from urllib.parse import quote

from twisted.trial.unittest import SynchronousTestCase

from tests.secrets import leaks

TOKEN = "f9a6b3c2-4d5e-4f60-8a7b-9c0d1e2f3a4b"
ODD = 'a "b"\\c/d&token=é'


class LeaksTest(SynchronousTestCase):
    """The net that other tests rely on catches each spelling."""

    def test_finds_nothing_in_clean_output(self):
        self.assertEqual(leaks(["fingerprint 8f3c2a11", b"\x00\xff"], TOKEN, ODD), [])

    def test_finds_each_spelling(self):
        for secret in (TOKEN, ODD):
            data = secret.encode()
            spellings = [
                secret,
                secret.upper(),
                secret[::-1],
                quote(secret, safe=""),
                quote(quote(secret, safe=""), safe=""),
                "".join(f"%{byte:02x}" for byte in data),
                data.hex(),
                json.dumps(secret),
                repr(secret),
                *(b64encode(b"x" * before + data + b"yz").decode() for before in range(6)),
            ]
            for spelling in spellings:
                self.assertTrue(leaks([f"before {spelling} after"], secret), spelling)
                self.assertTrue(leaks([f"before {spelling} after".encode("latin-1")], secret), spelling)

    def test_finds_a_cut_secret(self):
        self.assertTrue(leaks([f"token {TOKEN[:12]}..."], TOKEN))
        self.assertTrue(leaks([f"token ...{TOKEN[-12:]}"], TOKEN))

    def test_says_which_secret_leaked_and_where(self):
        [*_, last] = leaks(["clean", f"see {TOKEN}"], "something else entirely", TOKEN)
        self.assertIn("secret 1", last)
        self.assertIn("see ", last)
