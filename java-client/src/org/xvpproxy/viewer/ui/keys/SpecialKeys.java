package org.xvpproxy.viewer.ui.keys;

import static java.awt.event.KeyEvent.KEY_LOCATION_NUMPAD;
import static java.awt.event.KeyEvent.KEY_LOCATION_RIGHT;

import java.awt.event.KeyEvent;
import java.util.HashMap;
import java.util.Map;

/** Keysyms of the keys whose meaning does not depend on the keyboard layout: AWT virtual key and location to keysym. */
final class SpecialKeys {
    private static final Map<Integer, Integer> ANYWHERE = new HashMap<>();
    private static final Map<Integer, Integer> RIGHT = new HashMap<>();
    private static final Map<Integer, Integer> NUMPAD = new HashMap<>();

    static {
        editing();
        modifiersAndLocks();
        function();
        numpad();
    }

    private SpecialKeys() {
    }

    /** Returns the keysym of a key, or 0 if the key makes a character. */
    static int keysym(int virtualKey, int location) {
        if (location == KEY_LOCATION_NUMPAD && NUMPAD.containsKey(virtualKey)) {
            return NUMPAD.get(virtualKey);
        }
        if (location == KEY_LOCATION_RIGHT && RIGHT.containsKey(virtualKey)) {
            return RIGHT.get(virtualKey);
        }
        return ANYWHERE.getOrDefault(virtualKey, 0);
    }

    private static void editing() {
        ANYWHERE.put(KeyEvent.VK_BACK_SPACE, Keysym.BACKSPACE);
        ANYWHERE.put(KeyEvent.VK_TAB, Keysym.TAB);
        ANYWHERE.put(KeyEvent.VK_ENTER, Keysym.RETURN);
        ANYWHERE.put(KeyEvent.VK_ESCAPE, Keysym.ESCAPE);
        ANYWHERE.put(KeyEvent.VK_DELETE, Keysym.DELETE);
        ANYWHERE.put(KeyEvent.VK_INSERT, Keysym.INSERT);
        ANYWHERE.put(KeyEvent.VK_HOME, 0xff50);
        ANYWHERE.put(KeyEvent.VK_LEFT, 0xff51);
        ANYWHERE.put(KeyEvent.VK_UP, 0xff52);
        ANYWHERE.put(KeyEvent.VK_RIGHT, 0xff53);
        ANYWHERE.put(KeyEvent.VK_DOWN, 0xff54);
        ANYWHERE.put(KeyEvent.VK_PAGE_UP, 0xff55);
        ANYWHERE.put(KeyEvent.VK_PAGE_DOWN, 0xff56);
        ANYWHERE.put(KeyEvent.VK_END, 0xff57);
        ANYWHERE.put(KeyEvent.VK_CLEAR, 0xff0b);
        ANYWHERE.put(KeyEvent.VK_CANCEL, Keysym.BREAK);
        ANYWHERE.put(KeyEvent.VK_HELP, 0xff6a);
        ANYWHERE.put(KeyEvent.VK_UNDO, 0xff65);
        ANYWHERE.put(KeyEvent.VK_AGAIN, 0xff66);
        ANYWHERE.put(KeyEvent.VK_FIND, 0xff68);
        ANYWHERE.put(KeyEvent.VK_STOP, 0xff69);
    }

    private static void modifiersAndLocks() {
        ANYWHERE.put(KeyEvent.VK_SHIFT, Keysym.SHIFT_L);
        ANYWHERE.put(KeyEvent.VK_CONTROL, Keysym.CONTROL_L);
        ANYWHERE.put(KeyEvent.VK_ALT, Keysym.ALT_L);
        ANYWHERE.put(KeyEvent.VK_META, Keysym.SUPER_L);
        ANYWHERE.put(KeyEvent.VK_WINDOWS, Keysym.SUPER_L);
        ANYWHERE.put(KeyEvent.VK_ALT_GRAPH, Keysym.ISO_LEVEL3_SHIFT);
        ANYWHERE.put(KeyEvent.VK_CONTEXT_MENU, Keysym.MENU);
        ANYWHERE.put(KeyEvent.VK_COMPOSE, 0xff20);
        ANYWHERE.put(KeyEvent.VK_CAPS_LOCK, Keysym.CAPS_LOCK);
        ANYWHERE.put(KeyEvent.VK_NUM_LOCK, Keysym.NUM_LOCK);
        ANYWHERE.put(KeyEvent.VK_SCROLL_LOCK, Keysym.SCROLL_LOCK);
        ANYWHERE.put(KeyEvent.VK_CONVERT, 0xff23);
        ANYWHERE.put(KeyEvent.VK_NONCONVERT, 0xff22);
        RIGHT.put(KeyEvent.VK_SHIFT, Keysym.SHIFT_R);
        RIGHT.put(KeyEvent.VK_CONTROL, Keysym.CONTROL_R);
        RIGHT.put(KeyEvent.VK_ALT, Keysym.ALT_R);
        RIGHT.put(KeyEvent.VK_META, Keysym.SUPER_R);
        RIGHT.put(KeyEvent.VK_WINDOWS, Keysym.SUPER_R);
    }

    private static void function() {
        ANYWHERE.put(KeyEvent.VK_PRINTSCREEN, Keysym.PRINT);
        ANYWHERE.put(KeyEvent.VK_PAUSE, Keysym.PAUSE);
        for (int n = 1; n <= 12; n++) {
            ANYWHERE.put(KeyEvent.VK_F1 + n - 1, Keysym.function(n));
            ANYWHERE.put(KeyEvent.VK_F13 + n - 1, Keysym.function(n + 12));
        }
    }

    private static void numpad() {
        for (int digit = 0; digit <= 9; digit++) {
            ANYWHERE.put(KeyEvent.VK_NUMPAD0 + digit, 0xffb0 + digit);
        }
        ANYWHERE.put(KeyEvent.VK_MULTIPLY, 0xffaa);
        ANYWHERE.put(KeyEvent.VK_ADD, 0xffab);
        ANYWHERE.put(KeyEvent.VK_SEPARATOR, 0xffac);
        ANYWHERE.put(KeyEvent.VK_SUBTRACT, 0xffad);
        ANYWHERE.put(KeyEvent.VK_DECIMAL, 0xffae);
        ANYWHERE.put(KeyEvent.VK_DIVIDE, 0xffaf);
        ANYWHERE.put(KeyEvent.VK_KP_LEFT, 0xff96);
        ANYWHERE.put(KeyEvent.VK_KP_UP, 0xff97);
        ANYWHERE.put(KeyEvent.VK_KP_RIGHT, 0xff98);
        ANYWHERE.put(KeyEvent.VK_KP_DOWN, 0xff99);
        ANYWHERE.put(KeyEvent.VK_BEGIN, 0xff58);
        NUMPAD.put(KeyEvent.VK_ENTER, 0xff8d);
        NUMPAD.put(KeyEvent.VK_HOME, 0xff95);
        NUMPAD.put(KeyEvent.VK_LEFT, 0xff96);
        NUMPAD.put(KeyEvent.VK_UP, 0xff97);
        NUMPAD.put(KeyEvent.VK_RIGHT, 0xff98);
        NUMPAD.put(KeyEvent.VK_DOWN, 0xff99);
        NUMPAD.put(KeyEvent.VK_PAGE_UP, 0xff9a);
        NUMPAD.put(KeyEvent.VK_PAGE_DOWN, 0xff9b);
        NUMPAD.put(KeyEvent.VK_END, 0xff9c);
        NUMPAD.put(KeyEvent.VK_BEGIN, 0xff9d);
        NUMPAD.put(KeyEvent.VK_CLEAR, 0xff9d);
        NUMPAD.put(KeyEvent.VK_INSERT, 0xff9e);
        NUMPAD.put(KeyEvent.VK_DELETE, 0xff9f);
        NUMPAD.put(KeyEvent.VK_EQUALS, 0xffbd);
    }
}
