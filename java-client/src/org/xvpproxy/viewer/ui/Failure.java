package org.xvpproxy.viewer.ui;

import org.xvpproxy.viewer.net.TunnelRefused;
import org.xvpproxy.viewer.rfb.AuthenticationFailed;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.SessionEnded;

/**
 * Why there is no console, in words for the user.
 *
 * @param headline a few words
 * @param sentence what happened
 * @param advice what to do now
 * @param details for the operator, may be empty
 * @param retryMayHelp whether trying again by itself makes sense
 * @param endedWell a session that simply came to its end
 */
public record Failure(String headline, String sentence, String advice, String details, boolean retryMayHelp,
        boolean endedWell) {

    /** Explains what a connection ended with. */
    public static Failure of(Throwable cause, String where) {
        if (cause instanceof TunnelRefused refused) {
            return refused(refused);
        }
        if (cause instanceof AuthenticationFailed failed) {
            String headline = failed.cancelled() ? "No password given" : "The password was not accepted";
            return new Failure(headline, sentence(cause), "Try again with the password of this console.", "", false, false);
        }
        if (cause instanceof SessionEnded) {
            return new Failure("The console is gone", sentence(cause),
                    "Reconnect, or get a new access URL if the old one has expired.", "", true, true);
        }
        if (cause instanceof RfbException) {
            return new Failure("This console cannot be shown", sentence(cause),
                    "Try again; if it happens again, tell the operator this sentence.", "", true, false);
        }
        if (cause instanceof OutOfMemoryError) {
            return new Failure("Out of memory", "This console needs more memory than the viewer has.",
                    "Start the viewer with more: java -Xmx1g -jar VncViewer.jar ...", "", false, false);
        }
        return new Failure("No connection to " + where, sentence(cause),
                "Check the address and your network, then try again.", "", true, false);
    }

    private static Failure refused(TunnelRefused refused) {
        String id = refused.requestId();
        return new Failure(refused.status() + " " + refused.reason(), refused.sentence(), refused.advice(),
                id == null || id.isBlank() ? "" : "Request " + id + ": the operator can find it in the log.",
                refused.retryMayHelp(), false);
    }

    private static String sentence(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.isBlank() ? "The viewer met an unexpected " + cause.getClass().getSimpleName() + "."
                : message;
    }

    /** One line for a terminal. */
    public String line() {
        return "VncViewer: " + headline + ": " + sentence + (advice.isBlank() ? "" : " " + advice);
    }
}
