package org.xvpproxy.viewer.ui.keys;

import java.awt.event.KeyEvent;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Turns AWT key events into RFB key events: what a key means is decided when it goes down, and the same is said when
 * it comes up, whatever the modifiers are by then. Not thread-safe: belongs to the event thread.
 */
public final class KeyMapper {
    private static final int FIRST_EXTENDED_CODE = 0x01000000;
    private static final int ALT_GR_MILLIS = 50;
    private static final int CONTROL_LEFT = id(KeyEvent.VK_CONTROL, KeyEvent.KEY_LOCATION_LEFT);

    private final Platform platform;
    private final ScanCodes scanCodes;
    private final KeySink sink;
    private final Map<Integer, Sent> held = new LinkedHashMap<>();
    private boolean composing;
    private boolean typedIsSent;
    private char highSurrogate;
    private long leftControlAt = Long.MIN_VALUE;

    private record Sent(int keysym, int xtCode) {
    }

    /** Takes the codes of pressed keys from {@code scanCodes} and sends to {@code sink}. */
    public KeyMapper(Platform platform, ScanCodes scanCodes, KeySink sink) {
        this.platform = platform;
        this.scanCodes = scanCodes;
        this.sink = sink;
    }

    /** Handles KEY_PRESSED. A key already down repeats: another press, no release. */
    public void pressed(KeyEvent event) {
        Sent before = held.get(id(event));
        if (before != null) {
            sink.key(before.keysym, before.xtCode, true);
            return;
        }
        int vk = event.getKeyCode();
        int keysym = SpecialKeys.keysym(vk, event.getKeyLocation());
        if (keysym != 0) {
            pressSpecial(event, keysym);
        } else if (isDead(vk)) {
            composing = true;
            typedIsSent = false;
        } else {
            pressCharacter(event);
        }
    }

    private void pressSpecial(KeyEvent event, int keysym) {
        int vk = event.getKeyCode();
        boolean modifier = isModifier(vk);
        if (!modifier) {
            composing = false;
            typedIsSent = true;
        }
        if (platform == Platform.WINDOWS && isWindowsAltGr(event)) {
            releaseId(CONTROL_LEFT);
            keysym = Keysym.ISO_LEVEL3_SHIFT;
        }
        if (vk == KeyEvent.VK_CONTROL && event.getKeyLocation() != KeyEvent.KEY_LOCATION_RIGHT) {
            leftControlAt = event.getWhen();
        }
        if (platform == Platform.MAC && keysym == Keysym.ALT_R) {
            keysym = Keysym.ISO_LEVEL3_SHIFT;
        }
        press(event, keysym);
    }

    private void pressCharacter(KeyEvent event) {
        // Whatever follows a dead key arrives as KEY_TYPED or as composed text, already combined.
        typedIsSent = !composing;
        if (composing) {
            return;
        }
        int keysym = characterKeysym(event);
        typedIsSent = keysym != 0;
        if (keysym != 0) {
            press(event, keysym);
        }
    }

    private int characterKeysym(KeyEvent event) {
        char c = event.getKeyChar();
        boolean character = c != KeyEvent.CHAR_UNDEFINED && !Character.isISOControl(c) && !Character.isSurrogate(c);
        if (platform == Platform.MAC && isHeld(Keysym.ALT_L)) {
            character = false; // the left Option key is Alt for the console, not a way to other characters
        }
        return character ? CharacterKeysyms.of(c) : plainKeysym(event);
    }

    /** The character the key makes without Ctrl: with it, AWT reports a control character or none. */
    private static int plainKeysym(KeyEvent event) {
        int code = event.getExtendedKeyCode() != 0 ? event.getExtendedKeyCode() : event.getKeyCode();
        if (code >= FIRST_EXTENDED_CODE) {
            return CharacterKeysyms.of(code - FIRST_EXTENDED_CODE);
        }
        if (code >= KeyEvent.VK_A && code <= KeyEvent.VK_Z) {
            return event.isShiftDown() ? code : code + 'a' - 'A';
        }
        return PlainKeys.character(code);
    }

    /** Handles KEY_TYPED: characters that no single key press made, such as dead keys and input methods give. */
    public void typed(KeyEvent event) {
        char c = event.getKeyChar();
        if (typedIsSent || Character.isISOControl(c) || c == KeyEvent.CHAR_UNDEFINED) {
            return;
        }
        composing = false;
        if (Character.isHighSurrogate(c)) {
            highSurrogate = c;
        } else if (Character.isLowSurrogate(c)) {
            tap(CharacterKeysyms.of(Character.toCodePoint(highSurrogate, c)));
        } else {
            tap(CharacterKeysyms.of(c));
        }
    }

    /** Handles text that an input method has committed. */
    public void composed(String text) {
        composing = false;
        text.codePoints().forEach(c -> tap(c == '\n' ? Keysym.RETURN : CharacterKeysyms.of(c)));
    }

    /** Handles KEY_RELEASED: says the keysym that was pressed. */
    public void released(KeyEvent event) {
        int id = id(event);
        if (held.containsKey(id)) {
            releaseId(id);
        } else if (event.getKeyCode() == KeyEvent.VK_PRINTSCREEN) {
            // Windows keeps the press of Print to itself.
            sink.key(Keysym.PRINT, XtCodes.ofKeysym(Keysym.PRINT), true);
            sink.key(Keysym.PRINT, XtCodes.ofKeysym(Keysym.PRINT), false);
        }
    }

    /** Releases every key still down, the last first: the window lost the keyboard and will see no more releases. */
    public void releaseAll() {
        Integer[] ids = held.keySet().toArray(new Integer[0]);
        for (int i = ids.length - 1; i >= 0; i--) {
            releaseId(ids[i]);
        }
        composing = false;
        typedIsSent = false;
    }

    /** Whether a key that sends this keysym is down. */
    public boolean isHeld(int keysym) {
        return held.values().stream().anyMatch(sent -> sent.keysym == keysym);
    }

    private void press(KeyEvent event, int keysym) {
        Sent sent = new Sent(keysym, scanCodes.of(event));
        held.put(id(event), sent);
        sink.key(sent.keysym, sent.xtCode, true);
    }

    private void releaseId(int id) {
        Sent sent = held.remove(id);
        if (sent != null) {
            sink.key(sent.keysym, sent.xtCode, false);
        }
    }

    private void tap(int keysym) {
        if (keysym != 0) {
            sink.key(keysym, 0, true);
            sink.key(keysym, 0, false);
        }
    }

    private boolean isWindowsAltGr(KeyEvent event) {
        boolean rightAlt = event.getKeyCode() == KeyEvent.VK_ALT_GRAPH
                || event.getKeyCode() == KeyEvent.VK_ALT && event.getKeyLocation() == KeyEvent.KEY_LOCATION_RIGHT;
        return rightAlt && held.containsKey(CONTROL_LEFT) && event.getWhen() - leftControlAt < ALT_GR_MILLIS;
    }

    private static boolean isModifier(int vk) {
        return vk == KeyEvent.VK_SHIFT || vk == KeyEvent.VK_CONTROL || vk == KeyEvent.VK_ALT || vk == KeyEvent.VK_META
                || vk == KeyEvent.VK_ALT_GRAPH || vk == KeyEvent.VK_WINDOWS || vk == KeyEvent.VK_CAPS_LOCK;
    }

    private static boolean isDead(int vk) {
        return vk >= KeyEvent.VK_DEAD_GRAVE && vk <= KeyEvent.VK_DEAD_SEMIVOICED_SOUND;
    }

    // Keys outside AWT's list have no virtual key; their extended code is stable under modifiers, their character is not.
    private static int id(KeyEvent event) {
        int vk = event.getKeyCode();
        if (vk == KeyEvent.VK_UNDEFINED) {
            vk = event.getExtendedKeyCode() != 0 ? event.getExtendedKeyCode() : event.getKeyChar();
        }
        return id(vk, event.getKeyLocation());
    }

    private static int id(int code, int location) {
        return code << 3 | location;
    }
}
