package org.xvpproxy.viewer.net;

/** Which proxy of the user's to go through: one given, or what the system properties say. */
public final class ProxyChoice {

    private final String url;

    private ProxyChoice(String url) {
        this.url = url;
    }

    /** http.proxyHost, https.proxyHost, socksProxyHost and nonProxyHosts decide. */
    public static ProxyChoice system() {
        return new ProxyChoice(null);
    }

    /** @throws IllegalArgumentException with a sentence for the user */
    public static ProxyChoice parse(String url) {
        return new ProxyChoice(url);
    }

    @Override
    public String toString() {
        return url == null ? "system" : "given";
    }
}
