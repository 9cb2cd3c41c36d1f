package org.xvpproxy.viewer.ui.keys;

/** Keeps Caps Lock, Num Lock and Scroll Lock of the console as they are here. Bits as in RFB: 0 scroll, 1 num, 2 caps. */
public final class LockKeys {
    public static final int SCROLL = 1;
    public static final int NUM = 2;
    public static final int CAPS = 4;

    private final KeySink sink;
    private int remote = -1;

    /** Sends taps of lock keys to {@code sink}. */
    public LockKeys(KeySink sink) {
        this.sink = sink;
    }

    /** Learns the lights of the remote keyboard; returns whether nothing was known about them before. */
    public boolean remoteLeds(int bits) {
        boolean first = remote < 0;
        remote = bits;
        return first;
    }

    /** Another console: nothing is known about its keyboard yet. */
    public void forget() {
        remote = -1;
    }

    /**
     * Taps every lock key whose remote light differs, once; the console's own answer tells whether it helped.
     *
     * @param local the locks set here
     * @param known which bits of {@code local} mean anything; not every system can tell
     */
    public void matchTo(int local, int known) {
        if (remote < 0) {
            return;
        }
        int differing = (remote ^ local) & known;
        tapIf(differing & CAPS, Keysym.CAPS_LOCK);
        tapIf(differing & NUM, Keysym.NUM_LOCK);
        tapIf(differing & SCROLL, Keysym.SCROLL_LOCK);
        remote ^= differing;
    }

    private void tapIf(int bit, int keysym) {
        if (bit != 0) {
            sink.key(keysym, XtCodes.ofKeysym(keysym), true);
            sink.key(keysym, XtCodes.ofKeysym(keysym), false);
        }
    }
}
