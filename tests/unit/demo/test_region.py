from random import Random

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.region import MAX_RECTS, Rect, Region

ALL = Rect(0, 0, 40, 40)


def points(rects):
    return {(x, y) for r in rects for x in range(r.x, r.x + r.w) for y in range(r.y, r.y + r.h)}


class RectTests(SynchronousTestCase):
    def test_rectangles_that_do_not_touch_meet_in_nothing(self):
        self.assertTrue(Rect(0, 0, 5, 5).meet(Rect(5, 0, 5, 5)).empty)

    def test_a_hole_leaves_exactly_the_rest(self):
        for hole in (Rect(3, 3, 2, 2), Rect(0, 0, 10, 2), Rect(8, 8, 9, 9), Rect(0, 0, 10, 10), Rect(20, 20, 1, 1)):
            rect = Rect(1, 1, 9, 9)
            rest = rect.without(hole)
            self.assertEqual(points(rest), points([rect]) - points([hole]))
            self.assertEqual(sum(r.w * r.h for r in rest), len(points(rest)))


class RegionTests(SynchronousTestCase):
    def test_it_gives_back_what_was_added_once(self):
        region = Region()
        region.add(Rect(1, 2, 3, 4))
        region.add(Rect(2, 3, 1, 1))
        self.assertEqual(region.take(ALL), [Rect(1, 2, 3, 4)])
        self.assertEqual(region.take(ALL), [])

    def test_an_empty_rectangle_is_nothing(self):
        region = Region()
        region.add(Rect(1, 2, 0, 4))
        self.assertEqual(region.take(ALL), [])

    def test_what_lies_outside_the_window_waits(self):
        region = Region()
        region.add(Rect(0, 0, 20, 10))
        self.assertEqual(region.take(Rect(0, 0, 5, 5)), [Rect(0, 0, 5, 5)])
        self.assertEqual(points(region.take(ALL)), points([Rect(0, 0, 20, 10)]) - points([Rect(0, 0, 5, 5)]))

    def test_it_never_loses_a_point_and_never_holds_more_than_its_limit(self):
        random = Random(7)
        region, added = Region(), set()
        for _ in range(300):
            rect = Rect(random.randrange(36), random.randrange(36), random.randrange(1, 4), random.randrange(1, 4))
            region.add(rect)
            added |= points([rect])
            self.assertLessEqual(len(region._rects), MAX_RECTS)
            if random.random() < 0.05:
                window = Rect(random.randrange(30), random.randrange(30), 10, 10)
                added -= points(region.take(window)) & points([window])
        self.assertLessEqual(added, points(region.take(ALL)))
