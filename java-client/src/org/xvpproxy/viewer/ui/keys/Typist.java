package org.xvpproxy.viewer.ui.keys;

import java.util.List;

/** Types a plan stroke by stroke; whoever owns the clock calls {@link #step} for each. */
public final class Typist {
    private final List<TypingPlan.Stroke> strokes;
    private final KeySink sink;
    private int next;

    /** @throws IllegalArgumentException if the plan has characters without a key */
    public Typist(TypingPlan plan, KeySink sink) {
        if (!plan.refused().isEmpty()) {
            throw new IllegalArgumentException("no key makes " + plan.refusedNames());
        }
        this.strokes = plan.strokes();
        this.sink = sink;
    }

    /** Types one character; returns whether there are more. */
    public boolean step() {
        if (next < strokes.size()) {
            strokes.get(next++).sendTo(sink);
        }
        return next < strokes.size();
    }

    /** Characters typed so far. */
    public int done() {
        return next;
    }

    /** Characters in all. */
    public int total() {
        return strokes.size();
    }
}
