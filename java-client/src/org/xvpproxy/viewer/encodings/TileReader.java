package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/** The tiles that ZRLE (64x64, inflated) and TRLE (16x16, plain) share: solid, raw, palette, run lengths. */
final class TileReader {

    private final int tileSize;
    private final boolean mayReuse;
    private final int[] palette = new int[128];
    private int paletteSize;

    /** @param mayReuse whether a tile may refer to the last palette (TRLE) */
    TileReader(int tileSize, boolean mayReuse) {
        this.tileSize = tileSize;
        this.mayReuse = mayReuse;
    }

    void read(RfbInput in, PixelReader reader, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        for (int tileY = y; tileY < y + h; tileY += tileSize) {
            int tileH = Math.min(tileSize, y + h - tileY);
            for (int tileX = x; tileX < x + w; tileX += tileSize) {
                tile(in, reader, fb, tileX, tileY, Math.min(tileSize, x + w - tileX), tileH);
            }
        }
    }

    private void tile(RfbInput in, PixelReader reader, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        int kind = in.readU8();
        if (kind == 0) {
            RawDecoder.copy(in, reader, fb, x, y, w, h);
        } else if (kind == 1) {
            fb.fill(x, y, w, h, pixel(in, reader));
        } else if (kind <= 16) {
            readPalette(in, reader, kind);
            packed(in, fb, x, y, w, h);
        } else if (kind == 127 && mayReuse && paletteSize >= 2 && paletteSize <= 16) {
            packed(in, fb, x, y, w, h);
        } else if (kind == 128) {
            plainRuns(in, reader, fb, x, y, w, h);
        } else if (kind == 129 && mayReuse && paletteSize >= 2) {
            paletteRuns(in, fb, x, y, w, h);
        } else if (kind >= 130) {
            readPalette(in, reader, kind - 128);
            paletteRuns(in, fb, x, y, w, h);
        } else {
            throw new RfbException("The console sent a tile of the unknown kind " + kind + ".");
        }
    }

    private static int pixel(RfbInput in, PixelReader reader) throws IOException {
        in.ensure(reader.bytes());
        int rgb = reader.rgb(in.buffer(), in.position());
        in.advance(reader.bytes());
        return rgb;
    }

    private void readPalette(RfbInput in, PixelReader reader, int count) throws IOException {
        in.ensure(count * reader.bytes());
        reader.row(in.buffer(), in.position(), palette, 0, count);
        in.advance(count * reader.bytes());
        paletteSize = count;
    }

    private void packed(RfbInput in, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        int bits = paletteSize == 2 ? 1 : paletteSize <= 4 ? 2 : 4;
        int rowBytes = (w * bits + 7) / 8;
        in.ensure(rowBytes * h);
        byte[] from = in.buffer();
        int at = in.position();
        int[] pixels = fb.pixels();
        int mask = (1 << bits) - 1;
        for (int row = y; row < y + h; row++, at += rowBytes) {
            int to = row * fb.width() + x;
            if (bits == 1) {
                MonoRow.expand(from, at, pixels, to, w, palette[0], palette[1]);
                continue;
            }
            int shift = 8;
            int next = at;
            for (int end = to + w; to < end; to++) {
                shift -= bits;
                int index = from[next] >> shift & mask;
                if (index >= paletteSize) {
                    throw outsidePalette();
                }
                pixels[to] = palette[index];
                if (shift == 0) {
                    shift = 8;
                    next++;
                }
            }
        }
        in.advance(rowBytes * h);
    }

    private static void plainRuns(RfbInput in, PixelReader reader, Framebuffer fb, int x, int y, int w, int h)
            throws IOException {
        int size = reader.bytes();
        int done = 0;
        while (done < w * h) {
            in.ensure(size);
            int rgb = reader.rgb(in.buffer(), in.position());
            in.advance(size);
            done = fillRun(fb, x, y, w, h, done, runLength(in), rgb);
        }
    }

    private void paletteRuns(RfbInput in, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        int done = 0;
        while (done < w * h) {
            int index = in.readU8();
            int length = 1;
            if (index > 127) {
                index &= 127;
                length = runLength(in);
            }
            if (index >= paletteSize) {
                throw outsidePalette();
            }
            done = fillRun(fb, x, y, w, h, done, length, palette[index]);
        }
    }

    private static int runLength(RfbInput in) throws IOException {
        int length = 1;
        int more;
        do {
            more = in.readU8();
            length += more;
        } while (more == 255 && length <= 4096);
        return length;
    }

    /** Fills {@code length} pixels of the tile from its {@code done}-th on; returns how many are done then. */
    private static int fillRun(Framebuffer fb, int x, int y, int w, int h, int done, int length, int rgb)
            throws RfbException {
        int end = done + length;
        if (end > w * h) {
            throw new RfbException("The console sent a run that goes on past the end of its tile.");
        }
        int[] pixels = fb.pixels();
        int column = done % w;
        int to = (y + done / w) * fb.width() + x + column;
        while (length > 0) {
            int step = Math.min(length, w - column);
            for (int stop = to + step; to < stop; to++) {
                pixels[to] = rgb;
            }
            length -= step;
            column = 0;
            to += fb.width() - w;
        }
        return end;
    }

    private static RfbException outsidePalette() {
        return new RfbException("The console sent a colour index outside its palette.");
    }
}
