package org.xvpproxy.viewer.rfb;

import java.io.IOException;

/** The console went away; nobody broke the protocol. The message is one sentence for the user. */
public final class SessionEnded extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean atMessageBorder;

    SessionEnded(String sentence, boolean atMessageBorder) {
        super(sentence);
        this.atMessageBorder = atMessageBorder;
    }

    /** Whether the last message was complete: the console left by itself rather than being torn away. */
    public boolean atMessageBorder() {
        return atMessageBorder;
    }
}
