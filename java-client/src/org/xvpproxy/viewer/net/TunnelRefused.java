package org.xvpproxy.viewer.net;

import java.io.IOException;

/** The gateway answered CONNECT with something else than 200. */
public final class TunnelRefused extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String reason;
    private final String body;
    private final String requestId;

    TunnelRefused(int status, String reason, String body, String requestId) {
        super("The gateway refused: " + status + (reason.isEmpty() ? "" : " " + reason));
        this.status = status;
        this.reason = reason;
        this.body = body;
        this.requestId = requestId;
    }

    public int status() {
        return status;
    }

    /** The status line's phrase; may be empty. */
    public String reason() {
        return reason;
    }

    /** The reply's text, at most 4 KiB; may be empty. */
    public String body() {
        return body;
    }

    /** The gateway's X-Request-Id, to be told to the operator; may be empty. */
    public String requestId() {
        return requestId;
    }

    /** What happened, for the user. */
    public String sentence() {
        return switch (status) {
            case 400 -> "The gateway does not understand this access URL.";
            case 401 -> "The access URL is not valid, or no longer: its token is unknown, used up or expired.";
            case 403 -> "The gateway does not let you in from here.";
            case 404 -> "There is no such instance, or it has no console.";
            case 405, 501 -> "What answers there is an ordinary web server, not a console gateway.";
            case 407 -> "The proxy wants a user name and password.";
            case 408 -> "The gateway gave up waiting for the request.";
            case 409 -> "The instance has no console at the moment.";
            case 429 -> "The gateway has too many connections from here.";
            case 431 -> "The access URL is too long for the gateway.";
            case 500 -> "The gateway met an error of its own.";
            case 502 -> "The gateway cannot reach the console.";
            case 503 -> "The gateway cannot check the access URL at the moment, or is shutting down.";
            case 504 -> "The console does not answer the gateway.";
            default -> "The gateway refused the connection" + (reason.isEmpty() ? "." : ": " + reason + ".");
        };
    }

    /** What to do now, for the user. */
    public String advice() {
        return switch (status) {
            case 400 -> "Copy the whole access URL, with everything behind the question mark.";
            case 401 -> "Ask for a new access URL and use it soon.";
            case 403 -> "Ask the operator which addresses may connect.";
            case 404 -> "Check that the instance still exists, then ask for a new access URL.";
            case 405, 501 -> "Check host and port of the access URL.";
            case 407 -> "Give them in --proxy http://USER:PASSWORD@HOST:PORT.";
            case 409 -> "Check that the instance is running and that no other viewer holds its console, then try again.";
            case 429 -> "Close other viewers or wait a minute, then try again.";
            case 408, 503 -> "Try again in a moment.";
            case 500, 502, 504 -> "Try again; if it stays so, tell the operator"
                    + (requestId.isEmpty() ? "." : " the request id " + requestId + ".");
            default -> "Tell the operator" + (requestId.isEmpty() ? "." : " the request id " + requestId + ".");
        };
    }

    /** Whether connecting again with the same access URL may succeed. */
    public boolean retryMayHelp() {
        return status >= 500 && status != 501 || status == 408 || status == 409 || status == 429;
    }
}
