package org.xvpproxy.viewer.net;

import java.io.IOException;

/** The gateway answered CONNECT with something else than 200. */
public final class TunnelRefused extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String reason;
    private final String body;
    private final String requestId;

    public TunnelRefused(int status, String reason, String body, String requestId) {
        super(status + " " + reason);
        this.status = status;
        this.reason = reason;
        this.body = body;
        this.requestId = requestId;
    }

    public int status() {
        return status;
    }

    public String reason() {
        return reason;
    }

    /** The reply's text, at most a few lines; may be empty. */
    public String body() {
        return body;
    }

    /** The gateway's X-Request-Id, to be told to the operator; may be empty. */
    public String requestId() {
        return requestId;
    }

    /** What happened, for the user. */
    public String sentence() {
        return reason;
    }

    /** What to do now, for the user. */
    public String advice() {
        return "";
    }

    /** Whether connecting again with the same access URL may succeed. */
    public boolean retryMayHelp() {
        return status >= 500 || status == 429;
    }
}
