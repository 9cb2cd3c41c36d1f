"""The other kinds of real VNC server that viewers meet; see `screens`."""

import subprocess

from tests.integration.peers import HOST, Peer, free_port, program
from tests.integration.screens import GEOMETRY

_FIRST_X_PORT = 6000  # of display 0
_SIZE = "{}x{}".format(*GEOMETRY)


def start_xtightvnc() -> Peer:
    """The TightVNC server of old: security type 16 beside 1. Its background is the grey weave."""
    port = free_port()
    command = [program("Xtightvnc", "tightvncserver"), f":{port}", "-rfbport", str(port), "-geometry", _SIZE]
    return Peer([*command, "-depth", "24", "-localhost"], port)


def start_display() -> Peer:
    """An X display without a screen that anybody sees, with a pattern on it."""
    port = free_port()
    command = [program("Xvfb", "xvfb"), f":{port - _FIRST_X_PORT}", "-screen", "0", f"{_SIZE}x24", "-noreset"]
    display = Peer([*command, "-listen", "tcp", "-ac"], port)
    paint = [program("xsetroot", "x11-xserver-utils"), "-display", f":{port - _FIRST_X_PORT}"]
    subprocess.run([*paint, "-mod", "16", "16", "-fg", "orange", "-bg", "navy"], check=True, timeout=60)
    return display


def start_x11vnc(display: Peer) -> Peer:
    """A server that shows an X display which is already there."""
    port = free_port()
    command = [program("x11vnc", "x11vnc"), "-display", f":{display.port - _FIRST_X_PORT}", "-rfbport", str(port)]
    return Peer([*command, "-nopw", "-forever", "-shared", "-quiet", "-noipv6", "-listen", HOST], port)
