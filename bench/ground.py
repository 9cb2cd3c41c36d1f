"""What a run stands on: a directory, the load generator, a console, tokens, a certificate, and the started peers."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from . import machine
from .catalogue import Peer
from .loadgen import Load, LoadFailed, LoadGenerator
from .server import Server, ServerFailed, free_port
from .tokens import TokenServer, available

#: Seconds for sessions to open, and for a run beyond its length.
PATIENCE = 20.0
#: Sessions of the content check.
_CHECKED = 4


class Unavailable(Exception):
    """A peer cannot be measured here; the text says why and what helps."""


class Ground:
    """Starts and stops everything; a context manager that leaves nothing behind."""

    def __init__(self) -> None:
        if not shutil.which("gcc"):
            raise Unavailable("the load generator wants a C compiler: apt-get install gcc libc6-dev")
        self._started: dict[str, Server] = {}
        self._exit = ExitStack()
        self._tokens: TokenServer | None = None
        self._certificate: Path | None = None
        with ExitStack() as undo:
            self.directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="xvpproxy-bench-")))
            self.directory.chmod(0o755)  # memcached and nginx run as somebody else
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            self.generator = LoadGenerator(self.directory)
            self._console_port = free_port()
            command = [str(self.generator.path), "console", str(self._console_port)]
            self._console = Server(command, self._console_port, self.directory / "console.log")
            undo.callback(self._console.stop)
            self._exit = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._started.values():
            server.stop()
        self._exit.close()

    def start(self, peer: Peer) -> None:
        """Start a proxy afresh.

        Raises:
            Unavailable: something that it needs is not installed, or it did not start.
        """
        self.stop(peer)
        if not peer.command:
            return
        if package := peer.missing():
            raise Unavailable(f"apt-get install {package}")
        if peer.tls and not self.generator.tls:
            raise Unavailable("apt-get install libssl-dev, for viewers that speak TLS")
        directory = self.directory / peer.name
        directory.mkdir(exist_ok=True)
        port = free_port()
        names: dict[str, object] = {"port": port, "console_port": self._console_port}
        if peer.tls:
            names["certificate"] = self.certificate()
        if peer.needs_tokens:
            names["memcached_port"] = self.tokens().port
        try:
            self._started[peer.name] = Server(peer.prepared(names, directory), port, directory / "output.log")
        except ServerFailed as error:
            raise Unavailable(f"it did not start: {error}") from error

    def stop(self, peer: Peer) -> None:
        """End a proxy; harmless if it does not run."""
        if server := self._started.pop(peer.name, None):
            server.stop()

    def processes(self, peer: Peer) -> list[int]:
        """The processes of a proxy; none for `direct`."""
        server = self._started.get(peer.name)
        return server.processes if server else []

    def port(self, peer: Peer) -> int:
        """Where viewers reach it; the console itself for `direct`.

        Raises:
            LoadFailed: it does not run.
        """
        if not peer.command:
            return self._console_port
        if peer.name not in self._started:
            raise LoadFailed(f"{peer.name} does not run")
        return self._started[peer.name].port

    def output(self, peer: Peer) -> str:
        """What a proxy has printed, since the first time that it was started."""
        return (self.directory / peer.name / "output.log").read_text(errors="replace")

    def cpu_seconds(self, peer: Peer) -> dict[str, float]:
        """What the proxy, the console, memcached and this process have used."""
        members = {"proxy": self.processes(peer), "console": self._console.processes, "viewers": [os.getpid()]}
        if self._tokens:
            members["memcached"] = self._tokens.processes
        return {name: machine.cpu_seconds(processes) for name, processes in members.items()}

    def load(self, peer: Peer, **settings: object) -> Load:
        """Viewers with their sessions open through `peer`."""
        told = {"token_prefix": self._tokens.prefix, "tokens": len(self._tokens.alive)} if self._tokens else {}
        return Load(self.generator, patience=PATIENCE, port=self.port(peer), mode=peer.mode, **told, **settings)

    def check(self, peer: Peer) -> None:
        """Hold what comes through `peer` against what the console sent, byte for byte.

        Raises:
            LoadFailed: it is not the same, or not everything came.
        """
        for test in ("bulk", "ping"):
            with self.load(peer, test=test, sessions=_CHECKED, seconds=0.1, verify=1, chunk_kib=1024) as load:
                found = load.run()
            if found["errors"] or found["open"] != _CHECKED or not (found["bytes"] or found["done"]):
                raise LoadFailed(f"the content check failed: {dict(found)}")

    def tokens(self) -> TokenServer:
        """The memcached with the tokens, started when it is first wanted."""
        if self._tokens is None:
            if not available():
                raise Unavailable("apt-get install memcached")
            self._tokens = TokenServer(self.directory, self._console_port)
            self._exit.callback(self._tokens.stop)
        return self._tokens

    def certificate(self) -> Path:
        """One file with an ECDSA key and its certificate, as haproxy wants them."""
        if self._certificate is None:
            key, certificate = self.directory / "key.pem", self.directory / "certificate.pem"
            kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
            names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
            subprocess.run(
                ["openssl", "req", "-x509", *kind, *names, "-keyout", key, "-out", certificate],
                check=True,
                capture_output=True,
            )
            both = self.directory / "both.pem"
            both.write_bytes(certificate.read_bytes() + key.read_bytes())
            self._certificate = both
        return self._certificate
