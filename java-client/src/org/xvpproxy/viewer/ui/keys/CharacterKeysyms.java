package org.xvpproxy.viewer.ui.keys;

import java.util.HashMap;
import java.util.Map;

/** The keysym of a character: Latin-1 by value, older scripts by their X11 page, all others by the Unicode rule. */
public final class CharacterKeysyms {
    private static final int UNICODE = 0x01000000;
    private static final Map<Integer, Integer> LEGACY = new HashMap<>();

    static {
        latin();
        cyrillicAndGreek();
        asian();
        signs();
    }

    private CharacterKeysyms() {
    }

    /**
     * Returns the keysym that stands for a character.
     *
     * @param codePoint a Unicode code point
     * @return the keysym, or 0 for control characters, surrogates and what is no character at all
     */
    public static int of(int codePoint) {
        if (codePoint >= 0x20 && codePoint < 0x7f || codePoint >= 0xa0 && codePoint <= 0xff) {
            return codePoint;
        }
        Integer legacy = LEGACY.get(codePoint);
        if (legacy != null) {
            return legacy;
        }
        return isCharacter(codePoint) ? UNICODE + codePoint : 0;
    }

    private static boolean isCharacter(int codePoint) {
        if (codePoint < 0xa0 || !Character.isValidCodePoint(codePoint)) {
            return false;
        }
        boolean noncharacter = (codePoint & 0xfffe) == 0xfffe || codePoint >= 0xfdd0 && codePoint <= 0xfdef;
        int type = Character.getType(codePoint);
        return !noncharacter && type != Character.CONTROL && type != Character.SURROGATE;
    }

    /** Registers consecutive keysyms from {@code first}; a plain space leaves its keysym out. */
    private static void page(int first, String characters) {
        for (int i = 0; i < characters.length(); i++) {
            char c = characters.charAt(i);
            if (c != ' ') {
                LEGACY.putIfAbsent((int) c, first + i);
            }
        }
    }

    private static void latin() {
        page(0x1a1, "Ą˘Ł ĽŚ  ŠŞŤŹ ŽŻ ą˛ł ľśˇ šşťź˝žżŔ");
        page(0x1c3, "Ă ĹĆ Č Ę Ě  ĎĐŃŇ  Ő  ŘŮ Ű  Ţ ŕ  ă ĺć č ę ě  ďđńň  ő  řů ű  ţ˙");
        page(0x2a1, "Ħ    Ĥ  İ ĞĴ    ħ    ĥ  ı ğĵ");
        page(0x2c5, "ĊĈ");
        page(0x2d5, "Ġ  Ĝ    ŬŜ");
        page(0x2e5, "ċĉ");
        page(0x2f5, "ġ  ĝ    ŭŝ");
        page(0x3a2, "ĸŖ ĨĻ   ĒĢŦ");
        page(0x3b3, "ŗ ĩļ   ēģŧŊ ŋĀ");
        page(0x3c7, "Į    Ė  Ī ŅŌĶ     Ų   ŨŪ ā");
        page(0x3e7, "į    ė  ī ņōķ     ų   ũū");
        page(0x13bc, "ŒœŸ");
    }

    private static void cyrillicAndGreek() {
        page(0x6a1, "ђѓёєѕіїјљњћќґўџ№ЂЃЁЄЅІЇЈЉЊЋЌҐЎЏ");
        page(0x6c0, "юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ");
        page(0x7a1, "ΆΈΉΊΪ ΌΎΫ Ώ  ΅―");
        page(0x7b1, "άέήίϊΐόύϋΰώ");
        page(0x7c1, "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣ ΤΥΦΧΨΩ");
        page(0x7e1, "αβγδεζηθικλμνξοπρσςτυφχψω");
    }

    private static void asian() {
        page(0x47e, "‾");
        page(0x4a1, "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜");
        page(0xcdf, "‗");
        page(0xce0, "אבגדהוזחטיךכלםמןנסעףפץצקרשת");
    }

    private static void signs() {
        page(0x20ac, "€");
        page(0x8bc, "≤≠≥∫∴");
        page(0x8c1, "∝∞");
        page(0x8cd, "⇔⇒≡");
        page(0x8d6, "√");
        page(0x8f6, "ƒ");
        page(0x8fb, "←↑→↓");
        page(0xaa9, "—–");
        page(0xaae, "…");
        page(0xac9, "™");
        page(0xad0, "‘’“”");
        page(0xaf1, "†‡");
        page(0xafd, "‚„");
    }
}
