"""Repeats the updates of a recorded RFB stream, so that one run lasts long enough to be timed.

A zlib stream that ended on a flush may be followed by the same deflate data once more, if the two header bytes that
begin it are cut from the repeat: back references never reach further than the data's own beginning. So each rectangle
is walked to find where its compressed data lies.
"""

import gzip
import struct

PSEUDO_WITHOUT_DATA = {-223, -224, -225, -232, -257, -258, -316}


def load(path):
    """The server's bytes of an FBS recording."""
    with gzip.open(path) as file:
        data = file.read()
    at, out = 12, bytearray()
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        out += data[at + 4:at + 4 + size]
        at += 4 + (size + 3 & ~3) + 4
    return bytes(out)


def split(stream):
    """(ServerInit, updates) of a 3.3 stream without security."""
    (name,) = struct.unpack_from(">I", stream, 12 + 4 + 20)
    end = 12 + 4 + 24 + name
    return stream[16:end], stream[end:]


class Walker:
    """Copies updates, cutting the zlib headers that a repeat must not have."""

    def __init__(self, server_init, updates):
        self.bits, self.depth = server_init[4], server_init[5]
        self.maxima = struct.unpack_from(">HHH", server_init, 8)
        self.data = updates

    def repeat(self):
        self.at, self.out, self.begun = 0, bytearray(), set()
        while self.at < len(self.data):
            self.update()
        return bytes(self.out)

    def u(self, size):
        return int.from_bytes(self.data[self.at:self.at + size], "big")

    def copy(self, size):
        piece = self.data[self.at:self.at + size]
        self.out += piece
        self.at += size
        return piece

    def update(self):
        if self.data[self.at] != 0:
            raise ValueError(f"message type {self.data[self.at]} at {self.at}")
        (count,) = struct.unpack(">H", self.copy(4)[2:])
        while count:
            x, y, w, h, encoding = struct.unpack(">HHHHi", self.copy(12))
            if encoding == -224:
                return
            self.rectangle(w, h, encoding)
            if count != 65535:
                count -= 1

    def rectangle(self, w, h, encoding):
        pixel = self.bits // 8
        if encoding in PSEUDO_WITHOUT_DATA:
            return
        if encoding == 0:
            self.copy(w * h * pixel)
        elif encoding == 1:
            self.copy(4)
        elif encoding in (2, 4):
            step = pixel + (8 if encoding == 2 else 4)
            self.copy(4 + pixel + self.u(4) * step)
        elif encoding == 5:
            self.hextile(w, h, pixel)
        elif encoding in (6, 16):
            length = self.u(4)
            self.at += 4
            cut = self.header(encoding, False)
            self.out += (length - cut).to_bytes(4, "big")
            self.at += cut
            self.copy(length - cut)
        elif encoding == 7:
            self.tight(w, h)
        elif encoding == -239:
            self.copy(w * h * pixel + (w + 7) // 8 * h)
        elif encoding == -261:
            self.copy(1)
        elif encoding == -308:
            self.copy(4 + 16 * self.data[self.at])
        else:
            raise ValueError(f"encoding {encoding}")

    def header(self, stream, reset):
        """How many bytes of zlib header to cut: two where a stream begins anew without a reset."""
        if reset:
            self.begun.add(stream)
            return 0
        if stream in self.begun:
            return 0
        self.begun.add(stream)
        return 2

    def hextile(self, w, h, pixel):
        for y in range(0, h, 16):
            for x in range(0, w, 16):
                mask = self.copy(1)[0]
                if mask & 1:
                    self.copy(min(16, w - x) * min(16, h - y) * pixel)
                    continue
                self.copy(pixel * (bool(mask & 2) + bool(mask & 4)))
                if mask & 8:
                    self.copy(self.copy(1)[0] * (2 + (pixel if mask & 16 else 0)))

    def tight(self, w, h):
        full = self.bits == 32 and self.depth == 24 and self.maxima == (255, 255, 255)
        pixel = 3 if full else self.bits // 8
        control = self.copy(1)[0]
        kind = control >> 4
        if kind == 8:
            self.copy(pixel)
            return
        if kind == 9:
            length = self.compact()
            self.put_compact(length)
            self.copy(length)
            return
        size = w * h * pixel
        if kind & 4 and self.copy(1)[0] == 1:
            colours = self.copy(1)[0] + 1
            self.copy(colours * pixel)
            size = h * ((w + 7) // 8 if colours == 2 else w)
        if size < 12:
            self.copy(size)
            return
        length = self.compact()
        cut = self.header(("tight", kind & 3), bool(control >> (kind & 3) & 1))
        self.put_compact(length - cut)
        self.at += cut
        self.copy(length - cut)

    def compact(self):
        value = shift = 0
        for last in (False, False, True):
            byte = self.data[self.at]
            self.at += 1
            value |= (byte if last else byte & 127) << shift
            if last or byte < 128:
                return value
            shift += 7

    def put_compact(self, value):
        if value < 1 << 7:
            self.out += bytes([value])
        elif value < 1 << 14:
            self.out += bytes([value & 127 | 128, value >> 7])
        else:
            self.out += bytes([value & 127 | 128, value >> 7 & 127 | 128, value >> 14])


def lengthen(path, times):
    """(ServerInit, updates repeated `times` times)."""
    server_init, updates = split(load(path))
    repeat = Walker(server_init, updates).repeat() if times > 1 else b""
    return server_init, updates + repeat * (times - 1)


def fbs(server_init, updates):
    """An FBS file's bytes with the stream in one block."""
    data = b"RFB 003.003\n\0\0\0\1" + server_init + updates
    return b"FBS 001.000\n" + struct.pack(">I", len(data)) + data + bytes(-len(data) % 4) + bytes(4)
