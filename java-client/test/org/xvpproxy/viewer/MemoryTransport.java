package org.xvpproxy.viewer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.net.Transport;

/** A server whose every byte is known beforehand, handed out in pieces of a chosen size. */
public final class MemoryTransport implements Transport {

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final InputStream in;
    private final CountDownLatch drained = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    public MemoryTransport(byte[] server) {
        this(server, Integer.MAX_VALUE);
    }

    public MemoryTransport(byte[] server, int pieceSize) {
        this(server, pieceSize, false);
    }

    private MemoryTransport(byte[] server, int pieceSize, boolean live) {
        in = new ByteArrayInputStream(server) {
            @Override
            public int read(byte[] to, int start, int count) {
                int got = super.read(to, start, Math.min(count, pieceSize));
                if (got < 0 && live) {
                    drained.countDown();
                    awaitClosed();
                }
                return got;
            }
        };
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A server that says all this and then stays connected in silence. */
    public static MemoryTransport live(byte[] server) {
        return new MemoryTransport(server, Integer.MAX_VALUE, true);
    }

    /** A server that says what this stream says. */
    public static MemoryTransport of(InputStream server) {
        return new MemoryTransport(server);
    }

    private MemoryTransport(InputStream server) {
        in = server;
    }

    /** Waits until a live server's bytes have all been taken and decoded. */
    public void awaitDrained() throws InterruptedException {
        if (!drained.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the session never came back for more");
        }
    }

    /** What the viewer has sent so far. */
    public byte[] sent() {
        return sent.toByteArray();
    }

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public OutputStream out() {
        return sent;
    }

    @Override
    public Target target() {
        return new Target("memory", 1, false, null, Target.Kind.PLAIN_VNC);
    }

    @Override
    public boolean encrypted() {
        return false;
    }

    @Override
    public Transport startTls(boolean anonymous) throws IOException {
        throw new IOException("no TLS in memory");
    }

    @Override
    public void readTimeout(int millis) {
        // Memory answers at once.
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
