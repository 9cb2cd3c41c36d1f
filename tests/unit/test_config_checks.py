import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.configs.case import ConfigTestCase
from tests.secrets import leaks

START = datetime(2026, 1, 1, tzinfo=UTC)


def pem_pair(*, password=None):
    """A self-signed certificate and its private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, START, START + timedelta(days=36500))
    certificate = builder.sign(key, hashes.SHA256())
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return (
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode(),
    )


class ProblemsTest(ConfigTestCase):
    def test_a_bad_file_is_reported_whole_in_reading_order(self):
        first = (
            "debug = true\n"
            "[DEFAULT]\n"
            "debug = perhaps\n"
            "log_format = xml\n"
            "workers = -1\n"
            "ssl_only = true\n"
            "just words\n"
            "[vnc\n"
            "xvpvncproxy_port = 99\n"
            "[vnc]\n"
            "  indented\n"
            "xvpvncproxy_port = 99999\n"
            "server_listen = bad host\n"
            "[console]\n"
            "ssl_minimum_version = sslv3\n"
            "[gateway]\n"
            "connect_timeout = nan\n"
            "handshake_timeout =\n"
            "idle_timeout = -1\n"
            "[xenserver]\n"
            "ca_file = absent.pem\n"
            "login_timeout = soon\n"
        )
        said = [problem.partition("test.conf:")[2] for problem in self.problems(first)]
        self.assertEqual(
            [problem.partition(": ")[0] for problem in said],
            ["1", "3", "4", "5", "6", "7", "8", "11", "12", "13", "15", "17", "18", "19", "21", "22"],
        )
        for piece in (
            "1: the line stands before any section",
            "3: [DEFAULT] debug = perhaps: must be true or false",
            "4: [DEFAULT] log_format = xml: must be one of text, json",
            "5: [DEFAULT] workers = -1: must be an integer, at least 0",
            "6: [DEFAULT] ssl_only is set but cert = self.pem",
            "7: the line is not NAME = VALUE",
            "8: the line is not a section",
            "11: the line is indented",
            "12: [vnc] xvpvncproxy_port = 99999: must be an integer, at least 0, at most 65535",
            "13: [vnc] server_listen = bad host: must be a host name or an IP address",
            "15: [console] ssl_minimum_version = sslv3: must be one of default, tlsv1_1, tlsv1_2, tlsv1_3",
            "17: [gateway] connect_timeout = nan: must be a number",
            "18: [gateway] handshake_timeout = : must be a number",
            "19: [gateway] idle_timeout = -1: must be a number, at least 0",
            "21: [xenserver] ca_file = absent.pem",
            "22: [xenserver] login_timeout = soon: must be an integer, at least 0",
        ):
            self.assertTrue([problem for problem in said if problem.startswith(piece)], piece)

    def test_an_old_name_is_reported_as_it_stands_there(self):
        [problem] = self.problems("[DEFAULT]\nconsole_token_ttl = -5\n")
        self.assertIn(
            "test.conf:2: [DEFAULT] console_token_ttl (now [consoleauth] token_ttl) = -5: must be an integer", problem
        )

    def test_a_list_says_what_its_members_may_be(self):
        [problem] = self.problems("[vnc]\nauth_schemes = none, tls\n")
        self.assertIn("takes a comma separated list; each must be one of none, vencrypt, vnc", problem)

    def test_a_dollar_before_no_option_is_told_apart(self):
        for text in ("[vnc]\nserver_listen = $my_pi\n", "[DEFAULT]\nweb = $nothing/x\n"):
            [problem] = self.problems(text)
            self.assertIn("write $$ for a plain dollar sign", problem)

    def test_a_value_is_shown_short_and_printable(self):
        [problem] = self.problems(f"[gateway]\nidle_timeout = \x1b[31m{'9' * 500}x\n")
        self.assertIn(r"= \x1b[31m999", problem)
        self.assertLess(len(problem), 300)

    def test_secrets_do_not_show(self):
        secret = "correct-horse-battery"
        for text in (
            f"[DEFAULT]\ntransport_url = rabbit://u:{secret}$nothing@h\nworkers = two\n",
            f"[database]\nconnection = mysql://u:{secret}$nothing@h/x\n",
            f"[xenserver]\nconnection_password = ${secret}\n",
            f"[database]\nconnection {secret}\n",
            f"[database\nconnection = mysql://u:{secret}@h/x\n",
            f"connection = mysql://u:{secret}@h/x\n",
            f"[database]\n  mysql://u:{secret}@h/x\n",
            f"[gateway]\nidle_timeout = mysql://u:{secret}@h/x\n",
        ):
            self.assertEqual(leaks(self.problems(text), secret), [], text)


class WarningsTest(ConfigTestCase):
    def test_a_name_that_no_option_has_is_told_with_the_nearest(self):
        loaded = self.load(
            "[gateway]\nconect_timeout = 4\n[api]\nlisten_on = x\n[static]\nconsoles = y\n[vnc]\nkeymap = de\n"
        )
        self.assertEqual(
            [warning.partition("test.conf:")[2] for warning in loaded.warnings],
            [
                "2: [gateway] conect_timeout is not an option; the nearest is connect_timeout",
                "4: [api] listen_on is not an option; the nearest is listen",
                "6: [static] consoles is not an option; the nearest is console",
            ],
        )

    def test_a_missing_equals_sign_is_told_without_its_line(self):
        loaded = self.load("[database]\nconnection mysql://nova:correct-horse@h/x\n")
        [warning] = loaded.warnings
        self.assertIn("test.conf:2: the name has a space in it", warning)
        self.assertEqual(leaks([warning], "correct-horse"), [])

    def test_a_certificate_that_is_named_and_absent_is_told(self):
        loaded = self.load("[DEFAULT]\ncert = /nonexistent.pem\n")
        [warning] = loaded.warnings
        self.assertIn("test.conf:2: [DEFAULT] cert names no existing file", warning)

    def test_unchecked_hosts_are_told_at_every_start(self):
        [warning] = self.load("[xenserver]\nverify = false\n").warnings
        self.assertIn("test.conf:2: [xenserver] verify = false: the certificates", warning)


class CertificatesTest(ConfigTestCase):
    def tls(self, cert, key=None):
        return f"[DEFAULT]\nssl_only = true\ncert = {cert}\n" + (f"key = {key}\n" if key else "")

    def test_a_usable_pair_is_taken_from_two_files_or_one(self):
        certificate, key = pem_pair()
        cert_file, key_file = self.file(certificate, "cert.pem"), self.file(key, "key.pem")
        self.assertTrue(self.load(self.tls(cert_file, key_file)).conf.ssl_only)
        self.assertTrue(self.load(self.tls(self.file(certificate + key, "both.pem"))).conf.ssl_only)

    def test_tls_only_is_refused_without_a_usable_certificate(self):
        certificate, key = pem_pair()
        _, other_key = pem_pair()
        _, locked = pem_pair(password=b"pw")
        cert = self.file(certificate, "cert.pem")
        for name, text in {
            "absent": self.tls(self.directory / "absent.pem"),
            "a directory": self.tls(self.directory),
            "empty": self.tls(self.file("", "empty.pem")),
            "no PEM": self.tls(self.file("hello", "hello.pem")),
            "no key in the file": self.tls(cert),
            "the key is absent": self.tls(cert, self.directory / "absent.pem"),
            "another's key": self.tls(cert, self.file(other_key, "other.pem")),
            "a key with a password": self.tls(cert, self.file(locked, "locked.pem")),
            "certificate and key the wrong way round": self.tls(self.file(key, "key.pem"), cert),
        }.items():
            problems = self.problems(text)
            self.assertEqual(len(problems), 1, name)
            self.assertRegex(problems[0], r"test\.conf:\d: \[DEFAULT\] (ssl_only|cert)", name)

    def test_a_broken_certificate_stops_the_start_even_where_tls_is_optional(self):
        [problem] = self.problems(f"[DEFAULT]\ncert = {self.file('hello', 'hello.pem')}\n")
        self.assertIn("test.conf:2: [DEFAULT] cert", problem)

    def test_ciphers_that_openssl_does_not_know_are_refused(self):
        certificate, key = pem_pair()
        both = self.file(certificate + key, "both.pem")
        [problem] = self.problems(f"[DEFAULT]\ncert = {both}\n[console]\nssl_ciphers = ROT13\n")
        self.assertIn("test.conf:4: [console] ssl_ciphers", problem)

    def test_trust_towards_hosts_is_checked(self):
        certificate, _ = pem_pair()
        ca = self.file(certificate, "ca.pem")
        pin = ":".join(["aB"] * 32)
        self.assertEqual(self.load(f"[xenserver]\nca_file = {ca}\nfingerprints = {pin}\n").warnings, ())
        for text in ("ca_file = absent.pem", f"ca_file = {self.file('x', 'x.pem')}", "fingerprints = ab:cd"):
            [problem] = self.problems(f"[xenserver]\n{text}\n")
            self.assertIn(f"test.conf:2: [xenserver] {text.split()[0]}", problem)

    def test_is_what_the_doors_are_opened_with(self):
        """The check accepts exactly what ssl itself accepts."""
        certificate, key = pem_pair()
        both = self.file(certificate + key, "both.pem")
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(both)
        self.load(self.tls(both))
