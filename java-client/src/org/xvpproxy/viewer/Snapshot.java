package org.xvpproxy.viewer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

import org.xvpproxy.viewer.encodings.PictureCodec;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.Screen;
import org.xvpproxy.viewer.rfb.SessionEnded;

/** Connects, waits for a complete picture, writes it, and leaves. */
final class Snapshot implements Screen {

    private static final long MOST_WAIT_NANOS = 30_000_000_000L;
    private static final long QUIET_NANOS = 500_000_000L;
    private static final long MOST_SETTLE_NANOS = 10_000_000_000L;

    private final Options options;
    private Framebuffer framebuffer;
    private BitSet missing = new BitSet();

    // Shared with the waiting thread, under this object's lock.
    private int[] picture;
    private int width;
    private int height;
    private long completeAt;
    private long changedAt;
    private boolean ended;
    private IOException failure;

    private Snapshot(Options options) {
        this.options = options;
    }

    static void take(Options options) throws IOException {
        Path folder = options.snapshot().toAbsolutePath().getParent();
        if (!Files.isDirectory(folder) || !Files.isWritable(folder) || Files.isDirectory(options.snapshot())) {
            // Said before connecting: a token may open one session only.
            throw new IOException("The picture " + options.snapshot() + " cannot be written there.");
        }
        Snapshot snapshot = new Snapshot(options);
        RfbSession session = Connection.open(options, snapshot);
        Thread reader = new Thread(() -> snapshot.read(session), "rfb-reader");
        reader.setDaemon(true);
        reader.start();
        try {
            snapshot.await();
        } finally {
            session.close();
        }
        PictureCodec.writePng(snapshot.picture, snapshot.width, snapshot.height, options.snapshot());
    }

    private void read(RfbSession session) {
        IOException reason = null;
        try {
            session.run();
        } catch (IOException e) {
            reason = e;
        } catch (RuntimeException | OutOfMemoryError e) {
            reason = new IOException("The viewer failed: " + e + ".", e);
        }
        synchronized (this) {
            ended = true;
            failure = reason;
            notifyAll();
        }
    }

    /** Returns when there is a picture to write. */
    private synchronized void await() throws IOException {
        long started = System.nanoTime();
        try {
            while (true) {
                long now = System.nanoTime();
                long left = completeAt == 0 ? started + MOST_WAIT_NANOS - now : readyAt(now) - now;
                if (ended) {
                    end();
                    return;
                }
                if (left <= 0 && completeAt == 0) {
                    throw new IOException("No complete picture came within " + MOST_WAIT_NANOS / 1_000_000_000
                            + " seconds.");
                }
                if (left <= 0) {
                    return;
                }
                wait(left / 1_000_000 + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted.", e);
        }
    }

    private long readyAt(long now) {
        if (options.recording() != null) {
            return now + MOST_WAIT_NANOS;
        }
        if (options.waiting().settle()) {
            return Math.min(changedAt + QUIET_NANOS, completeAt + MOST_SETTLE_NANOS);
        }
        return completeAt + (long) (options.waiting().afterSeconds() * 1e9);
    }

    /** A recording's end is what it is played for; a console's comes too early. */
    private void end() throws IOException {
        boolean played = options.recording() != null && failure instanceof SessionEnded e && e.atMessageBorder();
        if (!played) {
            throw failure == null ? new IOException("The session ended.") : failure;
        }
        keep();
    }

    private void keep() throws IOException {
        if (framebuffer.pixels().length == 0) {
            throw new IOException("The console's screen has no pixels.");
        }
        picture = framebuffer.pixels().clone();
        width = framebuffer.width();
        height = framebuffer.height();
    }

    @Override
    public void resized(Framebuffer fresh) {
        framebuffer = fresh;
        missing = new BitSet();
        missing.set(0, fresh.pixels().length);
    }

    @Override
    public void damaged(int x, int y, int w, int h) {
        for (int row = y; row < y + h && !missing.isEmpty(); row++) {
            int start = row * framebuffer.width() + x;
            missing.clear(start, start + w);
        }
    }

    @Override
    public synchronized void updateDone() {
        if (!missing.isEmpty() || framebuffer.pixels().length == 0) {
            return;
        }
        changedAt = System.nanoTime();
        if (completeAt == 0) {
            completeAt = changedAt;
        }
        picture = framebuffer.pixels().clone();
        width = framebuffer.width();
        height = framebuffer.height();
        notifyAll();
    }
}
