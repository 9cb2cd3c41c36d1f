package org.xvpproxy.viewer.net;

import java.io.IOException;

/** Opens a connection up to the first byte of RFB. */
public final class Dialer {

    private final Trust trust;
    private final ProxyChoice proxy;
    private final Timeouts timeouts;

    public Dialer(Trust trust, ProxyChoice proxy, Timeouts timeouts) {
        this.trust = trust;
        this.proxy = proxy;
        this.timeouts = timeouts;
    }

    /**
     * Blocks until the stream is ready for RFB.
     *
     * @throws TunnelRefused if the gateway says no
     * @throws IOException with one sentence for anything else
     */
    public Transport open(Target target) throws IOException {
        throw new IOException("not yet " + trust + proxy + timeouts);
    }
}
