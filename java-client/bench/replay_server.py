"""Serves one recorded stream at full speed to one viewer and measures how long the viewer takes."""

import os
import select
import socket
import struct
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system seconds of a process with all its threads."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Viewer:
    """The server's end of one viewer's connection."""

    def __init__(self, connection):
        self.socket = connection
        self.pending = b""

    def exactly(self, size):
        while len(self.pending) < size:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the viewer left")
            self.pending += data
        data, self.pending = self.pending[:size], self.pending[size:]
        return data

    def handshake(self, server_init):
        self.socket.sendall(b"RFB 003.008\n")
        self.exactly(12)
        self.socket.sendall(b"\1\1")
        self.exactly(1)
        self.socket.sendall(bytes(4))
        self.exactly(1)
        self.socket.sendall(server_init)

    def message(self):
        """The type of the next message; its body is taken."""
        kind = self.exactly(1)[0]
        if kind == 2:
            (count,) = struct.unpack(">xH", self.exactly(3))
            self.exactly(4 * count)
        elif kind == 6:
            (length,) = struct.unpack(">3xi", self.exactly(7))
            self.exactly(abs(length))
        elif kind == 0:
            # A viewer that asks for the recorded colours in another byte order could not be compared.
            self.format = self.exactly(19)[3:16]
        elif kind in (3, 4, 5):
            self.exactly({3: 9, 4: 7, 5: 5}[kind])
        else:
            raise ValueError(f"message type {kind} from the viewer")
        return kind

    def until_request(self):
        while self.message() != 3:
            pass


def end_mark(server_init):
    return struct.pack(">BxHHHHHi", 0, 1, 0, 0, 1, 1, 0) + bytes(server_init[4] // 8)


def measure(listener, server_init, updates, pid_of, quiet=1.2):
    """One run.

    Args:
        listener: a listening socket that the viewer was told to connect to.
        pid_of: called once connected, gives the viewer's process id.

    Returns:
        (seconds from the first byte to the viewer's last request, CPU seconds until `quiet` seconds after it)
    """
    listener.settimeout(60)
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        viewer = Viewer(connection)
        viewer.handshake(server_init)
        viewer.until_request()
        time.sleep(0.7)
        before = cpu_seconds(pid_of())
        started = last = time.monotonic()
        sender = threading.Thread(target=connection.sendall, args=(updates + end_mark(server_init),), daemon=True)
        sender.start()
        while True:
            # While bytes are still going out a pause is the viewer's decoding, not its end.
            busy = sender.is_alive()
            if not viewer.pending and not select.select([connection], [], [], 60 if busy else quiet)[0]:
                if busy:
                    raise TimeoutError("the viewer has stopped reading")
                break
            if viewer.message() == 3:
                last = time.monotonic()
        return last - started, cpu_seconds(pid_of()) - before
