package org.xvpproxy.viewer.net;

import java.io.IOException;

/** The other end's certificate is not trusted; the message is for the user. */
public final class CertificateRefused extends IOException {

    private static final long serialVersionUID = 1L;

    CertificateRefused(String sentence) {
        super(sentence);
    }
}
