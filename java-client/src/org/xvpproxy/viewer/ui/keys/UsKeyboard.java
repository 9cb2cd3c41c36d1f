package org.xvpproxy.viewer.ui.keys;

/** The characters of a US keyboard, which is what firmware, boot loaders and most virtual machines expect. */
final class UsKeyboard {
    private static final String PLAIN = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./ ";
    private static final String SHIFTED = "!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"~|ZXCVBNM<>?";
    private static final int[] CODES = new int[PLAIN.length()];

    static {
        int code = 0x02;
        for (int i = 0; i < CODES.length; i++) {
            switch (PLAIN.charAt(i)) {
                case 'q' -> code = 0x10;
                case 'a' -> code = 0x1e;
                case '\\' -> code = 0x2b;
                case ' ' -> code = 0x39;
                default -> { }
            }
            CODES[i] = code++;
        }
    }

    private UsKeyboard() {
    }

    /** Returns the XT code of the key that bears a character, with or without Shift; 0 if none does. */
    static int code(int character) {
        int place = Math.max(PLAIN.indexOf(character), SHIFTED.indexOf(character));
        return place < 0 ? 0 : CODES[place];
    }

    /** Whether a character needs Shift. */
    static boolean shifted(int character) {
        return SHIFTED.indexOf(character) >= 0;
    }
}
