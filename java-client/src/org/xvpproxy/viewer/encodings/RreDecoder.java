package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/** A background and filled rectangles on it: RRE with 16-bit coordinates, CoRRE with 8-bit ones. */
public final class RreDecoder implements Decoder {

    private final boolean compact;

    public RreDecoder(boolean compact) {
        this.compact = compact;
    }

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        PixelReader reader = format.pixel();
        int size = reader.bytes();
        long count = in.readU32();
        in.ensure(size);
        fb.fill(x, y, w, h, reader.rgb(in.buffer(), in.position()));
        in.advance(size);
        int step = size + (compact ? 4 : 8);
        byte[] from = in.buffer();
        while (count > 0) {
            in.ensure(step);
            int ready = (int) Math.min(count, in.available() / step);
            int at = in.position();
            for (int i = 0; i < ready; i++, at += step) {
                int p = at + size;
                int subX = compact ? from[p] & 0xff : u16(from, p);
                int subY = compact ? from[p + 1] & 0xff : u16(from, p + 2);
                int subW = compact ? from[p + 2] & 0xff : u16(from, p + 4);
                int subH = compact ? from[p + 3] & 0xff : u16(from, p + 6);
                if (subX + subW > w || subY + subH > h) {
                    throw new RfbException("The console sent an RRE subrectangle outside its rectangle.");
                }
                fb.fill(x + subX, y + subY, subW, subH, reader.rgb(from, at));
            }
            in.advance(ready * step);
            count -= ready;
        }
    }

    private static int u16(byte[] from, int at) {
        return (from[at] & 0xff) << 8 | from[at + 1] & 0xff;
    }
}
