package org.xvpproxy.viewer.net;

/**
 * How long each step of getting in may take.
 *
 * @param connectSeconds TCP, for one address
 * @param tlsSeconds a TLS handshake
 * @param replySeconds from sending CONNECT to the end of the reply's head (the gateway dials the console meanwhile)
 */
public record Timeouts(int connectSeconds, int tlsSeconds, int replySeconds) {

    public static final Timeouts DEFAULT = new Timeouts(10, 10, 30);
}
