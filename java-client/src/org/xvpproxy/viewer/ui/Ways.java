package org.xvpproxy.viewer.ui;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

import org.xvpproxy.viewer.Options;
import org.xvpproxy.viewer.net.CertificateQuestion;
import org.xvpproxy.viewer.net.Dialer;
import org.xvpproxy.viewer.net.Pins;
import org.xvpproxy.viewer.net.ReplayTransport;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.net.Timeouts;
import org.xvpproxy.viewer.net.Transport;
import org.xvpproxy.viewer.net.Trust;

/** The ways to a console that the command line allows: through the network, or from a recording. */
final class Ways {
    private final Options options;
    private final Trust trust;

    Ways(Options options, CertificateQuestion question) {
        this.options = options;
        trust = new Trust(options.trusting().caFile(), options.trusting().fingerprint(), Pins.ofUser(), question);
    }

    /** Dials a target. */
    Supplier<Connection.Way> to(Target target) {
        return () -> new Dialled(new Dialer(trust, options.proxy(), Timeouts.DEFAULT), target);
    }

    private record Dialled(Dialer dialer, Target target) implements Connection.Way {
        @Override
        public Transport open() throws IOException {
            return dialer.open(target);
        }

        @Override
        public void giveUp() {
            dialer.cancel();
        }
    }

    /** Plays a recording at its own pace. */
    static Supplier<Connection.Way> replay(Path recording) {
        return () -> () -> ReplayTransport.open(recording, true);
    }
}
