package org.xvpproxy.viewer.ui;

/** When to try again by itself: so many times, with growing pauses; a connection that worked starts it anew. */
final class ReconnectPlan {
    private static final int LONGEST_SECONDS = 30;

    private final int attempts;
    private int used;

    /** Allows so many attempts in a row; 0 leaves it to the user. */
    ReconnectPlan(int attempts) {
        this.attempts = attempts;
    }

    /** Uses up one attempt and returns the seconds to wait before it (1, 2, 4 ... 30), or -1 if none is left. */
    int nextPauseSeconds() {
        if (used >= attempts) {
            return -1;
        }
        int pause = used >= 5 ? LONGEST_SECONDS : 1 << used;
        used++;
        return pause;
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
