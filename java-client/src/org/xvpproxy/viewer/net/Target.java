package org.xvpproxy.viewer.net;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to connect.
 *
 * @param requestPath path and query for CONNECT; holds the token, so it is never printed. Null for plain VNC.
 */
public record Target(String host, int port, boolean tls, String requestPath, Kind kind) {

    /** How the RFB stream is reached. */
    public enum Kind { PLAIN_VNC, CONNECT, WEBSOCKET }

    private static final int FIRST_VNC_PORT = 5900;
    private static final Pattern HOST_AND_SCREEN = Pattern.compile(
            "(?:\\[([0-9A-Fa-f:.%\\w]+)\\]|([^\\s:/\\[\\]?#@]+))(?:(::?)(\\d{1,5}))?");
    private static final Pattern VISIBLE_ASCII = Pattern.compile("[\\x21-\\x7e]*");

    /**
     * Understands an access URL or HOST[:DISPLAY|::PORT].
     *
     * @throws IllegalArgumentException with a sentence that never contains the token
     */
    public static Target parse(String argument) {
        String text = argument.strip();
        int scheme = text.indexOf("://");
        return scheme >= 0 ? url(text, text.substring(0, scheme).toLowerCase(Locale.ROOT)) : plain(text);
    }

    /** A VNC server without a gateway. @throws IllegalArgumentException if the port is none */
    public static Target plain(String host, int port) {
        return new Target(host, checkedPort(port), false, null, Kind.PLAIN_VNC);
    }

    private static Target plain(String text) {
        Matcher match = HOST_AND_SCREEN.matcher(text);
        if (!match.matches()) {
            // It may be an access URL without its scheme: do not repeat it.
            throw new IllegalArgumentException(text.contains("token=")
                    ? "An access URL begins with http:// or https://."
                    : "This is neither an access URL nor HOST, HOST:DISPLAY or HOST::PORT"
                            + " (IPv6 addresses go in brackets).");
        }
        String host = match.group(1) != null ? match.group(1) : match.group(2);
        int number = match.group(4) == null ? 0 : Integer.parseInt(match.group(4));
        boolean display = !"::".equals(match.group(3)) && number < 100;
        return plain(host, display ? FIRST_VNC_PORT + number : number);
    }

    private static Target url(String text, String scheme) {
        boolean secure = scheme.equals("https") || scheme.equals("wss");
        if (scheme.equals("vnc")) {
            return plain(text.substring("vnc://".length()).replaceFirst("/$", ""));
        }
        if (!secure && !scheme.equals("http") && !scheme.equals("ws")) {
            throw new IllegalArgumentException("An access URL begins with http:// or https://.");
        }
        URI uri = uri(text);
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("The access URL names no host this viewer understands.");
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("The access URL holds a user name before the host;"
                    + " gateways take the token only.");
        }
        host = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = uri.getPort() < 0 ? secure ? 443 : 80 : checkedPort(uri.getPort());
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        boolean socket = scheme.startsWith("ws") || path.endsWith(".html") || query.matches("\\?(.*&)?path=.*");
        return new Target(host, port, secure, path + query, socket ? Kind.WEBSOCKET : Kind.CONNECT);
    }

    private static URI uri(String text) {
        if (!VISIBLE_ASCII.matcher(text).matches()) {
            throw new IllegalArgumentException("The access URL holds a space or a character that URLs do not have;"
                    + " was it cut or wrapped when it was copied?");
        }
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            // Its message would repeat the URL with the token.
            throw new IllegalArgumentException("The access URL is malformed near character "
                    + (e.getIndex() + 1) + ".");
        }
    }

    private static int checkedPort(int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("The port " + port + " is not between 1 and 65535.");
        }
        return port;
    }

    /** "host:port", never the path. */
    public String display() {
        return authority(host, port);
    }

    static String authority(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** As {@link #display}: nothing that prints a target shows the token. */
    @Override
    public String toString() {
        return kind + " " + display();
    }
}
