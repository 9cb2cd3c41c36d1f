"""Real VNC servers for the tests, on free loopback ports; see `peers` for what happens where one is missing."""

import socket
import tempfile
import time
from pathlib import Path

from tests.integration.peers import HOST, PATIENCE, Peer, free_port, program

DESKTOP = "a desktop of the tests"
GEOMETRY = (320, 240)
#: How a picture of the firmware's text screen begins, as a PPM: 80 by 25 characters.
_TEXT_SCREEN = b"P6\n720 400\n255\n"
_FIRST_PORT = 5900  # of display 0


def start_xvnc() -> Peer:
    """An X desktop of `GEOMETRY` without a password; its background is the grey weave of old."""
    port = free_port()
    command = [program("Xvnc", "tigervnc-standalone-server"), f":{port}", "-rfbport", str(port)]
    command += ["-geometry", "{}x{}".format(*GEOMETRY), "-depth", "24", "-retro", "-nolisten", "tcp"]
    return Peer([*command, "-SecurityTypes", "None", "-localhost=1", "-AlwaysShared", "-desktop", DESKTOP], port)


def start_qemu() -> Peer:
    """A machine that has found nothing to boot from; it stands still, and so does its picture."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="xvpproxy-qemu-"))
    command = [program("qemu-system-x86_64", "qemu-system-x86"), "-display", "none", "-m", "64", "-net", "none"]
    command += ["-vnc", f"{HOST}:{port - _FIRST_PORT}", "-monitor", f"unix:{folder}/monitor,server,nowait"]
    machine = Peer(command, port)
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(PATIENCE)
        monitor.connect(f"{folder}/monitor")
        _wait_until_it_has_drawn(monitor, folder / "screen.ppm")
        _tell(monitor, "stop")
    for leftover in folder.iterdir():
        leftover.unlink()
    folder.rmdir()
    return machine


def _wait_until_it_has_drawn(monitor: socket.socket, picture: Path) -> None:
    """Until the firmware's screen has some text on it: more than one colour."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        _tell(monitor, f"screendump {picture}")
        pixels = picture.read_bytes() if picture.exists() else b""
        if pixels.startswith(_TEXT_SCREEN) and len(set(pixels[len(_TEXT_SCREEN) :])) > 1:
            return
        time.sleep(0.1)
    raise AssertionError("the machine has drawn nothing")


def _tell(monitor: socket.socket, command: str) -> None:
    """Give a command and wait for the next prompt."""
    monitor.sendall(command.encode() + b"\n")
    answer = b""
    while not answer.rstrip().endswith(b"(qemu)") or command.split(maxsplit=1)[0].encode() not in answer:
        answer += monitor.recv(4096)
