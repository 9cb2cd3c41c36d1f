"""A libvirt daemon of the tests' own: an unprivileged user's session, with machines that QEMU emulates."""

import os
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from unittest import SkipTest

from tests.integration import peers
from tests.integration.peers import HOST, Peer

#: Every Debian has this user; root's libvirt would be the system's.
USER = "daemon" if os.geteuid() == 0 else None
GRAPHICS = f"<graphics type='vnc' port='-1' autoport='yes' listen='{HOST}'/><video><model type='vga'/></video>"
_DOMAIN = """
<domain type='{kind}'>
  <name>{name}</name><uuid>{uuid}</uuid><memory unit='MiB'>32</memory>
  <os><type arch='{arch}'>hvm</type></os>
  <devices><controller type='usb' model='none'/>{devices}<memballoon model='none'/></devices>
</domain>
"""


def package():
    """The module libvirt, or a skipped test that says where it comes from."""
    try:
        import libvirt  # noqa: PLC0415
    except ImportError:
        sentence = "needs libvirt-python: apt-get install libvirt-dev pkg-config gcc python3-dev, then make test"
        raise (AssertionError if os.environ.get("CI") == "true" else SkipTest)(sentence) from None
    return libvirt


def domain(name: str, uuid: str, *, devices: str = GRAPHICS, kind: str = "qemu", arch: str = "x86_64") -> str:
    """A small machine without a disk, as libvirt wants it described."""
    return _DOMAIN.format(name=name, uuid=uuid, devices=devices, kind=kind, arch=arch)


class _Process(Peer):
    def __init__(self, command: list[str], answers: Callable[[], bool]) -> None:
        self._answers = answers
        super().__init__(command, 0, user=USER)


class Libvirtd:
    """libvirtd with its own home; what it starts goes with it.

    Attributes:
        uri: where it is reached.
    """

    def __init__(self) -> None:
        self._libvirt = package()
        self._program = peers.program("libvirtd", "libvirt-daemon")
        peers.program("qemu-system-x86_64", "qemu-system-x86")
        self._folder = peers._folder("libvirt", owner=USER)
        configuration = self._folder / "home/.config/libvirt"
        configuration.mkdir(parents=True)
        # Else it leaves a virtlogd behind.
        (configuration / "qemu.conf").write_text('stdio_handler = "file"\n')
        (self._folder / "run").mkdir(mode=0o700)
        if USER:
            for path in (self._folder, *self._folder.rglob("*")):
                shutil.chown(path, USER, USER)
        self._socket = self._folder / "run/libvirt/libvirt-sock"
        self.uri = f"qemu+unix:///session?socket={self._socket}"
        self.start()

    def start(self) -> None:
        """Start the daemon, or start it again: machines that run go on."""
        places = [f"HOME={self._folder}/home", f"XDG_RUNTIME_DIR={self._folder}/run", f"PATH={os.environ['PATH']}"]
        self._daemon = _Process(["/usr/bin/env", "-i", *places, self._program], self._answers)

    def end(self) -> None:
        """End the daemon and leave its machines running."""
        self._daemon.stop()

    def restart(self) -> None:
        self.end()
        self.start()

    def pause(self) -> None:
        self._daemon.pause()

    def resume(self) -> None:
        self._daemon.resume()

    def connect(self):
        """A connection with which tests do what the gateway never does."""
        return self._libvirt.open(self.uri)

    def power_off(self, machine) -> None:
        """End a machine; a daemon that has just started may call it gone before its end is through."""
        with suppress(self._libvirt.libvirtError):
            machine.destroy()

    def stop(self) -> None:
        """End the machines, then the daemon."""
        self.resume()
        connection = self.connect()
        for each in connection.listAllDomains(self._libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
            self.power_off(each)
        connection.close()
        self.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as caller, suppress(OSError):
            caller.connect(str(self._socket))
            return True
        return False
