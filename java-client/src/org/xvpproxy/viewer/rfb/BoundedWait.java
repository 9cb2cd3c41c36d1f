package org.xvpproxy.viewer.rfb;

import java.io.FilterInputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;

import org.xvpproxy.viewer.net.Transport;

/**
 * A transport's input that waits for the server only so long in all, however its bytes drip in. The time a user takes
 * for a password does not count: nobody reads meanwhile.
 */
final class BoundedWait extends FilterInputStream {

    private final Transport transport;
    private long leftNanos;
    private boolean bounded = true;

    BoundedWait(Transport transport, int seconds) {
        super(transport.in());
        this.transport = transport;
        this.leftNanos = seconds * 1_000_000_000L;
    }

    /** From now on a read may take for ever. */
    void lift() throws IOException {
        bounded = false;
        transport.readTimeout(0);
    }

    @Override
    public int read(byte[] to, int start, int count) throws IOException {
        if (!bounded) {
            return in.read(to, start, count);
        }
        if (leftNanos <= 0) {
            throw new SocketTimeoutException();
        }
        transport.readTimeout((int) (leftNanos / 1_000_000) + 1);
        long started = System.nanoTime();
        try {
            return in.read(to, start, count);
        } finally {
            leftNanos -= System.nanoTime() - started;
        }
    }
}
