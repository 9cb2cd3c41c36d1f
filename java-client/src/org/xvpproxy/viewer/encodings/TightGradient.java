package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.PixelFormat;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Tight's gradient filter: what is sent is the difference from a guess by the left, upper and upper left pixel. */
final class TightGradient {

    /** Channels of the row above, three ints a pixel after three zeros for the pixel left of the first. */
    private int[] above = new int[0];

    void read(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        PixelFormat pixel = format.format();
        if (!pixel.trueColour() || pixel.bitsPerPixel() == 8) {
            throw new RfbException("The console sent a Tight gradient in a pixel format that has none.");
        }
        if (above.length < 3 * w + 3) {
            above = new int[3 * w + 3];
        }
        java.util.Arrays.fill(above, 0, 3 * w + 3, 0);
        for (int row = y; row < y + h; row++) {
            int start = row * fb.width() + x;
            if (pixel.tightCompact()) {
                compactRow(in, fb.pixels(), start, w);
            } else {
                row(in, pixel, fb.pixels(), start, w);
            }
        }
    }

    private void compactRow(RfbInput in, int[] to, int start, int w) throws IOException {
        int red = 0;
        int green = 0;
        int blue = 0;
        int upRed = 0;
        int upGreen = 0;
        int upBlue = 0;
        byte[] from = in.buffer();
        for (int i = 3; w > 0; w--, i += 3) {
            in.ensure(3);
            int at = in.position();
            in.advance(3);
            int r = above[i];
            int g = above[i + 1];
            int b = above[i + 2];
            red = clamp(r + red - upRed, 255) + from[at] & 255;
            green = clamp(g + green - upGreen, 255) + from[at + 1] & 255;
            blue = clamp(b + blue - upBlue, 255) + from[at + 2] & 255;
            upRed = r;
            upGreen = g;
            upBlue = b;
            above[i] = red;
            above[i + 1] = green;
            above[i + 2] = blue;
            to[start++] = red << 16 | green << 8 | blue;
        }
    }

    private void row(RfbInput in, PixelFormat format, int[] to, int start, int w) throws IOException {
        int[] shift = {format.redShift(), format.greenShift(), format.blueShift()};
        int[] max = {format.redMax(), format.greenMax(), format.blueMax()};
        int[] left = new int[3];
        int[] upLeft = new int[3];
        for (int i = 3; w > 0; w--, i += 3) {
            int sent = value(in, format);
            int value = 0;
            for (int c = 0; c < 3; c++) {
                int up = above[i + c];
                left[c] = clamp(up + left[c] - upLeft[c], max[c]) + (sent >>> shift[c]) & max[c];
                upLeft[c] = up;
                above[i + c] = left[c];
                value |= left[c] << shift[c];
            }
            to[start++] = format.rgb(value);
        }
    }

    private static int value(RfbInput in, PixelFormat format) throws IOException {
        if (format.bitsPerPixel() == 16) {
            int value = in.readU16();
            return format.bigEndian() ? value : Short.reverseBytes((short) value) & 0xffff;
        }
        int value = in.readS32();
        return format.bigEndian() ? value : Integer.reverseBytes(value);
    }

    private static int clamp(int value, int max) {
        return value < 0 ? 0 : Math.min(value, max);
    }
}
