package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/**
 * Tight, Tight without zlib and TightPNG: one control byte chooses fill, a JPEG or PNG picture, or pixels through a
 * filter and one of four zlib streams.
 */
public final class TightDecoder implements Decoder {

    private static final int FILL = 8;
    private static final int JPEG = 9;
    private static final int PNG_OR_PLAIN = 10;
    private static final int PLAIN_FILTERED = 14;
    private static final int LEAST_COMPRESSED = 12;

    private final ZlibStream[] streams = {new ZlibStream(), new ZlibStream(), new ZlibStream(), new ZlibStream()};
    private final PictureCodec pictures = new PictureCodec();
    private final TightGradient gradient = new TightGradient();
    private final int[] palette = new int[256];
    private byte[] file = new byte[1 << 14];

    /** JPEG rectangles are to be expected. */
    void prepareJpeg() {
        pictures.prepareJpeg();
    }

    /** The same decoder, and so the same streams, for TightPNG rectangles. */
    public Decoder png() {
        return (in, format, fb, x, y, w, h) -> rectangle(in, format, fb, true, x, y, w, h);
    }

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        rectangle(in, format, fb, false, x, y, w, h);
    }

    private void rectangle(RfbInput in, WireFormat format, Framebuffer fb, boolean png, int x, int y, int w, int h)
            throws IOException {
        int control = in.readU8();
        for (int i = 0; i < 4; i++) {
            if ((control >> i & 1) != 0) {
                streams[i].reset();
            }
        }
        int kind = control >> 4;
        if (kind == FILL) {
            int size = format.tight().bytes();
            in.ensure(size);
            fb.fill(x, y, w, h, format.tight().rgb(in.buffer(), in.position()));
            in.advance(size);
        } else if (kind == JPEG || kind == PNG_OR_PLAIN && png) {
            int length = compactLength(in);
            if (file.length < length) {
                file = new byte[length];
            }
            in.readFully(file, 0, length);
            pictures.decode(kind == JPEG, file, length, fb, x, y, w, h);
        } else if (kind < FILL) {
            boolean filtered = (kind & 4) != 0;
            basic(in, format, fb, filtered ? in.readU8() : 0, streams[kind & 3], x, y, w, h);
        } else if (!png && (kind == PNG_OR_PLAIN || kind == PLAIN_FILTERED)) {
            basic(in, format, fb, kind == PLAIN_FILTERED ? in.readU8() : 0, null, x, y, w, h);
        } else {
            throw new RfbException("The console sent a Tight rectangle of the unknown kind " + kind + ".");
        }
    }

    /** Pixels through a filter; {@code zlib} null means not compressed. */
    private void basic(RfbInput in, WireFormat format, Framebuffer fb, int filter, ZlibStream zlib, int x, int y,
            int w, int h) throws IOException {
        PixelReader reader = format.tight();
        int colours = 0;
        long size = (long) w * h * reader.bytes();
        if (filter == 1) {
            colours = in.readU8() + 1;
            in.ensure(colours * reader.bytes());
            reader.row(in.buffer(), in.position(), palette, 0, colours);
            in.advance(colours * reader.bytes());
            size = (long) h * (colours == 2 ? (w + 7) / 8 : w);
        } else if (filter > 2) {
            throw new RfbException("The console sent the unknown Tight filter " + filter + ".");
        }
        boolean compressed = zlib != null && size >= LEAST_COMPRESSED;
        RfbInput data = in;
        if (size >= LEAST_COMPRESSED) {
            int length = compactLength(in);
            if (compressed) {
                data = zlib.open(in, length);
            } else if (length != size) {
                throw new RfbException("The console sent a Tight rectangle of " + length + " bytes instead of "
                        + size + ".");
            }
        }
        switch (filter) {
            case 0 -> RawDecoder.copy(data, reader, fb, x, y, w, h);
            case 1 -> indexed(data, colours, fb, x, y, w, h);
            default -> gradient.read(data, format, fb, x, y, w, h);
        }
        if (compressed) {
            zlib.finish();
        }
    }

    private void indexed(RfbInput data, int colours, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        int rowBytes = colours == 2 ? (w + 7) / 8 : w;
        byte[] from = data.buffer();
        int[] pixels = fb.pixels();
        for (int row = y; row < y + h; row++) {
            data.ensure(rowBytes);
            int at = data.position();
            int to = row * fb.width() + x;
            if (colours == 2) {
                MonoRow.expand(from, at, pixels, to, w, palette[0], palette[1]);
            } else {
                for (int end = to + w; to < end; to++) {
                    int index = from[at++] & 0xff;
                    if (index >= colours) {
                        throw new RfbException("The console sent a colour index outside its palette.");
                    }
                    pixels[to] = palette[index];
                }
            }
            data.advance(rowBytes);
        }
    }

    private static int compactLength(RfbInput in) throws IOException {
        int length = in.readU8();
        if (length > 127) {
            length = length & 127 | in.readU8() << 7;
            if (length > 16383) {
                length = length & 16383 | in.readU8() << 14;
            }
        }
        return length;
    }

    @Override
    public void close() {
        for (ZlibStream stream : streams) {
            stream.close();
        }
        pictures.close();
    }
}
