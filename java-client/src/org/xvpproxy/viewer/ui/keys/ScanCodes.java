package org.xvpproxy.viewer.ui.keys;

import java.awt.event.KeyEvent;

/** Finds out which physical key an event came from. */
@FunctionalInterface
public interface ScanCodes {
    /** Assumes a keyboard arranged like the US one. */
    ScanCodes US = event -> XtCodes.of(event.getKeyCode(), event.getKeyLocation());

    /** Returns the XT make code of the key, or 0 if unknown. */
    int of(KeyEvent event);
}
