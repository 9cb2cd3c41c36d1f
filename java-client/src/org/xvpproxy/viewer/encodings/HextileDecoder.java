package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Tiles of 16x16 pixels, each raw or a background with small rectangles on it. */
public final class HextileDecoder implements Decoder {

    private static final int RAW = 1;
    private static final int BACKGROUND = 2;
    private static final int FOREGROUND = 4;
    private static final int SUBRECTS = 8;
    private static final int COLOURED = 16;

    @Override
    public void decode(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        PixelReader reader = format.pixel();
        int size = reader.bytes();
        byte[] from = in.buffer();
        int background = 0;
        int foreground = 0;
        for (int tileY = y; tileY < y + h; tileY += 16) {
            int tileH = Math.min(16, y + h - tileY);
            for (int tileX = x; tileX < x + w; tileX += 16) {
                int tileW = Math.min(16, x + w - tileX);
                int mask = in.readU8();
                if ((mask & RAW) != 0) {
                    RawDecoder.copy(in, reader, fb, tileX, tileY, tileW, tileH);
                    continue;
                }
                if ((mask & BACKGROUND) != 0) {
                    in.ensure(size);
                    background = reader.rgb(from, in.position());
                    in.advance(size);
                }
                if ((mask & FOREGROUND) != 0) {
                    in.ensure(size);
                    foreground = reader.rgb(from, in.position());
                    in.advance(size);
                }
                fb.fill(tileX, tileY, tileW, tileH, background);
                if ((mask & SUBRECTS) != 0) {
                    PixelReader colours = (mask & COLOURED) != 0 ? reader : null;
                    subrects(in, colours, foreground, fb, tileX, tileY, tileW, tileH);
                }
            }
        }
    }

    private static void subrects(RfbInput in, PixelReader colours, int foreground, Framebuffer fb, int x, int y,
            int w, int h) throws IOException {
        int count = in.readU8();
        int size = colours == null ? 0 : colours.bytes();
        in.ensure(count * (size + 2));
        byte[] from = in.buffer();
        int[] pixels = fb.pixels();
        int width = fb.width();
        int at = in.position();
        int colour = foreground;
        for (; count > 0; count--) {
            if (colours != null) {
                colour = colours.rgb(from, at);
                at += size;
            }
            int subX = from[at] >> 4 & 15;
            int subY = from[at] & 15;
            int subW = (from[at + 1] >> 4 & 15) + 1;
            int subH = (from[at + 1] & 15) + 1;
            at += 2;
            if (subX + subW > w || subY + subH > h) {
                throw new RfbException("The console sent a Hextile subrectangle outside its tile.");
            }
            int start = (y + subY) * width + x + subX;
            for (int row = 0; row < subH; row++, start += width) {
                for (int p = start; p < start + subW; p++) {
                    pixels[p] = colour;
                }
            }
        }
        in.advance(at - in.position());
    }
}
