"""TLS at both doors."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
import tempfile
from pathlib import Path
from shutil import rmtree

from twisted.trial.unittest import SynchronousTestCase

from tests.certificates import make_certificate
from xvpproxy.errors import ConfigurationError
from xvpproxy.gateway.tls import viewer_context, xenserver_trust


class TLSCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.addCleanup(rmtree, self.folder)
        self.cert, self.key = (str(path) for path in make_certificate(self.folder))


class ViewerContext(TLSCase):
    def context(self, **given: object) -> ssl.SSLContext | None:
        usual = {"cert": self.cert, "key": self.key, "ciphers": None, "minimum_version": "default", "required": False}
        return viewer_context(**{**usual, **given})

    def problem(self, **given: object) -> str:
        return str(self.assertRaises(ConfigurationError, self.context, **given))

    def test_a_certificate_that_is_not_there_means_no_tls(self) -> None:
        self.assertIsNone(self.context(cert=self.folder + "/none.pem"))

    def test_unless_it_is_required(self) -> None:
        problem = self.problem(cert=self.folder + "/none.pem", required=True)
        self.assertIn("ssl_only", problem)
        self.assertIn("none.pem", problem)

    def test_a_key_may_stand_in_the_same_file(self) -> None:
        both = Path(self.folder, "both.pem")
        both.write_text(Path(self.cert).read_text() + Path(self.key).read_text())
        self.assertIsNotNone(self.context(cert=str(both), key=None))

    def test_names_a_file_that_is_no_certificate(self) -> None:
        self.assertIn("key = " + self.cert, self.problem(key=None))
        bad = Path(self.folder, "bad.pem")
        bad.write_text("not PEM")
        self.assertIn("bad.pem", self.problem(cert=str(bad)))

    def test_never_asks_for_the_password_of_a_key(self) -> None:
        locked = self.folder + "/locked.pem"
        command = ["openssl", "ec", "-in", self.key, "-out", locked, "-aes256", "-passout", "pass:secret"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        self.assertIn("locked.pem", self.problem(key=locked))

    def test_applies_version_and_ciphers(self) -> None:
        context = self.context(minimum_version="tlsv1_3")
        self.assertEqual(context.minimum_version, ssl.TLSVersion.TLSv1_3)
        self.assertIsNotNone(self.context(ciphers="ECDHE+AESGCM"))
        self.assertIn("ssl_ciphers = NOTHING", self.problem(ciphers="NOTHING"))


class XenServerTrust(TLSCase):
    def test_checks_certificate_and_name_by_default(self) -> None:
        trust = xenserver_trust(ca_file=None, fingerprints=None, verify=True)
        self.assertTrue(trust.context.check_hostname)
        self.assertEqual(trust.context.verify_mode, ssl.CERT_REQUIRED)
        self.assertTrue(trust.accepts(b"whatever the context has let through"))

    def test_asks_the_systems_authorities_only_when_a_host_is_reached_and_once(self) -> None:
        made = []
        create = ssl.create_default_context
        self.patch(ssl, "create_default_context", lambda **given: made.append(given) or create(**given))
        trust = xenserver_trust(ca_file=None, fingerprints=None, verify=True)
        self.assertEqual(made, [])
        self.assertIs(trust.context, trust.context)
        self.assertEqual(len(made), 1)

    def test_a_pin_replaces_authority_and_name(self) -> None:
        der = ssl.PEM_cert_to_DER_cert(Path(self.cert).read_text())
        pin = hashlib.sha256(der).hexdigest()
        colons = ":".join(pin[at : at + 2] for at in range(0, 64, 2)).upper()
        for spelling in (pin, colons, f" {pin} "):
            trust = xenserver_trust(ca_file=None, fingerprints=["ab" * 32, spelling], verify=True)
            self.assertEqual(trust.context.verify_mode, ssl.CERT_NONE)
            self.assertTrue(trust.accepts(der))
            self.assertFalse(trust.accepts(der + b"x"))
            self.assertFalse(trust.accepts(None))

    def test_names_a_fingerprint_that_is_none(self) -> None:
        for bad in ("abc", "xy" * 32, "ab" * 20):
            given = {"ca_file": None, "fingerprints": [bad], "verify": True}
            self.assertIn(bad, str(self.assertRaises(ConfigurationError, xenserver_trust, **given)))

    def test_a_bundle_can_be_given_or_all_checks_be_turned_off(self) -> None:
        trust = xenserver_trust(ca_file=self.cert, fingerprints=None, verify=True)
        self.assertEqual(len(trust.context.get_ca_certs()), 1)
        off = xenserver_trust(ca_file=None, fingerprints=None, verify=False)
        self.assertEqual(off.context.verify_mode, ssl.CERT_NONE)
        given = {"ca_file": self.folder + "/none.pem", "fingerprints": None, "verify": True}
        self.assertIn("none.pem", str(self.assertRaises(ConfigurationError, xenserver_trust, **given)))
