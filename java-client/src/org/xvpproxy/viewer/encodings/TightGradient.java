package org.xvpproxy.viewer.encodings;

import java.io.IOException;
import java.util.Arrays;

import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.PixelFormat;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/** Tight's gradient filter: what is sent is the difference from a guess by the left, upper and upper left pixel. */
final class TightGradient {

    /** What stands above the first row; never written. */
    private int[] black = new int[0];
    /** Channels of the row above in the wire's own depth, three ints a pixel after three for the pixel left of it. */
    private int[] above = new int[0];

    void read(RfbInput in, WireFormat format, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        PixelFormat pixel = format.format();
        if (!pixel.trueColour() || pixel.bitsPerPixel() == 8) {
            throw new RfbException("The console sent a Tight gradient in a pixel format that has none.");
        }
        if (pixel.tightCompact()) {
            compact(in, fb, x, y, w, h);
            return;
        }
        if (above.length < 3 * w + 3) {
            above = new int[3 * w + 3];
        }
        Arrays.fill(above, 0, 3 * w + 3, 0);
        for (int row = y; row < y + h; row++) {
            row(in, pixel, fb.pixels(), row * fb.width() + x, w);
        }
    }

    /** Eight bits a channel are what the framebuffer holds: its own last row is the row above. */
    private void compact(RfbInput in, Framebuffer fb, int x, int y, int w, int h) throws IOException {
        if (black.length < w) {
            black = new int[w];
        }
        int[] pixels = fb.pixels();
        for (int row = y; row < y + h; row++) {
            int start = row * fb.width() + x;
            int end = start + w;
            int[] up = row == y ? black : pixels;
            int upAt = row == y ? 0 : start - fb.width();
            int left = 0;
            int upLeft = 0;
            while (start < end) {
                in.ensure(3);
                int ready = Math.min(end - start, in.available() / 3);
                compactPixels(in.buffer(), in.position(), up, upAt, pixels, start, ready, left, upLeft);
                in.advance(3 * ready);
                start += ready;
                upAt += ready;
                left = pixels[start - 1];
                upLeft = up[upAt - 1];
            }
        }
    }

    private static void compactPixels(byte[] from, int at, int[] up, int upAt, int[] to, int start, int count,
            int left, int upLeft) {
        int red = left >> 16;
        int green = left >> 8 & 255;
        int blue = left & 255;
        int upLeftRed = upLeft >> 16;
        int upLeftGreen = upLeft >> 8 & 255;
        int upLeftBlue = upLeft & 255;
        for (int end = start + count; start < end; start++, at += 3) {
            int above = up[upAt++];
            int upRed = above >> 16;
            int upGreen = above >> 8 & 255;
            int upBlue = above & 255;
            red = clamp(upRed + red - upLeftRed, 255) + from[at] & 255;
            green = clamp(upGreen + green - upLeftGreen, 255) + from[at + 1] & 255;
            blue = clamp(upBlue + blue - upLeftBlue, 255) + from[at + 2] & 255;
            upLeftRed = upRed;
            upLeftGreen = upGreen;
            upLeftBlue = upBlue;
            to[start] = red << 16 | green << 8 | blue;
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
        return Math.max(0, Math.min(value, max));
    }
}
