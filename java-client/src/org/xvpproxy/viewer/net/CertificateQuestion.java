package org.xvpproxy.viewer.net;

/** Asks the user. Called on the connecting thread, with no server waiting for an answer on http(s) URLs. */
@FunctionalInterface
public interface CertificateQuestion {

    /** Returns true to trust it now and remember it for this host and port. */
    boolean trust(UntrustedCertificate certificate);
}
