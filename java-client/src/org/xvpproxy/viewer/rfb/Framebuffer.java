package org.xvpproxy.viewer.rfb;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The picture: {@code width * height} ints 0x00RRGGBB, row by row. Written by the reader thread only; others may read
 * at any time and see at worst a half-drawn update.
 */
public final class Framebuffer {

    private final int width;
    private final int height;
    private final int[] pixels;

    /** @throws RfbException if the server's size is larger than this process can hold */
    public Framebuffer(int width, int height) throws RfbException {
        long count = (long) width * height;
        if (width < 0 || height < 0 || count > largestPixels()) {
            throw new RfbException("The console announces a screen of " + width + "x" + height
                    + " pixels, more than this viewer has memory for.");
        }
        this.width = width;
        this.height = height;
        this.pixels = new int[(int) count];
    }

    // During a resize the old picture, the new one and a scaled copy exist at once.
    private static long largestPixels() {
        return Math.min(1L << 28, Runtime.getRuntime().maxMemory() / 16);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The live pixels, not a copy. */
    public int[] pixels() {
        return pixels;
    }

    /** @throws RfbException if the rectangle is not wholly inside */
    public void check(int x, int y, int w, int h) throws RfbException {
        if ((x | y | w | h) < 0 || x + w > width || y + h > height) {
            throw new RfbException("The console sent a rectangle of " + w + "x" + h + " at " + x + "," + y
                    + " outside its " + width + "x" + height + " screen.");
        }
    }

    /** Fills a rectangle that was checked. */
    public void fill(int x, int y, int w, int h, int rgb) {
        int start = y * width + x;
        if (w == 1) {
            for (int end = start + h * width; start < end; start += width) {
                pixels[start] = rgb;
            }
            return;
        }
        for (int row = 0; row < h; row++, start += width) {
            Arrays.fill(pixels, start, start + w, rgb);
        }
    }

    /** Copies a checked rectangle to a checked place; they may overlap. */
    public void copy(int fromX, int fromY, int toX, int toY, int w, int h) {
        int from = fromY * width + fromX;
        int to = toY * width + toX;
        int step = width;
        if (to > from) {
            from += (h - 1) * width;
            to += (h - 1) * width;
            step = -width;
        }
        for (int row = 0; row < h; row++, from += step, to += step) {
            System.arraycopy(pixels, from, pixels, to, w);
        }
    }

    /** SHA-256 of the picture as width * height * 3 bytes R, G, B, in hex. */
    public String sha256() {
        byte[] row = new byte[width * 3];
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    int rgb = pixels[y * width + x];
                    row[3 * x] = (byte) (rgb >> 16);
                    row[3 * x + 1] = (byte) (rgb >> 8);
                    row[3 * x + 2] = (byte) rgb;
                }
                digest.update(row);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** A framebuffer of another size with the overlapping pixels of this one. */
    Framebuffer resized(int newWidth, int newHeight) throws RfbException {
        Framebuffer fresh = new Framebuffer(newWidth, newHeight);
        int w = Math.min(width, newWidth);
        for (int y = 0; y < Math.min(height, newHeight); y++) {
            System.arraycopy(pixels, y * width, fresh.pixels, y * newWidth, w);
        }
        return fresh;
    }
}
