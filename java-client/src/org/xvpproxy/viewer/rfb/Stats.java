package org.xvpproxy.viewer.rfb;

/** Figures about a running session; written by the reader thread, read by anyone. */
public final class Stats {

    private static final long WINDOW_NANOS = 2_000_000_000L;

    private volatile long bytesIn;
    private volatile long updates;
    private volatile long pixels;
    private volatile double roundTripMillis = Double.NaN;
    private volatile String lastEncoding = "";

    private long windowStart = System.nanoTime();
    private long windowBytes;
    private long windowUpdates;
    private double byteRate;
    private double updateRate;

    public long bytesIn() {
        return bytesIn;
    }

    public long updates() {
        return updates;
    }

    /** Pixels decoded or copied since the session began. */
    public long pixels() {
        return pixels;
    }

    /** Mean over the last seconds; 0 when nothing came. */
    public synchronized double kilobytesPerSecond() {
        roll();
        return byteRate / 1000;
    }

    public synchronized double updatesPerSecond() {
        roll();
        return updateRate;
    }

    /** Measured by a fence; NaN until known. */
    public double roundTripMillis() {
        return roundTripMillis;
    }

    /** Name of the encoding most pixels of the last update came in; empty before the first. */
    public String lastEncoding() {
        return lastEncoding;
    }

    synchronized void updated(long totalBytes, long newPixels, String encoding) {
        bytesIn = totalBytes;
        updates++;
        pixels += newPixels;
        if (!encoding.isEmpty()) {
            lastEncoding = encoding;
        }
        roll();
    }

    void roundTrip(double millis) {
        roundTripMillis = millis;
    }

    private void roll() {
        long now = System.nanoTime();
        long elapsed = now - windowStart;
        if (elapsed >= WINDOW_NANOS) {
            byteRate = (bytesIn - windowBytes) * 1e9 / elapsed;
            updateRate = (updates - windowUpdates) * 1e9 / elapsed;
            windowStart = now;
            windowBytes = bytesIn;
            windowUpdates = updates;
        }
    }
}
