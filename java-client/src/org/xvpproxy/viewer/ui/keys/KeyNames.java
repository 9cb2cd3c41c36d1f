package org.xvpproxy.viewer.ui.keys;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What people call keys. */
final class KeyNames {
    private static final Map<String, Integer> NAMES = new HashMap<>();

    static {
        name(Keysym.CONTROL_L, "ctrl", "control", "strg");
        name(Keysym.ALT_L, "alt");
        name(Keysym.ISO_LEVEL3_SHIFT, "altgr");
        name(Keysym.SHIFT_L, "shift");
        name(Keysym.SUPER_L, "super", "win", "windows");
        name(Keysym.META_L, "meta");
        name(Keysym.DELETE, "del", "delete");
        name(Keysym.BACKSPACE, "backspace");
        name(Keysym.ESCAPE, "esc", "escape");
        name(Keysym.TAB, "tab");
        name(Keysym.RETURN, "enter", "return");
        name(Keysym.INSERT, "ins", "insert");
        name(Keysym.PRINT, "print");
        name(Keysym.SYS_REQ, "sysrq");
        name(Keysym.PAUSE, "pause");
        name(Keysym.BREAK, "break");
        name(Keysym.MENU, "menu");
        name(' ', "space");
        name(0xff50, "home");
        name(0xff51, "left");
        name(0xff52, "up");
        name(0xff53, "right");
        name(0xff54, "down");
        name(0xff55, "pgup", "pageup");
        name(0xff56, "pgdn", "pagedown");
        name(0xff57, "end");
        for (int n = 1; n <= 24; n++) {
            name(Keysym.function(n), "f" + n);
        }
    }

    private KeyNames() {
    }

    private static void name(int keysym, String... names) {
        for (String name : names) {
            NAMES.put(name, keysym);
        }
    }

    /** Returns the keysym of a key by name or character, or 0. Single letters stand for the key, so case does not matter. */
    static int keysym(String name) {
        String plain = name.toLowerCase(Locale.ROOT);
        if (plain.codePointCount(0, plain.length()) == 1) {
            return CharacterKeysyms.of(plain.codePointAt(0));
        }
        return NAMES.getOrDefault(plain, 0);
    }
}
