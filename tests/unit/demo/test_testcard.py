import time

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.palette import ACCENTS
from xvpproxy.demo.region import Rect
from xvpproxy.demo.testcard import HEIGHT, WIDTH, Seat, TestCard

UUID = "0d5c8e6e-7d0a-4b0e-9c3f-5f2c1f0a7a11"
SHIFT, CTRL, ALT, BACKSPACE, ENTER = 0xFFE1, 0xFFE3, 0xFFE9, 0xFF08, 0xFF0D


def at(second):
    return time.gmtime(1_700_000_000 + second)


class CardTests(SynchronousTestCase):
    def setUp(self):
        self.card = TestCard("web", UUID, "amber")
        self.card.show_time(at(0))
        self.changes = []
        self.card.canvas.watchers.append(self.changes.append)

    def test_a_tick_touches_only_the_last_digits(self):
        self.card.show_time(at(1))
        self.assertEqual(len(self.changes), 1)
        self.assertLess(self.changes[0].w * self.changes[0].h, 2000)

    def test_the_edges_of_the_screen_are_drawn(self):
        for edge in (
            Rect(0, 0, WIDTH, 1),
            Rect(0, HEIGHT - 1, WIDTH, 1),
            Rect(0, 0, 1, HEIGHT),
            Rect(799, 0, 1, HEIGHT),
        ):
            self.assertEqual(set(self.card.canvas.read(edge)), {1})

    def test_names_of_any_length_and_alphabet_can_be_shown(self):
        for name in ("", "x", "y" * 500, "caf\u00e9 \u65e5\u672c", "a\nb"):
            card = TestCard(name, UUID * 3, "sky")
            self.assertEqual(len(card.canvas.read(card.canvas.bounds)), WIDTH * HEIGHT)

    def test_consoles_are_told_apart_by_their_accent(self):
        cards = [TestCard("web", UUID, accent) for accent in ACCENTS]
        self.assertEqual(len({card.canvas.read(card.canvas.bounds) for card in cards}), len(ACCENTS))


class SeatTests(SynchronousTestCase):
    def setUp(self):
        self.card = TestCard("web", UUID, "amber")
        self.seat = Seat(self.card)

    def press(self, *keysyms):
        for keysym in keysyms:
            self.seat.key(keysym, down=True)
            self.seat.key(keysym, down=False)

    def test_what_is_typed_is_echoed(self):
        self.seat.key(SHIFT, down=True)
        self.press(ord("H"))
        self.seat.key(SHIFT, down=False)
        self.press(ord("i"), ord("?"), BACKSPACE, ord("!"), ENTER, 0xFFB7)
        self.assertEqual(self.card.echo.text, "Hi!\n7")

    def test_a_held_key_repeats(self):
        for _ in range(3):
            self.seat.key(ord("a"), down=True)
        self.assertEqual(self.card.echo.text, "aaa")

    def test_other_keys_are_named_with_their_modifiers(self):
        self.press(0xFFBE, 0xE4, 0x12345)
        self.seat.key(ALT, down=True)
        self.seat.key(CTRL, down=True)
        self.press(0xFFFF)
        self.seat.key(CTRL, down=False)
        self.press(ord("x"))
        self.assertEqual(self.card.echo.text.replace("\n", ""), "[F1][U+00E4][0x12345][Ctrl+Alt+Delete][Alt+x]")

    def test_two_viewers_do_not_share_modifiers(self):
        self.seat.key(CTRL, down=True)
        Seat(self.card).key(ord("c"), down=True)
        self.assertEqual(self.card.echo.text, "c")

    def test_a_viewer_that_invents_keys_holds_no_memory(self):
        for keysym in range(100_000, 100_500):
            self.seat.key(keysym, down=True)
        self.assertEqual(self.seat._held, set())

    def test_a_stroke_begins_where_the_button_goes_down(self):
        before = self.card.canvas.read(Rect(420, 360, 10, 150))
        self.seat.pointer(0, 420, 400)
        self.seat.pointer(1, 500, 450)
        self.seat.pointer(1, 600, 500)
        self.seat.pointer(0, 600, 500)
        canvas = self.card.canvas
        self.assertEqual(canvas.read(Rect(420, 360, 10, 150)), before)
        self.assertEqual(canvas.read(Rect(550, 475, 1, 1)), canvas.read(Rect(500, 450, 1, 1)))

    def test_any_position_of_the_protocol_is_harmless(self):
        for buttons in (0, 1, 4, 255):
            self.seat.pointer(buttons, 65535, 65535)
            self.seat.pointer(buttons, 0, 0)
