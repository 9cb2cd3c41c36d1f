package org.xvpproxy.viewer.net;

import java.time.Instant;

/**
 * What a user needs to decide about a certificate that neither the system nor a pin vouches for.
 *
 * @param sha256 fingerprint, upper-case hex pairs joined by colons
 * @param reason one sentence: why it is not trusted
 * @param changedFrom the fingerprint pinned for this host and port until now, or null
 */
public record UntrustedCertificate(String host, int port, String sha256, String subject, String issuer,
        Instant notBefore, Instant notAfter, String reason, String changedFrom) {
}
