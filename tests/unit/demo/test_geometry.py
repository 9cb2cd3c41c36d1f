from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.canvas import Canvas
from xvpproxy.demo.geometry import paint_bars, paint_patches, star
from xvpproxy.demo.palette import index_of, ramp
from xvpproxy.demo.region import Rect

BLACK, WHITE, PAPER = index_of("black"), index_of("white"), index_of("panel")


class StarTests(SynchronousTestCase):
    def test_it_is_as_high_as_wide_and_the_same_from_every_side(self):
        rows = star(40, PAPER)
        self.assertEqual({len(row) for row in rows}, {81})
        self.assertEqual(len(rows), 81)
        ring = [[dot == PAPER for dot in row[:8]] for row in rows]
        self.assertEqual(ring, ring[::-1])
        turned = list(zip(*rows, strict=True))
        self.assertEqual([[dot == PAPER for dot in row[:8]] for row in turned], ring)

    def test_its_spokes_alternate(self):
        rows = star(40, PAPER)
        crossed = [rows[40 + y][60] for y in range(-10, 11)]
        changes = sum(a != b for a, b in pairwise(crossed))
        self.assertGreater(changes, 4)
        self.assertEqual(set(crossed), {BLACK, WHITE})


class PatchTests(SynchronousTestCase):
    def setUp(self):
        self.canvas = Canvas(80, 150)
        paint_patches(self.canvas, 5, 5)

    def test_lines_are_exactly_one_and_two_pixels_wide(self):
        self.assertEqual(self.canvas.read(Rect(5, 5, 6, 1)), bytes([BLACK, WHITE] * 3))
        self.assertEqual(self.canvas.read(Rect(41, 5, 8, 1)), bytes([BLACK, BLACK, WHITE, WHITE] * 2))
        self.assertEqual(self.canvas.read(Rect(5, 41, 1, 4)), bytes([BLACK, WHITE] * 2))
        self.assertEqual(self.canvas.read(Rect(41, 41, 1, 4)), bytes([BLACK, BLACK, WHITE, WHITE]))

    def test_the_chequers_alternate_both_ways(self):
        self.assertEqual(self.canvas.read(Rect(5, 77, 2, 2)), bytes([BLACK, WHITE, WHITE, BLACK]))


class BarTests(SynchronousTestCase):
    def setUp(self):
        self.canvas = Canvas(500, 160)
        paint_bars(self.canvas, Rect(10, 6, 480, 148))

    def test_the_bars_go_from_white_to_black(self):
        names = ("white", "yellow", "cyan", "green", "magenta", "red", "blue", "black")
        line = self.canvas.read(Rect(10, 6, 480, 1))
        self.assertEqual(line, b"".join(bytes([index_of(name)]) * 60 for name in names))

    def test_each_step_of_a_ramp_is_there_once(self):
        line = self.canvas.read(Rect(10, 153, 480, 1))
        self.assertEqual(list(dict.fromkeys(line)), list(ramp("blue")))

    def test_nothing_leaves_the_area(self):
        for rect in self.canvas.bounds.without(Rect(10, 6, 480, 148)):
            self.assertEqual(set(self.canvas.read(rect)), {0})
