package org.xvpproxy.viewer.ui.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharacterKeysymsTest {

    @Test
    void latin1IsItsOwnKeysym() {
        for (int c = 0x20; c <= 0xff; c++) {
            boolean control = c >= 0x7f && c < 0xa0;
            assertEquals(control ? 0 : c, CharacterKeysyms.of(c), Integer.toHexString(c));
        }
    }

    @ParameterizedTest
    @CsvSource({"€, 20ac", "ł, 1b3", "Š, 1a9", "ğ, 2bb", "Ŋ, 3bd", "œ, 13bd", "ж, 6d6", "Я, 6f1", "Ё, 6b3", "ω, 7f9", "Σ, 7d2",
        "ς, 7f3", "ア, 4b1", "ש, cf9", "“, ad2", "–, aaa", "←, 8fb"})
    void olderScriptsHaveTheirOwnKeysyms(String character, String hex) {
        assertEquals(Integer.parseInt(hex, 16), CharacterKeysyms.of(character.codePointAt(0)));
    }

    @ParameterizedTest
    @CsvSource({"ẞ, 1001e9e", "漢, 1006f22", "😀, 101f600", "ə, 1000259"})
    void allOthersFollowTheUnicodeRule(String character, String hex) {
        assertEquals(Integer.parseInt(hex, 16), CharacterKeysyms.of(character.codePointAt(0)));
    }

    @ParameterizedTest
    @CsvSource({"0", "7", "1b", "7f", "85", "d800", "dfff", "fffe", "ffff", "1ffff", "fdd0", "110000", "-1"})
    void whatIsNoCharacterHasNone(String hex) {
        assertEquals(0, CharacterKeysyms.of(Integer.parseInt(hex, 16)));
    }

    @Test
    void noTwoCharactersShareAKeysym() {
        java.util.Map<Integer, Integer> seen = new java.util.HashMap<>();
        for (int c = 0x20; c < 0x10000; c++) {
            int keysym = CharacterKeysyms.of(c);
            if (keysym != 0) {
                Integer other = seen.put(keysym, c);
                assertEquals(null, other, "U+" + Integer.toHexString(c));
            }
        }
        assertNotEquals(0, seen.size());
    }
}
