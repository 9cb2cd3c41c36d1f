package org.xvpproxy.viewer.ui.keys;

/** Where key events go; in the running viewer, the connection to the console. */
public interface KeySink {
    /**
     * Takes one key event.
     *
     * @param keysym X11 keysym, never 0
     * @param xtCode XT set-1 make code, {@code 0x80 | code} for keys with prefix e0, 0 when unknown
     * @param down true for a press, false for a release
     */
    void key(int keysym, int xtCode, boolean down);
}
