package org.xvpproxy.viewer.net;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Arrays;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS over an open socket. The handshake is finished first and the certificate judged right after it, before a byte
 * is sent: so no server's timeout runs while the user makes up their mind.
 */
final class Tls {

    private static final String DISABLED = "jdk.tls.disabledAlgorithms";

    private final SSLSocket socket;
    private final Witness witness;
    private final String host;
    private final int port;

    private Tls(SSLSocket socket, Witness witness, String host, int port) {
        this.socket = socket;
        this.witness = witness;
        this.host = host;
        this.port = port;
    }

    SSLSocket socket() {
        return socket;
    }

    /** Runs the handshake; {@link #judge} must follow before anything is sent, unless it was anonymous. */
    static Tls handshake(Socket plain, String host, int port, Trust trust, boolean anonymous) throws IOException {
        if (anonymous) {
            allowAnonymous();
        }
        try {
            Witness witness = new Witness(trust.authorities(), host);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {witness}, null);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
            SSLParameters parameters = socket.getSSLParameters();
            if (anonymous) {
                parameters.setProtocols(new String[] {"TLSv1.2"});
                parameters.setCipherSuites(Arrays.stream(socket.getSupportedCipherSuites())
                        .filter(suite -> suite.contains("_anon_") && !suite.contains("NULL"))
                        .toArray(String[]::new));
            } else {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new Tls(socket, witness, host, port);
        } catch (SSLException | IllegalArgumentException e) {
            throw new IOException("The TLS handshake with " + Target.authority(host, port) + " failed: "
                    + e.getMessage() + ".", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("This Java runtime cannot do TLS: " + e.getMessage() + ".", e);
        }
    }

    /** @return whether the user was asked, and so time has passed */
    boolean judge(Trust trust) throws IOException {
        return trust.judge(host, port, witness.certificate, witness.problem);
    }

    // The JDK forbids suites without certificates by default; asked for by the user, they are better than none.
    private static void allowAnonymous() {
        String disabled = Security.getProperty(DISABLED);
        Security.setProperty(DISABLED, disabled.replaceAll("(^|,)\\s*anon\\s*(?=,|$)", ""));
    }

    /** Lets every certificate through the handshake, and remembers it with what the authorities say of it. */
    private static final class Witness extends X509ExtendedTrustManager {

        private final X509ExtendedTrustManager authorities;
        private final String host;
        private volatile X509Certificate certificate;
        private volatile String problem;

        Witness(X509ExtendedTrustManager authorities, String host) {
            this.authorities = authorities;
            this.host = host;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            certificate = chain[0];
            try {
                authorities.checkServerTrusted(chain, type, socket);
            } catch (CertificateException e) {
                problem = reason(chain, type);
            }
        }

        private String reason(X509Certificate[] chain, String type) {
            try {
                chain[0].checkValidity();
                authorities.checkServerTrusted(chain, type);
                return "The certificate is not made out to " + host + ".";
            } catch (CertificateExpiredException e) {
                return "The certificate has expired.";
            } catch (CertificateNotYetValidException e) {
                return "The certificate is not valid yet.";
            } catch (CertificateException e) {
                return "The certificate is signed by nobody this computer trusts.";
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("not used with engines");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("not used without a socket");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authorities.getAcceptedIssuers();
        }
    }
}
