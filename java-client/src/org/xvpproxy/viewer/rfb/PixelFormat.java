package org.xvpproxy.viewer.rfb;

import java.io.DataOutputStream;
import java.io.IOException;

/** RFB's PIXEL_FORMAT: how a pixel's bytes mean a colour. */
public record PixelFormat(int bitsPerPixel, int depth, boolean bigEndian, boolean trueColour, int redMax,
        int greenMax, int blueMax, int redShift, int greenShift, int blueShift) {

    /** The framebuffer's own layout. */
    public static final PixelFormat RGB888 = new PixelFormat(32, 24, false, true, 255, 255, 255, 16, 8, 0);

    /** One byte a pixel, three bits red and green, two bits blue. */
    public static final PixelFormat BGR233 = new PixelFormat(8, 8, false, true, 7, 7, 3, 0, 3, 6);

    /** Reads the 16 bytes as they are; {@link #check} says whether they make sense. */
    public static PixelFormat read(RfbInput in) throws IOException {
        PixelFormat format = new PixelFormat(in.readU8(), in.readU8(), in.readU8() != 0, in.readU8() != 0,
                in.readU16(), in.readU16(), in.readU16(), in.readU8(), in.readU8(), in.readU8());
        in.skip(3);
        return format;
    }

    public void write(DataOutputStream out) throws IOException {
        out.writeByte(bitsPerPixel);
        out.writeByte(depth);
        out.writeBoolean(bigEndian);
        out.writeBoolean(trueColour);
        out.writeShort(redMax);
        out.writeShort(greenMax);
        out.writeShort(blueMax);
        out.writeByte(redShift);
        out.writeByte(greenShift);
        out.writeByte(blueShift);
        out.write(new byte[3]);
    }

    /** @throws RfbException if no pixel can be read by it */
    public void check() throws RfbException {
        boolean size = bitsPerPixel == 8 || bitsPerPixel == 16 || bitsPerPixel == 32;
        boolean colours = !trueColour || fits(redMax, redShift) && fits(greenMax, greenShift)
                && fits(blueMax, blueShift);
        if (!size || !colours) {
            throw new RfbException("The console's pixel format makes no sense: " + this + ".");
        }
    }

    private boolean fits(int max, int shift) {
        return max > 0 && shift < bitsPerPixel && ((long) max << shift) < 1L << bitsPerPixel;
    }

    public int bytes() {
        return bitsPerPixel / 8;
    }

    /** Three bytes R, G, B in Tight. */
    public boolean tightCompact() {
        return trueColour && bitsPerPixel == 32 && depth == 24 && redMax == 255 && greenMax == 255
                && blueMax == 255;
    }

    /** The colour 0x00RRGGBB of a true-colour pixel's value. */
    public int rgb(int value) {
        return widen(value >>> redShift & redMax, redMax) << 16 | widen(value >>> greenShift & greenMax, greenMax) << 8
                | widen(value >>> blueShift & blueMax, blueMax);
    }

    /** Channel value 0..max as 0..255, rounded. */
    public static int widen(int channel, int max) {
        return max == 255 ? channel : (int) ((channel * 255L + max / 2) / max);
    }

    @Override
    public String toString() {
        return bitsPerPixel + " bits, depth " + depth + (bigEndian ? ", big-endian" : ", little-endian")
                + (trueColour ? ", red " + redMax + "<<" + redShift + ", green " + greenMax + "<<" + greenShift
                        + ", blue " + blueMax + "<<" + blueShift : ", colour map");
    }
}
