"""Real servers for the tests: each is started once in a process, on a free loopback port, and ends with it.

A peer whose package is missing skips the test that asked for it, naming the
package; under CI=true that is a failure instead.
"""

import atexit
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from unittest import SkipTest

import psycopg

HOST = "127.0.0.1"
USER, PASSWORD = "nova", "s3cret-of-nova"

#: Seconds for a server to be ready: many times what it takes on a quiet machine.
PATIENCE = 60.0
_POLL = 0.02
#: Below `net.ipv4.ip_local_port_range`, above what services usually have.
_PORTS = (12_000, 32_000)
_PR_SET_PDEATHSIG = 1
_AS_ROOT = os.geteuid() == 0
#: Where Debian keeps servers that are on nobody's path.
_SERVER_PATHS = ("/usr/sbin", *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True))


class Peer:
    """A server process of the tests' own.

    Args:
        command: program and arguments; it must stay in the foreground.
        port: where it will listen on `HOST`.
        user: whom to run as when the tests run as root.
    """

    def __init__(self, command: Sequence[str], port: int, *, user: str | None = None) -> None:
        self.port = port
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 (one call into libc)
            start_new_session=True,
            **({"user": user, "group": user, "extra_groups": []} if _AS_ROOT and user else {}),
        )
        atexit.register(self.stop)
        self._wait_for(self._answers)

    def pause(self) -> None:
        """The server hangs: the kernel still takes connections and bytes for it."""
        for process in _with_children(self._process.pid):
            os.kill(process, signal.SIGSTOP)
            self._wait_for(lambda process=process: _stands_still(process))

    def resume(self) -> None:
        """The server goes on where it was."""
        for process in _with_children(self._process.pid):
            os.kill(process, signal.SIGCONT)

    def stop(self) -> None:
        """End the server; once is enough."""
        if self._process.poll() is None:
            self.resume()
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()
        atexit.unregister(self.stop)

    def _answers(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), 1).close()
        except OSError:
            return False
        return True

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._output.seek(0)
                output = self._output.read()[-2000:].decode(errors="replace")
                self.stop()
                raise AssertionError(f"{self._process.args[0]} did not start, or not stand still: {output}")
            time.sleep(_POLL)


def program(name: str, package: str) -> str:
    """The path of a program, or a skipped test that names its package."""
    path = shutil.which(name) or shutil.which(name, path=":".join(_SERVER_PATHS))
    if path is None:
        sentence = f"needs {name}: apt-get install {package}"
        if os.environ.get("CI") == "true":
            raise AssertionError(sentence)
        raise SkipTest(sentence)
    return path


def free_port() -> int:
    """A port that nobody had a moment ago, out of those that the kernel gives to no outgoing connection."""
    while True:
        port = random.randrange(*_PORTS)
        try:
            socket.create_server((HOST, port)).close()
        except OSError:
            continue
        return port


def start_memcached(port: int | None = None, *options: str) -> Peer:
    """A memcached of the caller's own, to be stopped by it."""
    port = port or free_port()
    command = [program("memcached", "memcached"), "-l", HOST, "-p", str(port), "-U", "0", "-m", "16", *options]
    return Peer([*command, "-u", "nobody"] if _AS_ROOT else command, port)


@cache
def _shared_memcached(number: int) -> Peer:
    return start_memcached()


def memcached(number: int = 0) -> Peer:
    """The shared memcached of this number; whoever uses one empties it first."""
    return _shared_memcached(number)


def empty_memcached(number: int = 0) -> None:
    """Forget everything in the shared memcached of this number."""
    with socket.create_connection((HOST, memcached(number).port), PATIENCE) as connection:
        connection.sendall(b"flush_all\r\n")
        connection.recv(100)


@cache
def mariadb() -> Peer:
    """The shared MariaDB; `mariadb_url` tells how to reach its databases."""
    server, install = program("mariadbd", "mariadb-server-core"), program("mariadb-install-db", "mariadb-server-core")
    client = program("mariadb", "mariadb-client-core")
    folder, port = _folder("mariadb"), free_port()
    who = ["--user=root"] if _AS_ROOT else []
    common = [
        *("--no-defaults", *who, f"--datadir={folder}/data", f"--tmpdir={folder}"),
        *("--innodb-log-file-size=5M", "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"),
        "--skip-log-bin",
    ]
    _run([install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"])
    line = f"{folder}/socket"
    peer = Peer(
        [server, *common, f"--socket={line}", f"--pid-file={folder}/pid", f"--port={port}", f"--bind-address={HOST}"],
        port,
    )
    _run(
        [client, "--no-defaults", f"--socket={line}", "--user=root"],
        f"CREATE USER '{USER}'@'{HOST}' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO '{USER}'@'{HOST}';",
    )
    return peer


def mariadb_url(database: str, driver: str = "mysql+pymysql") -> str:
    """A new, empty database on the shared MariaDB."""
    mariadb_run(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database};")
    return f"{driver}://{USER}:{PASSWORD}@{HOST}:{mariadb().port}/{database}?charset=utf8"


def mariadb_run(sql: str) -> str:
    """Have the shared MariaDB do something; what it answers, a row a line."""
    client = [program("mariadb", "mariadb-client-core"), "--no-defaults", "--skip-column-names", f"--host={HOST}"]
    return _run([*client, f"--port={mariadb().port}", f"--user={USER}", f"--password={PASSWORD}"], sql)


@cache
def postgresql() -> Peer:
    """The shared PostgreSQL; `postgresql_url` tells how to reach its databases."""
    server, initdb = program("postgres", "postgresql"), program("initdb", "postgresql")
    user = "postgres" if _AS_ROOT else None
    folder, port = _folder("postgresql", owner=user), free_port()
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    _run(
        [
            initdb,
            "-D",
            f"{folder}/data",
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ],
        user=user,
    )
    settings = {"listen_addresses": HOST, "unix_socket_directories": "", "fsync": "off", "max_connections": "40"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Peer([server, "-D", f"{folder}/data", "-p", str(port), *options], port, user=user)


def postgresql_url(database: str, driver: str = "postgresql+psycopg") -> str:
    """A new, empty database on the shared PostgreSQL."""
    postgresql_run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    postgresql_run(f"CREATE DATABASE {database}")
    return f"{driver}://{USER}:{PASSWORD}@{HOST}:{postgresql().port}/{database}"


def postgresql_run(sql: str) -> None:
    """Have the shared PostgreSQL do something."""
    with _connected(postgresql().port) as connection:
        connection.execute(sql)


def _connected(port: int) -> psycopg.Connection:
    """It takes connections before it takes users."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return psycopg.connect(
                host=HOST, port=port, user=USER, password=PASSWORD, dbname="postgres", autocommit=True
            )
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL)


def _folder(name: str, owner: str | None = None) -> Path:
    """A directory that goes with this process; not below a home that another user could not enter."""
    folder = Path(tempfile.mkdtemp(prefix=f"xvpproxy-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if owner:
        shutil.chown(folder, owner, owner)
    return folder


def _run(command: Sequence[str], text: str = "", user: str | None = None) -> str:
    identity = {"user": user, "group": user, "extra_groups": []} if user else {}
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=PATIENCE, check=False, **identity)
    if done.returncode:
        raise AssertionError(f"{command[0]} failed: {(done.stdout + done.stderr)[-2000:].decode(errors='replace')}")
    return done.stdout.decode()


def _with_children(process: int) -> list[int]:
    """The process first, so that it starts no more of them meanwhile."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(found for child in children for found in _with_children(int(child)))]


def _stands_still(process: int) -> bool:
    """Whether every thread is stopped: a busy machine takes a while to tell them all."""
    states = [path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{process}/task").glob("*/stat")]
    return set(states) <= {"T", "Z"}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
