package org.xvpproxy.viewer.encodings;

/** Turns pixels as they come over the wire into 0x00RRGGBB. One implementation is in use per session. */
public abstract class PixelReader {

    private final int bytes;

    protected PixelReader(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes per pixel on the wire. */
    public final int bytes() {
        return bytes;
    }

    /** The pixel that begins at {@code from[at]}. */
    public abstract int rgb(byte[] from, int at);

    /** Converts {@code count} pixels that follow one another. */
    public void row(byte[] from, int at, int[] to, int start, int count) {
        for (int end = start + count; start < end; start++, at += bytes) {
            to[start] = rgb(from, at);
        }
    }
}
