from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.palette import ACCENTS, PALETTE, index_of, ramp


class PaletteTests(SynchronousTestCase):
    def test_an_index_fits_into_a_byte(self):
        self.assertLessEqual(len(PALETTE), 256)

    def test_ramps_go_from_black_to_full(self):
        self.assertEqual([PALETTE[ramp("grey")[end]] for end in (0, -1)], [(0, 0, 0), (255, 255, 255)])
        self.assertEqual([PALETTE[ramp("blue")[end]] for end in (0, -1)], [(0, 0, 0), (0, 0, 255)])

    def test_names_and_ramps_do_not_share_an_index(self):
        steps = [index for name in ("grey", "red", "green", "blue") for index in ramp(name)]
        self.assertEqual(len(set(steps)), len(steps))
        self.assertEqual(steps[-1], len(PALETTE) - 1)
        self.assertTrue({index_of(name) for name in ACCENTS}.isdisjoint(steps))

    def test_a_name_leads_to_its_colour(self):
        self.assertEqual(PALETTE[index_of("white")], (255, 255, 255))
        self.assertEqual(PALETTE[index_of("blue")], (16, 16, 235))
