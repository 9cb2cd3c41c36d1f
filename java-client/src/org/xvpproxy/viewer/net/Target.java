package org.xvpproxy.viewer.net;

/**
 * Where to connect.
 *
 * @param requestPath path and query for CONNECT; holds the token, so it is never printed. Null for plain VNC.
 */
public record Target(String host, int port, boolean tls, String requestPath, Kind kind) {

    /** How the RFB stream is reached. */
    public enum Kind { PLAIN_VNC, CONNECT, WEBSOCKET }

    /** @throws IllegalArgumentException with a sentence that never contains the token */
    public static Target parse(String argument) {
        throw new IllegalArgumentException("not yet");
    }

    /** "host:port", never the path. */
    public String display() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    @Override
    public String toString() {
        return kind + " " + display();
    }
}
