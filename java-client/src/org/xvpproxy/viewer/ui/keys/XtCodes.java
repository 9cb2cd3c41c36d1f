package org.xvpproxy.viewer.ui.keys;

import static java.awt.event.KeyEvent.KEY_LOCATION_NUMPAD;
import static java.awt.event.KeyEvent.KEY_LOCATION_RIGHT;

import java.awt.event.KeyEvent;
import java.util.HashMap;
import java.util.Map;

/** XT set-1 make codes: which key of a PC keyboard was meant. Letters and signs assume the US arrangement. */
public final class XtCodes {
    public static final int SHIFT_L = 0x2a;
    private static final Map<Integer, Integer> ANYWHERE = new HashMap<>();
    private static final Map<Integer, Integer> RIGHT = new HashMap<>();
    private static final Map<Integer, Integer> NUMPAD = new HashMap<>();
    private static final Map<Integer, Integer> BY_KEYSYM = new HashMap<>();

    static {
        row(0x02, KeyEvent.VK_1, KeyEvent.VK_2, KeyEvent.VK_3, KeyEvent.VK_4, KeyEvent.VK_5, KeyEvent.VK_6, KeyEvent.VK_7,
                KeyEvent.VK_8, KeyEvent.VK_9, KeyEvent.VK_0, KeyEvent.VK_MINUS, KeyEvent.VK_EQUALS);
        row(0x10, KeyEvent.VK_Q, KeyEvent.VK_W, KeyEvent.VK_E, KeyEvent.VK_R, KeyEvent.VK_T, KeyEvent.VK_Y, KeyEvent.VK_U,
                KeyEvent.VK_I, KeyEvent.VK_O, KeyEvent.VK_P, KeyEvent.VK_OPEN_BRACKET, KeyEvent.VK_CLOSE_BRACKET);
        row(0x1e, KeyEvent.VK_A, KeyEvent.VK_S, KeyEvent.VK_D, KeyEvent.VK_F, KeyEvent.VK_G, KeyEvent.VK_H, KeyEvent.VK_J,
                KeyEvent.VK_K, KeyEvent.VK_L, KeyEvent.VK_SEMICOLON, KeyEvent.VK_QUOTE, KeyEvent.VK_BACK_QUOTE);
        row(0x2b, KeyEvent.VK_BACK_SLASH, KeyEvent.VK_Z, KeyEvent.VK_X, KeyEvent.VK_C, KeyEvent.VK_V, KeyEvent.VK_B,
                KeyEvent.VK_N, KeyEvent.VK_M, KeyEvent.VK_COMMA, KeyEvent.VK_PERIOD, KeyEvent.VK_SLASH);
        ANYWHERE.put(KeyEvent.VK_SPACE, 0x39);
        ANYWHERE.put(KeyEvent.VK_LESS, 0x56);
        numpad();
        withKeysym();
    }

    private XtCodes() {
    }

    /** Returns the code of a key by AWT virtual key and location, or 0 if it is not known. */
    static int of(int virtualKey, int location) {
        if (location == KEY_LOCATION_NUMPAD && NUMPAD.containsKey(virtualKey)) {
            return NUMPAD.get(virtualKey);
        }
        if (location == KEY_LOCATION_RIGHT && RIGHT.containsKey(virtualKey)) {
            return RIGHT.get(virtualKey);
        }
        return ANYWHERE.getOrDefault(virtualKey, 0);
    }

    /** Returns the code of the key that makes a keysym on its own (Delete, F5, Control_L ...), or 0. */
    public static int ofKeysym(int keysym) {
        return BY_KEYSYM.getOrDefault(keysym, 0);
    }

    private static void row(int first, int... virtualKeys) {
        for (int i = 0; i < virtualKeys.length; i++) {
            ANYWHERE.put(virtualKeys[i], first + i);
        }
    }

    private static void key(int virtualKey, int keysym, int code) {
        ANYWHERE.put(virtualKey, code);
        BY_KEYSYM.put(keysym, code);
    }

    private static void right(int virtualKey, int keysym, int code) {
        RIGHT.put(virtualKey, code);
        BY_KEYSYM.put(keysym, code);
    }

    private static void numpad() {
        int[] digits = {0x52, 0x4f, 0x50, 0x51, 0x4b, 0x4c, 0x4d, 0x47, 0x48, 0x49};
        int[] unlocked = {KeyEvent.VK_INSERT, KeyEvent.VK_END, KeyEvent.VK_DOWN, KeyEvent.VK_PAGE_DOWN, KeyEvent.VK_LEFT,
            KeyEvent.VK_BEGIN, KeyEvent.VK_RIGHT, KeyEvent.VK_HOME, KeyEvent.VK_UP, KeyEvent.VK_PAGE_UP};
        for (int i = 0; i < digits.length; i++) {
            ANYWHERE.put(KeyEvent.VK_NUMPAD0 + i, digits[i]);
            NUMPAD.put(unlocked[i], digits[i]);
        }
        NUMPAD.put(KeyEvent.VK_CLEAR, 0x4c);
        NUMPAD.put(KeyEvent.VK_DELETE, 0x53);
        NUMPAD.put(KeyEvent.VK_ENTER, 0x9c);
        ANYWHERE.put(KeyEvent.VK_KP_DOWN, 0x50);
        ANYWHERE.put(KeyEvent.VK_KP_LEFT, 0x4b);
        ANYWHERE.put(KeyEvent.VK_KP_RIGHT, 0x4d);
        ANYWHERE.put(KeyEvent.VK_KP_UP, 0x48);
        ANYWHERE.put(KeyEvent.VK_DECIMAL, 0x53);
        ANYWHERE.put(KeyEvent.VK_SEPARATOR, 0x53);
        ANYWHERE.put(KeyEvent.VK_MULTIPLY, 0x37);
        ANYWHERE.put(KeyEvent.VK_SUBTRACT, 0x4a);
        ANYWHERE.put(KeyEvent.VK_ADD, 0x4e);
        ANYWHERE.put(KeyEvent.VK_DIVIDE, 0xb5);
    }

    private static void withKeysym() {
        key(KeyEvent.VK_ESCAPE, Keysym.ESCAPE, 0x01);
        key(KeyEvent.VK_BACK_SPACE, Keysym.BACKSPACE, 0x0e);
        key(KeyEvent.VK_TAB, Keysym.TAB, 0x0f);
        key(KeyEvent.VK_ENTER, Keysym.RETURN, 0x1c);
        key(KeyEvent.VK_CONTROL, Keysym.CONTROL_L, 0x1d);
        key(KeyEvent.VK_SHIFT, Keysym.SHIFT_L, SHIFT_L);
        key(KeyEvent.VK_ALT, Keysym.ALT_L, 0x38);
        key(KeyEvent.VK_CAPS_LOCK, Keysym.CAPS_LOCK, 0x3a);
        key(KeyEvent.VK_NUM_LOCK, Keysym.NUM_LOCK, 0x45);
        key(KeyEvent.VK_SCROLL_LOCK, Keysym.SCROLL_LOCK, 0x46);
        key(KeyEvent.VK_PRINTSCREEN, Keysym.PRINT, 0x54);
        key(KeyEvent.VK_PAUSE, Keysym.PAUSE, 0xc6);
        key(KeyEvent.VK_ALT_GRAPH, Keysym.ISO_LEVEL3_SHIFT, 0xb8);
        key(KeyEvent.VK_HOME, 0xff50, 0xc7);
        key(KeyEvent.VK_UP, 0xff52, 0xc8);
        key(KeyEvent.VK_PAGE_UP, 0xff55, 0xc9);
        key(KeyEvent.VK_LEFT, 0xff51, 0xcb);
        key(KeyEvent.VK_RIGHT, 0xff53, 0xcd);
        key(KeyEvent.VK_END, 0xff57, 0xcf);
        key(KeyEvent.VK_DOWN, 0xff54, 0xd0);
        key(KeyEvent.VK_PAGE_DOWN, 0xff56, 0xd1);
        key(KeyEvent.VK_INSERT, Keysym.INSERT, 0xd2);
        key(KeyEvent.VK_DELETE, Keysym.DELETE, 0xd3);
        key(KeyEvent.VK_META, Keysym.SUPER_L, 0xdb);
        key(KeyEvent.VK_WINDOWS, Keysym.SUPER_L, 0xdb);
        key(KeyEvent.VK_CONTEXT_MENU, Keysym.MENU, 0xdd);
        right(KeyEvent.VK_CONTROL, Keysym.CONTROL_R, 0x9d);
        right(KeyEvent.VK_SHIFT, Keysym.SHIFT_R, 0x36);
        right(KeyEvent.VK_ALT, Keysym.ALT_R, 0xb8);
        right(KeyEvent.VK_META, Keysym.SUPER_R, 0xdc);
        right(KeyEvent.VK_WINDOWS, Keysym.SUPER_R, 0xdc);
        for (int n = 1; n <= 10; n++) {
            key(KeyEvent.VK_F1 + n - 1, Keysym.function(n), 0x3a + n);
        }
        key(KeyEvent.VK_F11, Keysym.function(11), 0x57);
        key(KeyEvent.VK_F12, Keysym.function(12), 0x58);
        BY_KEYSYM.put(Keysym.SYS_REQ, 0x54);
    }
}
