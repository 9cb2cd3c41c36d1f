package org.xvpproxy.viewer.rfb;

/** The console refused the password, or the user gave none. Asking again and connecting anew may help. */
public final class AuthenticationFailed extends RfbException {

    private static final long serialVersionUID = 1L;

    private final boolean cancelled;

    public AuthenticationFailed(String sentence, boolean cancelled) {
        super(sentence);
        this.cancelled = cancelled;
    }

    /** Whether the user declined to give a password. */
    public boolean cancelled() {
        return cancelled;
    }
}
