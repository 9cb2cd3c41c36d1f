package org.xvpproxy.viewer.ui;

import java.io.IOException;

import org.xvpproxy.viewer.net.CertificateRefused;
import org.xvpproxy.viewer.net.Reconnect;
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
        if (cause instanceof IOException failure) {
            return of(failure, where);
        }
        if (cause instanceof OutOfMemoryError) {
            return new Failure("Out of memory", "This console needs more memory than the viewer has.",
                    "Start the viewer with more: java -Xmx1g -jar VncViewer.jar ...", "", false, false);
        }
        return new Failure("The viewer failed", "This should not have happened: " + cause + ".",
                "Try again; if it happens again, tell the operator this sentence.", "", false, false);
    }

    /** Explains what playing a recording ended with. */
    static Failure ofRecording(Throwable cause, String file) {
        return cause instanceof SessionEnded
                ? new Failure("The recording has ended", "All of " + file + " was played.", "", "", false, true)
                : new Failure("The recording cannot be played", String.valueOf(cause.getMessage()), "Choose another file.", "",
                        false, false);
    }

    private static Failure of(IOException cause, String where) {
        boolean again = Reconnect.mayHelp(cause);
        if (cause instanceof TunnelRefused refused) {
            return refused(refused);
        }
        if (cause instanceof AuthenticationFailed failed) {
            return new Failure(failed.cancelled() ? "No password given" : "The password was not accepted", cause.getMessage(),
                    "Try again with the password of this console.", "", again, false);
        }
        if (cause instanceof SessionEnded ended) {
            return new Failure("The console is gone", cause.getMessage(),
                    "Reconnect, or get a new access URL if the old one has expired.", "", again, ended.atMessageBorder());
        }
        if (cause instanceof CertificateRefused) {
            return new Failure("The certificate is not trusted", cause.getMessage(),
                    "Ask the gateway's operator for its fingerprint, then try again.", "", again, false);
        }
        if (cause instanceof RfbException) {
            return new Failure("This console cannot be shown", cause.getMessage(),
                    "Try again; if it happens again, tell the operator this sentence.", "", again, false);
        }
        return new Failure("No connection to " + where, String.valueOf(cause.getMessage()),
                "Check the address and your network, then try again.", "", again, false);
    }

    private static Failure refused(TunnelRefused refused) {
        String id = refused.requestId();
        String body = refused.body().isBlank() ? "" : "The gateway says: " + refused.body().strip();
        String request = id.isEmpty() || body.contains(id) ? "" : " Request id: " + id + ".";
        return new Failure((refused.status() + " " + refused.reason()).strip(), refused.sentence(), refused.advice(),
                (body + request).strip(),
                refused.retryMayHelp(), false);
    }

    /** One line for a terminal. */
    public String line() {
        return "VncViewer: " + headline + ": " + sentence + (advice.isBlank() ? "" : " " + advice);
    }
}
