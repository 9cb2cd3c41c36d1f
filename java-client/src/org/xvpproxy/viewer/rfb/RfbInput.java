package org.xvpproxy.viewer.rfb;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * A buffered big-endian reader that lets decoders work on its buffer: {@link #ensure} makes bytes contiguous, then
 * {@link #buffer} from {@link #position} holds them and {@link #advance} takes them.
 */
public final class RfbInput {

    /** The most bytes {@link #ensure} can make contiguous: one row of 65,535 palette indices fits. */
    public static final int CAPACITY = 1 << 16;

    private final InputStream source;
    private final byte[] buffer = new byte[CAPACITY];
    private int position;
    private int limit;
    private long filled;

    public RfbInput(InputStream source) {
        this.source = source;
    }

    /** The same array for the life of this object. */
    public byte[] buffer() {
        return buffer;
    }

    public int position() {
        return position;
    }

    /** How many bytes stand in the buffer. */
    public int available() {
        return limit - position;
    }

    public void advance(int count) {
        position += count;
    }

    /** Bytes taken since the beginning. */
    public long taken() {
        return filled - available();
    }

    /** Makes {@code count <= CAPACITY} bytes contiguous; may read ahead. @throws EOFException if the source ends first */
    public void ensure(int count) throws IOException {
        if (limit - position < count) {
            fill(count);
        }
    }

    private void fill(int count) throws IOException {
        if (position == limit) {
            position = 0;
            limit = 0;
        } else if (position + count > CAPACITY) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        do {
            int got = source.read(buffer, limit, CAPACITY - limit);
            if (got < 0) {
                throw new EOFException("The connection ended in the middle of a message.");
            }
            limit += got;
            filled += got;
        } while (limit - position < count);
    }

    /** Waits for a byte; false at the end of the source. */
    public boolean more() throws IOException {
        if (position < limit) {
            return true;
        }
        position = 0;
        limit = 0;
        int got = source.read(buffer, 0, CAPACITY);
        if (got <= 0) {
            return false;
        }
        limit = got;
        filled += got;
        return true;
    }

    /** Forgets what was read ahead. */
    public void discard() {
        position = limit;
    }

    public int readU8() throws IOException {
        ensure(1);
        return buffer[position++] & 0xff;
    }

    public int readU16() throws IOException {
        ensure(2);
        int value = (buffer[position] & 0xff) << 8 | buffer[position + 1] & 0xff;
        position += 2;
        return value;
    }

    public int readS32() throws IOException {
        ensure(4);
        int value = buffer[position] << 24 | (buffer[position + 1] & 0xff) << 16
                | (buffer[position + 2] & 0xff) << 8 | buffer[position + 3] & 0xff;
        position += 4;
        return value;
    }

    public long readU32() throws IOException {
        return readS32() & 0xffffffffL;
    }

    public void readFully(byte[] to, int start, int count) throws IOException {
        int have = Math.min(count, limit - position);
        System.arraycopy(buffer, position, to, start, have);
        position += have;
        while (have < count) {
            int got = source.read(to, start + have, count - have);
            if (got < 0) {
                throw new EOFException("The connection ended in the middle of a message.");
            }
            have += got;
            filled += got;
        }
    }

    /** @param count checked by the caller: it is allocated */
    public byte[] readBytes(int count) throws IOException {
        byte[] bytes = new byte[count];
        readFully(bytes, 0, count);
        return bytes;
    }

    public void skip(long count) throws IOException {
        while (count > 0) {
            ensure(1);
            int step = (int) Math.min(count, available());
            position += step;
            count -= step;
        }
    }

    /**
     * A u32 length and that many bytes of text, UTF-8 or, where it is not that, Latin-1.
     *
     * @param what names the text in the error for more than {@code most} bytes
     */
    public String readText(int most, String what) throws IOException {
        long length = readU32();
        if (length > most) {
            throw new RfbException("The console announces " + what + " of " + length + " bytes; at most " + most
                    + " make sense.");
        }
        byte[] bytes = readBytes((int) length);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf('\ufffd') < 0 ? text : new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
