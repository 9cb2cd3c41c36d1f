from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.canvas import Canvas
from xvpproxy.demo.region import Rect


class CanvasTests(SynchronousTestCase):
    def setUp(self):
        self.canvas = Canvas(20, 10)
        self.changes = []
        self.canvas.watchers.append(self.changes.append)

    def test_fill_paints_exactly_its_rectangle_and_reports_it(self):
        self.canvas.fill(Rect(2, 3, 4, 2), 7)
        self.assertEqual(self.canvas.read(Rect(1, 3, 6, 1)), bytes([0, 7, 7, 7, 7, 0]))
        self.assertEqual(self.canvas.read(self.canvas.bounds).count(7), 8)
        self.assertEqual(self.changes, [Rect(2, 3, 4, 2)])

    def test_fill_clips_to_the_screen(self):
        self.canvas.fill(Rect(-5, -5, 7, 7), 1)
        self.canvas.fill(Rect(18, 8, 99, 99), 2)
        self.canvas.fill(Rect(50, 0, 5, 5), 3)
        self.assertEqual(self.changes, [Rect(0, 0, 2, 2), Rect(18, 8, 2, 2)])
        self.assertEqual(len(self.canvas.read(self.canvas.bounds)), 200)

    def test_frame_paints_only_the_border(self):
        self.canvas.frame(Rect(0, 0, 5, 4), 1)
        self.assertEqual(self.canvas.read(Rect(0, 0, 5, 4)), bytes([1] * 5 + [1, 0, 0, 0, 1] * 2 + [1] * 5))

    def test_text_is_written_cell_by_cell_in_two_colours(self):
        self.canvas.text(1, 0, "|", scale=1, ink=5, paper=6)
        self.assertEqual(self.canvas.read(Rect(0, 0, 8, 1)), bytes([0, 6, 6, 5, 6, 6, 6, 0]))
        self.assertEqual(self.changes, [Rect(1, 0, 6, 10)])

    def test_text_stops_at_the_edge(self):
        self.canvas.text(1, 0, "||||||||", scale=1, ink=5, paper=6)
        self.assertEqual(len(self.changes), 3)
        self.assertEqual(len(self.canvas.read(self.canvas.bounds)), 200)

    def test_scroll_moves_the_content_up_and_fills_the_rest(self):
        for y in range(10):
            self.canvas.fill(Rect(5, y, 3, 1), y)
        self.canvas.scroll(Rect(5, 2, 3, 6), 2, 99)
        column = [self.canvas.read(Rect(5, y, 3, 1)) for y in range(10)]
        self.assertEqual(column, [bytes([value] * 3) for value in (0, 1, 4, 5, 6, 7, 99, 99, 8, 9)])
        self.assertEqual(self.changes[-1], Rect(5, 2, 3, 6))

    def test_whole_rows_read_like_parts_of_rows(self):
        self.canvas.fill(Rect(3, 3, 9, 3), 4)
        whole = self.canvas.read(Rect(0, 2, 20, 5))
        parts = b"".join(
            self.canvas.read(Rect(0, y, 10, 1)) + self.canvas.read(Rect(10, y, 10, 1)) for y in range(2, 7)
        )
        self.assertEqual(whole, parts)
