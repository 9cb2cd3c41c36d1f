package org.xvpproxy.viewer.ui;

import org.xvpproxy.viewer.Options;

/** The window. */
public final class ViewerApp {

    private ViewerApp() {
    }

    /** Opens the window and returns; the program ends with System.exit(status) when it is closed. */
    public static void start(Options options) {
        throw new UnsupportedOperationException(options.toString());
    }
}
