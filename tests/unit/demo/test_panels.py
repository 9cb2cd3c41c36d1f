from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.canvas import Canvas
from xvpproxy.demo.palette import index_of
from xvpproxy.demo.panels import Echo, Label, Sketch
from xvpproxy.demo.region import Rect

WELL, TEXT, ACCENT = index_of("well"), index_of("text"), index_of("amber")


def used(canvas, rect):
    return set(canvas.read(rect))


class LabelTests(SynchronousTestCase):
    def setUp(self):
        self.canvas = Canvas(100, 20)
        self.label = Label(self.canvas, 4, 2, 8, scale=1, ink=1, paper=2)
        self.changes = []
        self.canvas.watchers.append(self.changes.append)

    def test_only_the_characters_that_differ_are_repainted(self):
        self.label.show("12:34:56")
        self.changes.clear()
        self.label.show("12:34:57")
        self.assertEqual(self.changes, [Rect(4 + 7 * 6, 2, 6, 10)])
        self.label.show("12:34:57")
        self.assertEqual(len(self.changes), 1)

    def test_a_shorter_text_leaves_nothing_behind_and_a_longer_is_cut(self):
        self.label.show("##")
        self.label.show("")
        self.assertEqual(used(self.canvas, Rect(4, 2, 12, 10)), {2})
        self.label.show("x" * 50)
        self.assertEqual(used(self.canvas, Rect(4 + 8 * 6, 0, 40, 20)), {0})


class EchoTests(SynchronousTestCase):
    def setUp(self):
        self.canvas = Canvas(200, 100)
        self.area = Rect(10, 10, 60, 60)
        self.canvas.fill(self.area, WELL)
        self.echo = Echo(self.canvas, self.area, accent=ACCENT)

    def test_the_area_is_counted_in_characters(self):
        self.assertEqual((self.echo.columns, self.echo.rows), (5, 3))

    def test_text_wraps_at_the_edge_and_scrolls_at_the_bottom(self):
        self.echo.write("abcdefghijklmnopqr")
        self.assertEqual(self.echo.text, "fghij\nklmno\npqr")

    def test_after_scrolling_the_picture_is_that_of_the_text_typed_afresh(self):
        self.echo.write("1234567890abcdefg")
        fresh = Canvas(200, 100)
        fresh.fill(self.area, WELL)
        Echo(fresh, self.area, accent=ACCENT).write("67890abcdefg")
        self.assertEqual(self.canvas.read(self.area), fresh.read(self.area))

    def test_erasing_everything_restores_the_empty_area(self):
        before = self.canvas.read(self.canvas.bounds)
        self.echo.write("abcdefg")
        self.echo.enter()
        for _ in range(20):
            self.echo.erase()
        self.assertEqual(self.echo.text, "")
        self.assertEqual(self.canvas.read(self.canvas.bounds), before)

    def test_enter_begins_a_line_and_tab_goes_to_the_next_fourth_column(self):
        self.echo.write("a")
        self.echo.tab()
        self.echo.write("b")
        self.echo.enter()
        self.assertEqual(self.echo.text, "a   b\n")

    def test_names_of_keys_have_the_accent_and_text_does_not(self):
        cell = Rect(10, 10, 12, 20)
        self.echo.write("A")
        self.assertEqual(used(self.canvas, cell), {WELL, TEXT})
        self.echo.erase()
        self.echo.write("A", as_key=True)
        self.assertEqual(used(self.canvas, cell), {WELL, ACCENT})

    def test_nothing_is_painted_outside_the_area(self):
        self.echo.write("W" * 100)
        outside = self.area.cover(self.canvas.bounds).without(self.area)
        self.assertEqual({value for rect in outside for value in used(self.canvas, rect)}, {0})


class SketchTests(SynchronousTestCase):
    def setUp(self):
        self.canvas = Canvas(200, 100)
        self.area = Rect(20, 20, 100, 60)
        self.canvas.fill(self.area, WELL)
        self.sketch = Sketch(self.canvas, self.area)

    def test_each_button_has_its_colour(self):
        for buttons, colour in ((1, "amber"), (2, "sky"), (8, "leaf"), (16, "rose")):
            self.sketch.draw((50, 50), (50, 50), buttons)
            self.assertEqual(self.canvas.read(Rect(50, 50, 1, 1)), bytes([index_of(colour)]))

    def test_a_fast_stroke_has_no_holes(self):
        self.sketch.draw((30, 30), (110, 75), 1)
        for step in range(81):
            point = Rect(30 + step, 30 + step * 45 // 80, 1, 1)
            self.assertEqual(self.canvas.read(point), bytes([ACCENT]), point)

    def test_the_right_button_wipes(self):
        self.sketch.draw((30, 30), (110, 75), 1)
        self.sketch.draw((30, 30), (30, 30), 4)
        self.assertEqual(used(self.canvas, self.area), {WELL})

    def test_strokes_stay_inside(self):
        self.sketch.draw((0, 0), (65535, 65535), 1)
        self.sketch.draw((199, 0), (0, 99), 1)
        outside = self.canvas.bounds.without(self.area)
        self.assertEqual({value for rect in outside for value in used(self.canvas, rect)}, {0})
