package org.xvpproxy.viewer.ui.keys;

import java.util.LinkedHashSet;
import java.util.Set;

/** Modifiers held down for the user until switched off again. */
public final class StickyModifiers {
    private final KeySink sink;
    private final Set<Integer> down = new LinkedHashSet<>();

    /** Sends presses and releases to {@code sink}. */
    public StickyModifiers(KeySink sink) {
        this.sink = sink;
    }

    /** Presses or releases a modifier; saying the same twice changes nothing. */
    public void hold(int keysym, boolean on) {
        if (on ? down.add(keysym) : down.remove(keysym)) {
            sink.key(keysym, XtCodes.ofKeysym(keysym), on);
        }
    }

    /** Whether a modifier is held. */
    public boolean holds(int keysym) {
        return down.contains(keysym);
    }

    /** Releases all of them. */
    public void releaseAll() {
        for (Integer keysym : Set.copyOf(down)) {
            hold(keysym, false);
        }
    }
}
