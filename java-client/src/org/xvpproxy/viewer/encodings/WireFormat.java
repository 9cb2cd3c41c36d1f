package org.xvpproxy.viewer.encodings;

import org.xvpproxy.viewer.rfb.PixelFormat;
import org.xvpproxy.viewer.rfb.RfbException;

/**
 * The readers for a pixel format in force.
 *
 * @param pixel PIXEL
 * @param compact CPIXEL of ZRLE and TRLE
 * @param tight TPIXEL of Tight
 */
public record WireFormat(PixelFormat format, PixelReader pixel, PixelReader compact, PixelReader tight) {

    /** Four bytes R, G, B, A kept as 0xAARRGGBB: cursors with alpha, whatever the session's format. */
    public static final WireFormat RGBA = rgba();

    /** @param colourMap 0x00RRGGBB per entry, read at each look-up; used without true colour */
    public static WireFormat of(PixelFormat format, int[] colourMap) throws RfbException {
        format.check();
        PixelReader pixel = reader(format, colourMap);
        PixelReader compact = pixel;
        if (format.trueColour() && format.bitsPerPixel() == 32 && format.depth() <= 24) {
            int used = format.redMax() << format.redShift() | format.greenMax() << format.greenShift()
                    | format.blueMax() << format.blueShift();
            if (used >>> 24 == 0) {
                compact = packed(format, 3, 0);
            } else if ((used & 0xff) == 0) {
                compact = packed(format, 3, 8);
            }
        }
        return new WireFormat(format, pixel, compact, format.tightCompact() ? new Aligned(3, 0, 1, 2) : pixel);
    }

    private static PixelReader reader(PixelFormat format, int[] colourMap) {
        int bytes = format.bytes();
        if (!format.trueColour()) {
            return new Mapped(bytes, format.bigEndian(), colourMap, format.bitsPerPixel() == 8 ? 0xff : 0xffff);
        }
        if (bytes == 4) {
            return packed(format, 4, 0);
        }
        int[] table = new int[1 << format.bitsPerPixel()];
        for (int value = 0; value < table.length; value++) {
            table[value] = format.rgb(value);
        }
        return new Mapped(bytes, format.bigEndian(), table, table.length - 1);
    }

    /** A 32-bit pixel of which {@code bytes} are sent, those from bit {@code lowest} up. */
    private static PixelReader packed(PixelFormat format, int bytes, int lowest) {
        boolean full = format.redMax() == 255 && format.greenMax() == 255 && format.blueMax() == 255;
        int shifts = format.redShift() | format.greenShift() | format.blueShift();
        if (!full || (shifts & 7) != 0) {
            return new Shifted(format, bytes, lowest);
        }
        int[] at = {format.redShift(), format.greenShift(), format.blueShift()};
        for (int channel = 0; channel < 3; channel++) {
            int index = (at[channel] - lowest) / 8;
            at[channel] = format.bigEndian() ? bytes - 1 - index : index;
        }
        return new Aligned(bytes, at[0], at[1], at[2]);
    }

    /** Three bytes B, G, R. */
    static PixelReader packedBgr() {
        return new Aligned(3, 2, 1, 0);
    }

    private static WireFormat rgba() {
        PixelFormat format = new PixelFormat(32, 32, false, true, 255, 255, 255, 0, 8, 16);
        PixelReader reader = new PixelReader(4) {
            @Override
            public int rgb(byte[] from, int at) {
                return from[at + 3] << 24 | (from[at] & 0xff) << 16 | (from[at + 1] & 0xff) << 8
                        | from[at + 2] & 0xff;
            }
        };
        return new WireFormat(format, reader, reader, reader);
    }

    private static int value(byte[] from, int at, int bytes, boolean bigEndian) {
        int value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (from[at + i] & 0xff) << 8 * (bigEndian ? bytes - 1 - i : i);
        }
        return value;
    }

    /** Each channel is one whole byte. */
    private static final class Aligned extends PixelReader {

        private final int red;
        private final int green;
        private final int blue;

        Aligned(int bytes, int red, int green, int blue) {
            super(bytes);
            this.red = red;
            this.green = green;
            this.blue = blue;
        }

        @Override
        public int rgb(byte[] from, int at) {
            return (from[at + red] & 0xff) << 16 | (from[at + green] & 0xff) << 8 | from[at + blue] & 0xff;
        }

        @Override
        public void row(byte[] from, int at, int[] to, int start, int count) {
            int step = bytes();
            int r = at + red;
            int g = at + green;
            int b = at + blue;
            for (int end = start + count; start < end; start++, r += step, g += step, b += step) {
                to[start] = (from[r] & 0xff) << 16 | (from[g] & 0xff) << 8 | from[b] & 0xff;
            }
        }
    }

    /** 8 and 16 bits through a table of all values, or any size through a colour map. */
    private static final class Mapped extends PixelReader {

        private final boolean bigEndian;
        private final int[] table;
        private final int mask;

        Mapped(int bytes, boolean bigEndian, int[] table, int mask) {
            super(bytes);
            this.bigEndian = bigEndian;
            this.table = table;
            this.mask = mask;
        }

        @Override
        public int rgb(byte[] from, int at) {
            return switch (bytes()) {
                case 1 -> table[from[at] & mask];
                case 2 -> table[(bigEndian ? from[at] << 8 | from[at + 1] & 0xff
                        : from[at + 1] << 8 | from[at] & 0xff) & mask];
                default -> table[value(from, at, bytes(), bigEndian) & mask];
            };
        }
    }

    /** Channels that are not whole bytes. */
    private static final class Shifted extends PixelReader {

        private final PixelFormat format;
        private final int lowest;

        Shifted(PixelFormat format, int bytes, int lowest) {
            super(bytes);
            this.format = format;
            this.lowest = lowest;
        }

        @Override
        public int rgb(byte[] from, int at) {
            return format.rgb(value(from, at, bytes(), format.bigEndian()) << lowest);
        }
    }
}
