"""Self-signed certificates, made by openssl when a test wants one."""

import hashlib
import ssl
import subprocess
from pathlib import Path

LOCALHOST = "DNS:localhost,IP:127.0.0.1"


def make_certificate(folder: str | Path, names: str = LOCALHOST) -> tuple[Path, Path]:
    """A self-signed certificate and its key, as PEM files in `folder`; `names` as subjectAltName spells them."""
    cert, key = Path(folder, "cert.pem"), Path(folder, "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "30", "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True, timeout=60)
    return cert, key


class Certificate:
    """A key and its certificate in `directory`; `path` names a PEM file with both.

    Args:
        names: what it is good for, as subjectAltName spells it.
    """

    def __init__(self, directory: str | Path, *, names: str = LOCALHOST) -> None:
        Path(directory).mkdir(exist_ok=True)
        self.path = str(Path(directory).resolve() / "gateway.pem")
        cert, key = make_certificate(directory, names)
        Path(self.path).write_bytes(cert.read_bytes() + key.read_bytes())

    @property
    def pem(self) -> bytes:
        """Certificate and key."""
        return Path(self.path).read_bytes()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        certificate = self.pem.decode().split("-----BEGIN PRIVATE KEY-----")[0]
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context
