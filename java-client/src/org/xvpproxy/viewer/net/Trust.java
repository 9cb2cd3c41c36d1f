package org.xvpproxy.viewer.net;

import java.nio.file.Path;

/**
 * Whom to believe in a TLS handshake.
 *
 * @param caFile certificates to trust in place of the system's, or null
 * @param fingerprint SHA-256 of the only certificate to accept, or null
 * @param question asked about anything else; null where there is nobody to ask, which refuses
 */
public record Trust(Path caFile, String fingerprint, Pins pins, CertificateQuestion question) {
}
