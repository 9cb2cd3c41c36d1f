package org.xvpproxy.viewer.ui.keys;

import java.awt.event.KeyEvent;

/** Finds out which physical key an event came from. */
@FunctionalInterface
public interface ScanCodes {
    /** Assumes a keyboard arranged like the US one. */
    ScanCodes US = event -> XtCodes.of(event.getKeyCode(), event.getKeyLocation());

    /** Returns the XT make code of the key, or 0 if unknown. */
    int of(KeyEvent event);

    /**
     * Returns a number that a key keeps from its press to its release, or 0 if there is none: on X11 even the virtual key
     * can change in between, with the modifiers.
     */
    default int keyNumber(KeyEvent event) {
        return 0;
    }
}
