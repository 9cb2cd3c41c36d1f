package org.xvpproxy.viewer.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** One open byte stream on which the very next byte is RFB: everything before it is done. */
public interface Transport extends Closeable {

    InputStream in();

    OutputStream out();

    Target target();

    /** Whether eavesdroppers on the viewer's own connection see nothing. */
    boolean encrypted();

    /**
     * Starts TLS inside this stream (VeNCrypt) and returns the stream to go on with.
     *
     * @param anonymous true for the suites without a certificate, which keep out eavesdroppers only
     * @throws IOException if the handshake fails or the certificate is not trusted
     */
    Transport startTls(boolean anonymous) throws IOException;

    /** Milliseconds a single read may block before SocketTimeoutException; 0 = for ever. */
    void readTimeout(int millis) throws IOException;
}
