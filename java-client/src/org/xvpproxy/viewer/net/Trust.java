package org.xvpproxy.viewer.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;

import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom to believe in a TLS handshake.
 *
 * @param caFile certificates to trust in place of the system's, or null
 * @param fingerprint SHA-256 of the only certificate to accept, or null
 * @param pins where answers are remembered
 * @param question asked about anything else; null where there is nobody to ask, which refuses
 */
public record Trust(Path caFile, String fingerprint, Pins pins, CertificateQuestion question) {

    /**
     * Decides about a certificate that was shown.
     *
     * @param problem why the authorities do not vouch for it, or null if they do
     * @return whether the user was asked, and so time has passed
     * @throws CertificateRefused if it is not to be trusted
     */
    boolean judge(String host, int port, X509Certificate certificate, String problem) throws IOException {
        String shown = fingerprint(certificate);
        if (fingerprint != null) {
            if (!normal(fingerprint).equals(normal(shown))) {
                throw new CertificateRefused("The certificate of " + Target.authority(host, port)
                        + " is not the one given with --fingerprint; it has SHA-256 " + shown + ".");
            }
            return false;
        }
        if (problem == null) {
            return false;
        }
        String pinned = pins.get(host, port);
        if (pinned != null && normal(pinned).equals(normal(shown))) {
            return false;
        }
        UntrustedCertificate untrusted = new UntrustedCertificate(host, port, shown,
                certificate.getSubjectX500Principal().getName(), certificate.getIssuerX500Principal().getName(),
                certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant(), problem, pinned);
        if (question == null) {
            throw new CertificateRefused(problem + (pinned == null ? "" : " It is another one than before.")
                    + " If its SHA-256 fingerprint is right, give --fingerprint " + shown
                    + " (or --cacert FILE).");
        }
        if (!question.trust(untrusted)) {
            throw new CertificateRefused("The certificate of " + Target.authority(host, port)
                    + " was not accepted.");
        }
        pins.put(host, port, shown);
        return true;
    }

    /** SHA-256 as upper-case hex pairs joined by colons. */
    public static String fingerprint(X509Certificate certificate) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IOException("The certificate cannot be read.", e);
        }
    }

    /** @throws IllegalArgumentException unless it is 64 hex digits, colons allowed */
    public static String checkFingerprint(String text) {
        if (!normal(text).matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("A SHA-256 fingerprint has 64 hex digits (colons are allowed).");
        }
        return text;
    }

    private static String normal(String fingerprint) {
        return fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
    }

    /** The authorities' own judgement: the system's, or those of the CA file. */
    X509ExtendedTrustManager authorities() throws IOException {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(caFile == null ? null : store());
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager authorities) {
                    return authorities;
                }
            }
            throw new IOException("This Java runtime cannot check certificates.");
        } catch (GeneralSecurityException e) {
            throw new IOException("The trusted certificates cannot be loaded: " + e.getMessage() + ".", e);
        }
    }

    private KeyStore store() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(caFile)) {
            int number = 0;
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + number++, certificate);
            }
            if (number == 0) {
                throw new IOException("The file " + caFile + " holds no certificate.");
            }
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("There is no file " + caFile + " to take certificates from.", e);
        } catch (CertificateException e) {
            throw new IOException("The file " + caFile + " holds no PEM or DER certificates.", e);
        }
        return store;
    }
}
