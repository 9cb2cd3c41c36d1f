package org.xvpproxy.viewer.encodings;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/**
 * One zlib stream that goes on from rectangle to rectangle. Inflates straight from the connection's buffer into its
 * own, so that a decoder reads compressed and plain data alike.
 */
final class ZlibStream {

    // A rectangle's data ends on a flush; whatever more it inflates to than the rectangle needs is no picture.
    private static final int MOST_SURPLUS = 1 << 16;

    private final Inflater inflater = new Inflater();
    private final RfbInput plain = new RfbInput(new Source());
    private RfbInput packed;
    private long left;

    /** The inflated form of the next {@code length} bytes; {@link #finish} must follow. */
    RfbInput open(RfbInput in, long length) {
        packed = in;
        left = length;
        return plain;
    }

    /** Takes the rest of the compressed bytes (the flush mark), so that the stream can go on. */
    void finish() throws IOException {
        int surplus = plain.available();
        plain.discard();
        while (left > 0 || !inflater.needsInput()) {
            int got = inflate(plain.buffer(), 0, RfbInput.CAPACITY);
            if (got == 0) {
                return;
            }
            surplus += got;
            if (surplus > MOST_SURPLUS) {
                throw new RfbException("The console sent more compressed data than the rectangle holds.");
            }
        }
    }

    void reset() {
        inflater.reset();
    }

    void close() {
        inflater.end();
    }

    /** Inflates what is there; 0 only when all compressed bytes are used up. */
    private int inflate(byte[] to, int start, int count) throws IOException {
        try {
            while (true) {
                int got = inflater.inflate(to, start, count);
                if (got > 0) {
                    return got;
                }
                if (inflater.finished() || inflater.needsDictionary()) {
                    throw new RfbException("The console ended a compressed stream that should go on.");
                }
                if (left == 0) {
                    return 0;
                }
                packed.ensure(1);
                int step = (int) Math.min(left, packed.available());
                inflater.setInput(packed.buffer(), packed.position(), step);
                packed.advance(step);
                left -= step;
            }
        } catch (DataFormatException e) {
            throw new RfbException("The console sent damaged compressed data.", e);
        }
    }

    private final class Source extends InputStream {

        @Override
        public int read() {
            throw new UnsupportedOperationException("read in blocks");
        }

        @Override
        public int read(byte[] to, int start, int count) throws IOException {
            int got = inflate(to, start, count);
            if (got == 0) {
                throw new RfbException("The console sent less compressed data than the rectangle needs.");
            }
            return got;
        }
    }
}
