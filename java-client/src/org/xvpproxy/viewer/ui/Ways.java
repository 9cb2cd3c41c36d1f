package org.xvpproxy.viewer.ui;

import java.nio.file.Path;

import org.xvpproxy.viewer.Options;
import org.xvpproxy.viewer.net.CertificateQuestion;
import org.xvpproxy.viewer.net.Dialer;
import org.xvpproxy.viewer.net.Pins;
import org.xvpproxy.viewer.net.ReplayTransport;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.net.Timeouts;
import org.xvpproxy.viewer.net.Trust;

/** The ways to a console that the command line allows: through the network, or from a recording. */
final class Ways {
    private final Dialer dialer;

    Ways(Options options, CertificateQuestion question) {
        Trust trust = new Trust(options.trusting().caFile(), options.trusting().fingerprint(), Pins.ofUser(), question);
        dialer = new Dialer(trust, options.proxy(), Timeouts.DEFAULT);
    }

    /** Dials a target. */
    Connection.Way to(Target target) {
        return () -> dialer.open(target);
    }

    /** Plays a recording at its own pace. */
    static Connection.Way replay(Path recording) {
        return () -> ReplayTransport.open(recording, true);
    }
}
