package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Pixels row by row. */
public final class RawDecoder implements Decoder {

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        copy(in, format.pixel(), fb, x, y, w, h);
    }

    /** Reads {@code w * h} pixels of any form. */
    static void copy(RfbInput in, PixelReader reader, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        int[] pixels = fb.pixels();
        int size = reader.bytes();
        for (int row = y; row < y + h; row++) {
            int at = row * fb.width() + x;
            int left = w;
            while (left > 0) {
                in.ensure(size);
                int count = Math.min(left, in.available() / size);
                reader.row(in.buffer(), in.position(), pixels, at, count);
                in.advance(count * size);
                at += count;
                left -= count;
            }
        }
    }
}
