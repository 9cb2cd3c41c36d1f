package org.xvpproxy.viewer.net;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.AuthenticationFailed;

/** When to try again by oneself, and after how long. */
public final class Reconnect {

    private static final int LONGEST_PAUSE = 30;

    private Reconnect() {
    }

    /** Seconds to wait before the n-th try again (from 1): 1, 2, 4, ... 30. */
    public static int pauseSeconds(int attempt) {
        return attempt > 5 ? LONGEST_PAUSE : Math.min(LONGEST_PAUSE, 1 << Math.max(0, attempt - 1));
    }

    /** Whether the same access URL may do next time; a refused token, password or certificate will not. */
    public static boolean mayHelp(IOException failure) {
        if (failure instanceof TunnelRefused refused) {
            return refused.retryMayHelp();
        }
        return !(failure instanceof AuthenticationFailed) && !(failure instanceof CertificateRefused);
    }
}
