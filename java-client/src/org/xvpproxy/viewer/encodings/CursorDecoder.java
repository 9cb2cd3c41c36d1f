package org.xvpproxy.viewer.encodings;

import java.io.IOException;

import org.xvpproxy.viewer.rfb.CursorShape;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbInput;

/** The three ways a pointer's shape is sent. */
public final class CursorDecoder {

    private static final int MOST_PIXELS = 1 << 20;
    private static final int OPAQUE = 0xff000000;

    private CursorDecoder() {
    }

    /** Pixels in the session's format and a one-bit mask. */
    public static CursorShape rich(RfbInput in, WireFormat format, int hotX, int hotY, int w, int h)
            throws IOException {
        check(w, h);
        int size = format.pixel().bytes();
        byte[] pixels = in.readBytes(w * h * size);
        int[] argb = new int[w * h];
        format.pixel().row(pixels, 0, argb, 0, w * h);
        byte[] mask = in.readBytes(maskSize(w, h));
        for (int i = 0; i < argb.length; i++) {
            argb[i] = bit(mask, i, w) ? argb[i] | OPAQUE : 0;
        }
        return new CursorShape(w, h, hotX, hotY, argb);
    }

    /** Two colours, a bitmap that chooses between them, and a mask. */
    public static CursorShape twoColour(RfbInput in, int hotX, int hotY, int w, int h) throws IOException {
        check(w, h);
        if (w * h == 0) {
            return CursorShape.HIDDEN;
        }
        byte[] colours = in.readBytes(6);
        int primary = OPAQUE | rgb(colours, 0);
        int secondary = OPAQUE | rgb(colours, 3);
        byte[] bitmap = in.readBytes(maskSize(w, h));
        byte[] mask = in.readBytes(maskSize(w, h));
        int[] argb = new int[w * h];
        for (int i = 0; i < argb.length; i++) {
            if (bit(mask, i, w)) {
                argb[i] = bit(bitmap, i, w) ? primary : secondary;
            }
        }
        return new CursorShape(w, h, hotX, hotY, argb);
    }

    /** R, G, B, A with the colours multiplied by alpha, in any encoding. */
    public static CursorShape alpha(RfbInput in, Decoder decoder, int hotX, int hotY, int w, int h)
            throws IOException {
        check(w, h);
        Framebuffer shape = new Framebuffer(w, h);
        decoder.decode(in, WireFormat.RGBA, shape, 0, 0, w, h);
        int[] argb = shape.pixels();
        for (int i = 0; i < argb.length; i++) {
            int alpha = argb[i] >>> 24;
            argb[i] = alpha << 24 | divide(argb[i] >> 16 & 255, alpha) << 16 | divide(argb[i] >> 8 & 255, alpha) << 8
                    | divide(argb[i] & 255, alpha);
        }
        return new CursorShape(w, h, hotX, hotY, argb);
    }

    private static int divide(int channel, int alpha) {
        return alpha == 0 ? 0 : Math.min(255, (channel * 255 + alpha / 2) / alpha);
    }

    private static void check(int w, int h) throws RfbException {
        if ((long) w * h > MOST_PIXELS) {
            throw new RfbException("The console sent a pointer of " + w + "x" + h + " pixels.");
        }
    }

    private static int maskSize(int w, int h) {
        return (w + 7) / 8 * h;
    }

    private static boolean bit(byte[] mask, int pixel, int w) {
        int column = pixel % w;
        return (mask[pixel / w * ((w + 7) / 8) + column / 8] >> 7 - column % 8 & 1) != 0;
    }

    private static int rgb(byte[] from, int at) {
        return (from[at] & 0xff) << 16 | (from[at + 1] & 0xff) << 8 | from[at + 2] & 0xff;
    }
}
