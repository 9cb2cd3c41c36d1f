package org.xvpproxy.viewer.ui.keys;

import java.awt.event.KeyEvent;
import java.lang.reflect.Field;

/**
 * Physical keys from the number the windowing system gave them, which AWT keeps in a private field (the jar's manifest
 * opens it). Without it, or when the numbers turn out to be others than a PC's, the US arrangement is assumed.
 */
public final class RawScanCodes implements ScanCodes {
    private static final int EVDEV_OFFSET = 8;
    private static final int LAST_PLAIN = 0x58;
    private static final int WINDOWS_EXTENDED = 0xe000;

    private final Platform platform;
    private final Field field;
    private boolean trusted;

    /** Looks for the field of this platform. */
    public RawScanCodes(Platform platform) {
        this.platform = platform;
        this.field = open(platform == Platform.WINDOWS ? "scancode" : "rawCode");
        this.trusted = field != null && platform != Platform.MAC;
    }

    private static Field open(String name) {
        try {
            Field found = KeyEvent.class.getDeclaredField(name);
            found.setAccessible(true);
            return found;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    @Override
    public int of(KeyEvent event) {
        int usual = ScanCodes.US.of(event);
        if (!trusted) {
            return usual;
        }
        int physical = physical(raw(event));
        if (SpecialKeys.keysym(event.getKeyCode(), event.getKeyLocation()) == 0 && event.getKeyCode() != KeyEvent.VK_SPACE) {
            return physical != 0 ? physical : usual;
        }
        if (event.getKeyCode() == KeyEvent.VK_ENTER || event.getKeyCode() == KeyEvent.VK_SPACE) {
            trusted = physical == usual;
        }
        return usual;
    }

    @Override
    public int keyNumber(KeyEvent event) {
        return field == null || platform != Platform.X11 ? 0 : (int) raw(event);
    }

    private long raw(KeyEvent event) {
        try {
            return field.getLong(event);
        } catch (IllegalAccessException e) {
            trusted = false;
            return 0;
        }
    }

    /** Only the keys that make characters matter here: they have plain codes, the same in evdev and set 1. */
    private int physical(long raw) {
        long code = platform == Platform.X11 ? raw - EVDEV_OFFSET : raw & ~WINDOWS_EXTENDED;
        boolean zenkaku = code == 0x54 || code == 0x55;
        return code > 1 && code <= LAST_PLAIN && !zenkaku ? (int) code : 0;
    }
}
