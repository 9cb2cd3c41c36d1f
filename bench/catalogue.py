"""The proxies that can be measured: how each is started, how viewers reach it, and which package brings it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template

_PEERS = Path(__file__).with_name("peers")
_HERE = Path(sys.executable).parent
_STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")

_SPLICE = "option splice-request\n  option splice-response"  # forced: splice-auto hardly ever engages
_HAPROXY = ("haproxy", "-db", "-f", "$haproxy_cfg")
_HAPROXY_TLS = {"tls": "ssl crt $certificate ssl-min-ver TLSv1.3"}
_NGINX = ("nginx", "-e", "stderr", "-c", "$nginx_conf")
_NGINX_TLS = {
    "tls": "ssl",
    "certificate_lines": "ssl_certificate $certificate; ssl_certificate_key $certificate; ssl_protocols TLSv1.3;"
    " ssl_session_cache shared:S:4m;",
}
#: What `$names` in the files mean unless a peer says otherwise.
_USUAL = {"workers": "1", "tls": "", "settings": "", "options": "", "certificate_lines": ""}
#: Sessions that two workers can share.
_SHARED = 32
_GATEWAY = (str(_HERE / "twistd"), "-n", "--pidfile=", "xvpproxy", "--config-file", "$xvpproxy_conf")
_PORTFORWARD = (sys.executable, "$portforward_py", "$port", "$console_port")


@dataclass(frozen=True, slots=True)
class Peer:
    """A proxy of the benchmark, or none at all: `direct` has no command.

    Attributes:
        mode: how a viewer opens a session: raw bytes, an access URL's preamble (xvp), or a WebSocket (ws); tls,
            xvps and wss are the same inside TLS 1.3.
        command: program and arguments; `$names` are replaced.
        package: the Debian package that brings the program.
        settings: what `$names` in its file mean beyond the usual ones.
        least_sessions: it takes part where there are so many: a second worker is of no use to one session.
        most_idle: idle sessions that are worth waiting for: less where each is a process.
    """

    name: str
    mode: str
    command: tuple[str, ...] = ()
    package: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    least_sessions: int = 1
    most_idle: int = 9500

    @property
    def tls(self) -> bool:
        """Whether viewers reach it inside TLS."""
        return self.mode in ("tls", "xvps", "wss")

    @property
    def needs_tokens(self) -> bool:
        """Whether its sessions begin with a token."""
        return self.mode.startswith("xvp")

    def missing(self) -> str:
        """What to install before it can be measured, or nothing."""
        if self.command and not shutil.which(self.command[0]):
            return self.package
        if "nginx" in self.command and not _STREAM_MODULE.exists():
            return self.package
        return ""

    def prepared(self, names: Mapping[str, object], directory: Path) -> list[str]:
        """Its command, with the file that it reads written to `directory`."""
        files = {path.name.replace(".", "_"): path for path in _PEERS.iterdir() if path.is_file()}
        usual = {**_USUAL, "directory": directory, **names}
        told = {name: Template(text).substitute(usual) for name, text in self.settings.items()}
        where: dict[str, object] = {}
        for name, path in files.items():
            if path.suffix == ".py":
                where[name] = path
            elif f"${name}" in self.command:
                (directory / path.name).write_text(Template(path.read_text()).substitute({**usual, **told}))
                where[name] = directory / path.name
        return [Template(word).substitute({**usual, **where}) for word in self.command]


_SPLICING = {"options": _SPLICE, "settings": "tune.pipesize 1048576"}
_WEBSOCKIFY = ("127.0.0.1:$port", "127.0.0.1:$console_port")


def _forking(name: str, mode: str, *words: str) -> Peer:
    return Peer(name, mode, ("websockify", *words, *_WEBSOCKIFY), "websockify", most_idle=200)


def _of_two(peer: Peer) -> Peer:
    """The same with two threads or processes."""
    settings = {**peer.settings, "workers": "2"}
    return replace(peer, name=f"{peer.name}-2", settings=settings, least_sessions=_SHARED, most_idle=0)


_HAPROXY_SPLICE = Peer("haproxy-splice", "raw", _HAPROXY, "haproxy", _SPLICING)
_HAPROXY_IN_TLS = Peer("haproxy-tls", "tls", _HAPROXY, "haproxy", _HAPROXY_TLS)
_XVPPROXY = Peer("xvpproxy", "xvp", _GATEWAY, "memcached")
_XVPPROXY_IN_TLS = Peer("xvpproxy-tls", "xvps", _GATEWAY, "memcached", {"tls": "cert = $certificate"})
_CLEAR = (
    Peer("direct", "raw"),
    Peer("haproxy", "raw", _HAPROXY, "haproxy"),
    _HAPROXY_SPLICE,
    _of_two(_HAPROXY_SPLICE),
    Peer("nginx", "raw", _NGINX, "nginx-light libnginx-mod-stream"),
    Peer("portforward", "raw", _PORTFORWARD),
    _forking("websockify", "ws"),
    _XVPPROXY,
    _of_two(_XVPPROXY),
)
_TLS = (
    _HAPROXY_IN_TLS,
    _of_two(_HAPROXY_IN_TLS),
    Peer("nginx-tls", "tls", _NGINX, "nginx-light libnginx-mod-stream", _NGINX_TLS),
    Peer("stunnel", "tls", ("stunnel", "$stunnel_conf"), "stunnel4"),
    Peer("portforward-tls", "tls", (*_PORTFORWARD, "$certificate")),
    _forking("websockify-tls", "wss", "--ssl-only", "--cert", "$certificate"),
    _XVPPROXY_IN_TLS,
    _of_two(_XVPPROXY_IN_TLS),
)
#: Those in the clear first.
PEERS = {peer.name: peer for peer in (*_CLEAR, *_TLS)}
