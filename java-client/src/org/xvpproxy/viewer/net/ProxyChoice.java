package org.xvpproxy.viewer.net;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Which proxy of the user's to go through: one given, or what the system properties say. */
public final class ProxyChoice {

    private final Proxy given;
    private final String login;

    private ProxyChoice(Proxy given, String login) {
        this.given = given;
        this.login = login;
    }

    /** http.proxyHost, https.proxyHost, socksProxyHost and nonProxyHosts decide. */
    public static ProxyChoice system() {
        return new ProxyChoice(null, null);
    }

    /**
     * Understands http://[USER:PASSWORD@]HOST:PORT and socks://HOST:PORT.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    public static ProxyChoice parse(String url) {
        URI uri;
        try {
            uri = new URI(url.contains("://") ? url : "http://" + url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("The proxy is not a URL like http://HOST:PORT or socks://HOST:PORT.");
        }
        String scheme = String.valueOf(uri.getScheme());
        boolean socks = scheme.matches("socks[45]?h?");
        if (uri.getHost() == null || !socks && !scheme.equals("http")) {
            throw new IllegalArgumentException("The proxy is not a URL like http://HOST:PORT or socks://HOST:PORT.");
        }
        if (socks && uri.getUserInfo() != null) {
            throw new IllegalArgumentException("A SOCKS proxy with a password is not supported.");
        }
        int port = uri.getPort() > 0 ? uri.getPort() : socks ? 1080 : 8080;
        return new ProxyChoice(new Proxy(socks ? Proxy.Type.SOCKS : Proxy.Type.HTTP,
                InetSocketAddress.createUnresolved(uri.getHost(), port)), uri.getUserInfo());
    }

    /** The proxy for a target; {@link Proxy#NO_PROXY} if it is reached directly. */
    Proxy proxyFor(Target target) {
        if (given != null) {
            return given;
        }
        String scheme = target.kind() == Target.Kind.PLAIN_VNC ? "socket" : target.tls() ? "https" : "http";
        URI uri = URI.create(scheme + "://" + target.display());
        ProxySelector selector = ProxySelector.getDefault();
        return selector == null ? Proxy.NO_PROXY
                : selector.select(uri).stream().findFirst().orElse(Proxy.NO_PROXY);
    }

    /** The value of Proxy-Authorization, or null. */
    String authorization() {
        return login == null ? null
                : "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return given == null ? "system" : given.toString();
    }
}
