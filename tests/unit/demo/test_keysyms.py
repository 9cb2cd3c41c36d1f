from twisted.trial.unittest import SynchronousTestCase

from xvpproxy.demo.keysyms import MODIFIERS, character_of, name_of


class KeysymTests(SynchronousTestCase):
    def test_characters_stand_for_themselves(self):
        for char in map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]):
            self.assertEqual(character_of(ord(char)), char)

    def test_characters_beyond_latin_1_are_unicode_keysyms(self):
        self.assertEqual(character_of(0x010020AC), "\u20ac")
        self.assertEqual(character_of(0x0101F600), "\U0001f600")

    def test_what_is_no_character_types_none(self):
        for keysym in (0, 0x1F, 0x7F, 0xFF0D, 0xFFE1, 0x0100D800, 0x01110000, 0xFFFFFFFF):
            self.assertIsNone(character_of(keysym), hex(keysym))

    def test_the_keypad_types_its_digits_and_signs(self):
        self.assertEqual("".join(character_of(keysym) for keysym in range(0xFFAA, 0xFFBA)), "*+,-./0123456789")
        self.assertEqual((character_of(0xFFBD), name_of(0xFFB7), name_of(0xFF80)), ("=", "KP_7", "KP_Space"))

    def test_keys_are_named_and_unknown_ones_numbered(self):
        names = {0xFF1B: "Esc", 0xFFBE: "F1", 0xFFC9: "F12", 0xFFD5: "F24", 0xFF51: "Left", 0xFFFF: "Delete"}
        names |= {
            0xFFE4: "Ctrl",
            0x20: "Space",
            0x41: "A",
            0xE4: "U+00E4",
            0x12345: "0x12345",
            0xFFFFFFFF: "0xFFFFFFFF",
        }
        for keysym, name in names.items():
            self.assertEqual(name_of(keysym), name)

    def test_no_modifier_types(self):
        self.assertEqual({character_of(keysym) for keysym in MODIFIERS}, {None})
