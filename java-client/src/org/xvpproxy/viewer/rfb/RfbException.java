package org.xvpproxy.viewer.rfb;

import java.io.IOException;

/** The server broke the protocol or asks for what we cannot do. The message is one sentence for the user. */
public class RfbException extends IOException {

    private static final long serialVersionUID = 1L;

    public RfbException(String sentence) {
        super(sentence);
    }

    public RfbException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
