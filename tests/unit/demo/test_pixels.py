from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.palette import PALETTE, index_of, ramp
from xvpproxy.demo.pixels import PixelFormat, colour_map, compact_planes, planes

TRUE = PixelFormat()
BGR233 = PixelFormat(8, 8, False, True, 7, 7, 3, 0, 3, 6)
RGB565 = PixelFormat(16, 16, False, True, 31, 63, 31, 11, 5, 0)
WHITE, BLACK, RED = index_of("white"), index_of("black"), ramp("red")[-1]


class PixelFormatTests(SynchronousTestCase):
    def test_a_format_is_read_from_its_16_bytes_and_written_back(self):
        wire = bytes.fromhex("20 18 00 01 00ff 00ff 00ff 10 08 00 000000")
        self.assertEqual(PixelFormat.parse(wire), TRUE)
        self.assertEqual(TRUE.pack(), wire)
        for other in (BGR233, RGB565, replace(TRUE, big_endian=True)):
            self.assertEqual(PixelFormat.parse(other.pack()), other)

    def test_impossible_formats_are_refused_with_a_reason(self):
        for bits in (0, 1, 15, 24, 64, 255):
            error = self.assertRaises(ValueError, PixelFormat.parse, replace(TRUE, bits_per_pixel=bits).pack())
            self.assertIn(f"{bits} bits", str(error))
        error = self.assertRaises(ValueError, PixelFormat.parse, replace(RGB565, red_shift=16).pack())
        self.assertIn("shift of 16", str(error))

    def test_red_in_the_formats_that_viewers_ask_for(self):
        for form, wire in (
            (TRUE, "0000ff00"),
            (replace(TRUE, big_endian=True), "00ff0000"),
            (replace(TRUE, red_shift=0, blue_shift=16), "ff000000"),
            (replace(TRUE, red_shift=24, green_shift=16, blue_shift=8), "000000ff"),
            (RGB565, "00f8"),
            (replace(RGB565, big_endian=True), "f800"),
            (PixelFormat(16, 15, False, True, 31, 31, 31, 10, 5, 0), "007c"),
            (BGR233, "07"),
            (PixelFormat(8, 3, False, True, 1, 1, 1, 2, 1, 0), "04"),
        ):
            self.assertEqual(form.pixel(RED).hex(), wire, form)

    def test_white_is_all_ones_and_black_all_zeros(self):
        self.assertEqual(
            (BGR233.pixel(WHITE), RGB565.pixel(WHITE), TRUE.pixel(WHITE)), (b"\xff", b"\xff\xff", b"\xff\xff\xff\0")
        )
        self.assertEqual((BGR233.pixel(BLACK), RGB565.pixel(BLACK), TRUE.pixel(BLACK)), (b"\0", b"\0\0", b"\0\0\0\0"))

    def test_colours_beyond_the_pixel_are_cut_off_not_carried(self):
        odd = replace(BGR233, red_max=65535, red_shift=7)
        self.assertEqual(len(odd.pixel(WHITE)), 1)

    def test_a_viewer_with_a_colour_map_gets_indices_and_the_map(self):
        mapped = replace(BGR233, true_colour=False)
        self.assertEqual(planes(mapped).convert(bytes([WHITE, 3, 5])), bytes([WHITE, 3, 5]))
        message = colour_map()
        self.assertEqual(message[:6], b"\x01\x00\x00\x00" + len(PALETTE).to_bytes(2, "big"))
        self.assertEqual(len(message), 6 + 6 * len(PALETTE))
        self.assertEqual(message[6 + 6 * RED : 12 + 6 * RED], b"\xff\xff\0\0\0\0")

    def test_rows_are_converted_pixel_by_pixel(self):
        every = bytes(range(len(PALETTE)))
        for form in (TRUE, replace(TRUE, big_endian=True), RGB565, BGR233):
            self.assertEqual(planes(form).convert(every), b"".join(form.pixel(index) for index in every))

    def test_a_compact_pixel_drops_the_byte_without_colour(self):
        high = replace(TRUE, red_shift=24, green_shift=16, blue_shift=8)
        for form, wire in (
            (TRUE, "0000ff"),
            (replace(TRUE, big_endian=True), "ff0000"),
            (high, "0000ff"),
            (replace(high, big_endian=True), "ff0000"),
            (replace(TRUE, depth=32), "0000ff00"),
            (replace(TRUE, red_shift=20), "0000f00f"),
            (RGB565, "00f8"),
        ):
            self.assertEqual(compact_planes(form).pixels[RED].hex(), wire, form)
