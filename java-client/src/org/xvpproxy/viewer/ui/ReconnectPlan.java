package org.xvpproxy.viewer.ui;

import org.xvpproxy.viewer.net.Reconnect;

/** When to try again by itself: so many times, with growing pauses; a connection that worked starts it anew. */
final class ReconnectPlan {
    private final int attempts;
    private int used;

    /** Allows so many attempts in a row; 0 leaves it to the user. */
    ReconnectPlan(int attempts) {
        this.attempts = attempts;
    }

    /** Uses up one attempt and returns the seconds to wait before it, or -1 if none is left. */
    int nextPauseSeconds() {
        if (used >= attempts) {
            return -1;
        }
        used++;
        return Reconnect.pauseSeconds(used);
    }

    /** A connection worked. */
    void succeeded() {
        used = 0;
    }

    /** "attempt 2 of 5". */
    String describe() {
        return "attempt " + used + " of " + attempts;
    }
}
