from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.font import CELL_HEIGHT, CELL_WIDTH, GLYPH_HEIGHT, GLYPH_WIDTH, cell, fit, glyph, width_of


def drawn(char, scale):
    return ["".join(".#"[dot] for dot in row) for row in cell(char, scale)]


class FontTests(SynchronousTestCase):
    def test_every_printable_character_has_a_drawing_of_its_own(self):
        drawings = {char: glyph(char) for char in map(chr, range(32, 127))}
        self.assertEqual(len(set(drawings.values())), 95)
        for char, drawing in drawings.items():
            self.assertEqual(len(drawing), GLYPH_HEIGHT, char)
            for row in drawing:
                self.assertEqual(len(row), GLYPH_WIDTH, char)
                self.assertEqual(row.strip(".#"), "", char)
            self.assertEqual("#" in "".join(drawing), char != " ", char)

    def test_what_the_font_lacks_is_a_hollow_box(self):
        for char in ("\u00e9", "\n", "\x7f", "\U0001f600"):
            self.assertEqual(glyph(char)[:2], ("#####", "#...#"))

    def test_letters_that_hang_below_the_line_do(self):
        hanging = {char for char in map(chr, range(33, 127)) if any("#" in row for row in glyph(char)[7:])}
        self.assertEqual(hanging, set(",;_gjpqy|"))

    def test_a_cell_has_the_same_ink_at_every_size_apart_from_filled_notches(self):
        self.assertEqual(drawn("-", 1)[3], "#####.")
        for scale in (1, 2, 3, 6):
            rows = cell("E", scale)
            self.assertEqual((len(rows), len(rows[0])), (CELL_HEIGHT * scale, CELL_WIDTH * scale))
            self.assertEqual(sum(map(sum, rows)), "".join(glyph("E")).count("#") * scale * scale)

    def test_a_notch_between_two_dots_that_touch_at_a_corner_is_filled_at_larger_sizes(self):
        self.assertEqual(drawn("V", 1)[4:7], ["#...#.", ".#.#..", "..#..."])
        slope = [row[:4] for row in drawn("V", 2)[8:12]]
        self.assertEqual(slope, ["##..", "###.", ".###", "..##"])

    def test_the_inner_corner_of_a_letter_stays_sharp(self):
        self.assertEqual([row[:10] for row in drawn("L", 2)[8:14]], ["##........"] * 4 + ["##########"] * 2)

    def test_width_counts_no_gap_after_the_last_character(self):
        self.assertEqual(width_of("", 3), 0)
        self.assertEqual(width_of("ab", 2), 22)

    def test_a_text_takes_the_largest_size_that_fits(self):
        self.assertEqual(fit("web", 102, range(6, 1, -1)), ("web", 6))
        self.assertEqual(fit("web", 101, range(6, 1, -1)), ("web", 5))

    def test_a_text_that_fits_in_no_size_is_cut_visibly(self):
        text, scale = fit("a-very-long-name-indeed", 120, range(6, 1, -1))
        self.assertEqual((text, scale), ("a-very-l..", 2))
        self.assertLessEqual(width_of(text, scale), 120)
