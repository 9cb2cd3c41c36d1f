package org.xvpproxy.viewer.ui.keys;

import java.awt.event.KeyEvent;
import java.util.HashMap;
import java.util.Map;

/** The character on keys whose AWT virtual key is named after it, for presses that report no character. */
final class PlainKeys {
    private static final Map<Integer, Character> NAMED = new HashMap<>();

    static {
        NAMED.put(KeyEvent.VK_BACK_QUOTE, '`');
        NAMED.put(KeyEvent.VK_QUOTE, '\'');
        NAMED.put(KeyEvent.VK_AMPERSAND, '&');
        NAMED.put(KeyEvent.VK_ASTERISK, '*');
        NAMED.put(KeyEvent.VK_QUOTEDBL, '"');
        NAMED.put(KeyEvent.VK_LESS, '<');
        NAMED.put(KeyEvent.VK_GREATER, '>');
        NAMED.put(KeyEvent.VK_BRACELEFT, '{');
        NAMED.put(KeyEvent.VK_BRACERIGHT, '}');
        NAMED.put(KeyEvent.VK_AT, '@');
        NAMED.put(KeyEvent.VK_COLON, ':');
        NAMED.put(KeyEvent.VK_CIRCUMFLEX, '^');
        NAMED.put(KeyEvent.VK_DOLLAR, '$');
        NAMED.put(KeyEvent.VK_EXCLAMATION_MARK, '!');
        NAMED.put(KeyEvent.VK_LEFT_PARENTHESIS, '(');
        NAMED.put(KeyEvent.VK_RIGHT_PARENTHESIS, ')');
        NAMED.put(KeyEvent.VK_NUMBER_SIGN, '#');
        NAMED.put(KeyEvent.VK_PLUS, '+');
        NAMED.put(KeyEvent.VK_UNDERSCORE, '_');
        NAMED.put(KeyEvent.VK_EURO_SIGN, '\u20ac');
    }

    private PlainKeys() {
    }

    /** Returns the keysym of the key's own character, or 0. */
    static int character(int virtualKey) {
        // The virtual keys of these are their ASCII codes.
        if (virtualKey >= ' ' && virtualKey <= ']' && " 0123456789,-./;=[\\]".indexOf(virtualKey) >= 0) {
            return virtualKey;
        }
        Character named = NAMED.get(virtualKey);
        return named == null ? 0 : CharacterKeysyms.of(named);
    }
}
