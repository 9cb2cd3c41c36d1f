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
    private static final int NUMBERED = 0x40000000;

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
            typedIsSent = makesCharacter(event);
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
        if (!isModifier(vk)) {
            composing = false;
            typedIsSent = makesCharacter(event);
        }
        if (platform == Platform.WINDOWS && isWindowsAltGr(event)) {
            releaseKeysym(Keysym.CONTROL_L);
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
        typedIsSent = keysym != 0 && makesCharacter(event);
        if (keysym != 0) {
            press(event, keysym);
        }
    }

    private static boolean makesCharacter(KeyEvent event) {
        return event.getKeyChar() != KeyEvent.CHAR_UNDEFINED;
    }

    private int characterKeysym(KeyEvent event) {
        char c = event.getKeyChar();
        if (Character.isSurrogate(c)) {
            return 0; // half a character: KEY_TYPED brings both halves
        }
        boolean character = makesCharacter(event) && !Character.isISOControl(c);
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

    /**
     * Handles KEY_TYPED: what the press before it made is sent already; other characters come from dead keys and input
     * methods, which may keep all presses to themselves.
     */
    public void typed(KeyEvent event) {
        char c = event.getKeyChar();
        boolean sent = typedIsSent;
        typedIsSent = false;
        if (sent || Character.isISOControl(c) || !makesCharacter(event)) {
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
        } else if (event.getKeyCode() == KeyEvent.VK_UNDEFINED) {
            releaseUnnamed();
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

    /** Whether two events come from one and the same key. */
    boolean isSameKey(KeyEvent one, KeyEvent other) {
        return id(one) == id(other);
    }

    /** Whether a key that sends this keysym is down. */
    public boolean isHeld(int keysym) {
        return held.values().stream().anyMatch(sent -> sent.keysym == keysym);
    }

    // Programs that type (on-screen keyboards, xdotool) give a key another meaning before it is up again, so that its
    // release cannot be told from others; a key released too early does less harm than one that stays down.
    private void releaseUnnamed() {
        for (Integer id : held.keySet().toArray(new Integer[0])) {
            if ((id & NUMBERED) == 0 && id >> 3 >= FIRST_EXTENDED_CODE) {
                releaseId(id);
            }
        }
    }

    private void releaseKeysym(int keysym) {
        for (Integer id : held.keySet().toArray(new Integer[0])) {
            if (held.get(id).keysym == keysym) {
                releaseId(id);
            }
        }
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
        return rightAlt && isHeld(Keysym.CONTROL_L) && event.getWhen() - leftControlAt < ALT_GR_MILLIS;
    }

    private static boolean isModifier(int vk) {
        return vk == KeyEvent.VK_SHIFT || vk == KeyEvent.VK_CONTROL || vk == KeyEvent.VK_ALT || vk == KeyEvent.VK_META
                || vk == KeyEvent.VK_ALT_GRAPH || vk == KeyEvent.VK_WINDOWS || vk == KeyEvent.VK_CAPS_LOCK;
    }

    private static boolean isDead(int vk) {
        return vk >= KeyEvent.VK_DEAD_GRAVE && vk <= KeyEvent.VK_DEAD_SEMIVOICED_SOUND;
    }

    // Keys outside AWT's list have no virtual key; their extended code is stable under modifiers, their character is not.
    private int id(KeyEvent event) {
        int number = scanCodes.keyNumber(event);
        if (number != 0) {
            return NUMBERED | number;
        }
        int vk = event.getKeyCode();
        if (vk == KeyEvent.VK_UNDEFINED) {
            vk = event.getExtendedKeyCode() != 0 ? event.getExtendedKeyCode() : FIRST_EXTENDED_CODE + event.getKeyChar();
        }
        return vk << 3 | event.getKeyLocation();
    }
}
