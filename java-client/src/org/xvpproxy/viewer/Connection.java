package org.xvpproxy.viewer;

import java.io.IOException;

import org.xvpproxy.viewer.net.Dialer;
import org.xvpproxy.viewer.net.Pins;
import org.xvpproxy.viewer.net.Reconnect;
import org.xvpproxy.viewer.net.ReplayTransport;
import org.xvpproxy.viewer.net.Timeouts;
import org.xvpproxy.viewer.net.Transport;
import org.xvpproxy.viewer.net.Trust;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.Screen;

/** Opens sessions where there is no window: nobody to ask, and again as often as --reconnect says. */
final class Connection {

    private Connection() {
    }

    static Transport dial(Options options) throws IOException {
        if (options.recording() != null) {
            return ReplayTransport.open(options.recording(), false);
        }
        Trust trust = new Trust(options.trusting().caFile(), options.trusting().fingerprint(), Pins.ofUser(), null);
        return new Dialer(trust, options.proxy(), Timeouts.DEFAULT).open(options.target());
    }

    static RfbSession open(Options options, Screen screen) throws IOException {
        for (int attempt = 1;; attempt++) {
            try {
                return RfbSession.open(dial(options), options.settings(), new GivenCredentials(options), screen);
            } catch (IOException e) {
                if (attempt > options.reconnect() || !Reconnect.mayHelp(e)) {
                    throw e;
                }
                int pause = Reconnect.pauseSeconds(attempt);
                System.err.println("VncViewer: " + e.getMessage() + " Trying again in " + pause + " s.");
                sleep(pause);
            }
        }
    }

    private static void sleep(int seconds) throws IOException {
        try {
            Thread.sleep(seconds * 1000L);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted.", e);
        }
    }
}
