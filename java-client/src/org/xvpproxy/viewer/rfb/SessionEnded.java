package org.xvpproxy.viewer.rfb;

import java.io.IOException;

/** The console went away; nobody broke the protocol. The message is one sentence for the user. */
public final class SessionEnded extends IOException {

    private static final long serialVersionUID = 1L;

    public SessionEnded(String sentence) {
        super(sentence);
    }
}
