package org.xvpproxy.viewer.ui.keys;

import java.util.Locale;

/** The windowing systems whose keyboards and mice AWT reports differently. */
public enum Platform {
    X11, WINDOWS, MAC;

    /** The one this program runs on. */
    public static Platform current() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            return WINDOWS;
        }
        return name.startsWith("mac") ? MAC : X11;
    }
}
