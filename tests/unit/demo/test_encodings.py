"""What is encoded is read back by a decoder written from the protocol's description alone."""

import zlib
from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.encodings import ENCODERS, Raw, Zlib, Zrle
from xvpproxy.demo.palette import PALETTE
from xvpproxy.demo.pixels import PixelFormat
from xvpproxy.demo.region import Rect
from xvpproxy.demo.testcard import TestCard

TRUE = PixelFormat()
BIG = replace(TRUE, big_endian=True)
RGB565 = PixelFormat(16, 16, False, True, 31, 63, 31, 11, 5, 0)
BGR233 = PixelFormat(8, 8, False, True, 7, 7, 3, 0, 3, 6)
FORMATS = {TRUE: 3, BIG: 3, RGB565: 2, BGR233: 1}


def unpack(data, width, height, bits):
    """Palette indices of a packed tile: rows begin at a byte, the first pixel in the highest bits."""
    stride = (width * bits + 7) // 8
    return [
        data[y * stride + x * bits // 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1)
        for y in range(height)
        for x in range(width)
    ]


def decode_zrle(data, width, height, size):
    """A dict of (x, y) to the CPIXEL there, from an inflated ZRLE rectangle; and the kinds of tile seen."""
    shown, kinds, at = {}, set(), 0
    for top in range(0, height, 64):
        for left in range(0, width, 64):
            w, h = min(64, width - left), min(64, height - top)
            kind = data[at]
            kinds.add(kind)
            at += 1
            if kind == 0:
                pixels = [data[at + size * i : at + size * i + size] for i in range(w * h)]
                at += size * w * h
            else:
                palette = [data[at + size * i : at + size * i + size] for i in range(kind)]
                at += size * kind
                bits = {1: 0, 2: 1, 3: 2, 4: 2}.get(kind, 4)
                places = unpack(data[at:], w, h, bits) if bits else [0] * (w * h)
                at += (w * bits + 7) // 8 * h
                pixels = [palette[place] for place in places]
            for i, pixel in enumerate(pixels):
                shown[left + i % w, top + i // w] = pixel
    if at != len(data):
        raise AssertionError(f"{len(data) - at} bytes left over")
    return shown, kinds


class EncodingTests(SynchronousTestCase):
    def setUp(self):
        self.canvas = TestCard("web", "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11", "amber").canvas

    def pixels(self, rect, form):
        return [form.pixel(index) for index in self.canvas.read(rect)]

    def test_raw_is_the_pixels_row_by_row(self):
        rect = Rect(17, 30, 120, 40)
        for form in FORMATS:
            self.assertEqual(Raw().encode(self.canvas, rect, form), b"".join(self.pixels(rect, form)))

    def test_zlib_goes_on_with_one_stream(self):
        encoder, inflate = Zlib(), zlib.decompressobj()
        for rect in (Rect(0, 0, 800, 600), Rect(40, 40, 9, 9), Rect(0, 599, 1, 1)):
            data = encoder.encode(self.canvas, rect, RGB565)
            self.assertEqual(int.from_bytes(data[:4], "big"), len(data) - 4)
            self.assertEqual(inflate.decompress(data[4:]), b"".join(self.pixels(rect, RGB565)))

    def test_zrle_shows_every_pixel_of_the_card_in_every_format(self):
        for form, size in FORMATS.items():
            encoder, inflate = Zrle(), zlib.decompressobj()
            seen = set()
            for rect in (self.canvas.bounds, Rect(700, 140, 77, 150), Rect(33, 41, 5, 3), Rect(799, 599, 1, 1)):
                data = encoder.encode(self.canvas, rect, form)
                self.assertEqual(int.from_bytes(data[:4], "big"), len(data) - 4)
                shown, kinds = decode_zrle(inflate.decompress(data[4:]), rect.w, rect.h, size)
                expected = self.pixels(rect, form)
                part = form.compact_bytes()
                for (x, y), pixel in shown.items():
                    if pixel != expected[y * rect.w + x][part]:
                        self.fail(f"{form}: wrong at {x},{y} of {rect}")
                self.assertEqual(len(shown), rect.w * rect.h)
                seen |= kinds
            self.assertLessEqual({0, 1, 2, 3, 4, 5}, seen)

    def test_zrle_packs_each_size_of_palette(self):
        for count in range(1, 19):
            width, height = 61, 3
            self.canvas.put(100, 100, [bytes((x * y + x) % count for x in range(width)) for y in range(height)])
            rect = Rect(100, 100, width, height)
            data = Zrle().encode(self.canvas, rect, TRUE)
            shown, kinds = decode_zrle(zlib.decompressobj().decompress(data[4:]), width, height, 3)
            self.assertEqual([shown[x, y] + b"\0" for y in range(3) for x in range(61)], self.pixels(rect, TRUE))
            self.assertEqual(kinds, {count if count <= 16 else 0})

    def test_the_whole_card_is_small_when_compressed(self):
        raw = len(Raw().encode(self.canvas, self.canvas.bounds, TRUE))
        self.assertEqual(raw, 800 * 600 * 4)
        for kind in (Zlib, Zrle):
            self.assertLess(len(kind().encode(self.canvas, self.canvas.bounds, TRUE)), raw // 50)

    def test_encoders_are_found_by_their_protocol_numbers(self):
        self.assertEqual({number: kind.number for number, kind in ENCODERS.items()}, {0: 0, 6: 6, 16: 16})

    def test_the_card_shows_many_colours(self):
        used = {PALETTE[index] for index in self.canvas.read(self.canvas.bounds)}
        self.assertGreater(len(used), 140)
