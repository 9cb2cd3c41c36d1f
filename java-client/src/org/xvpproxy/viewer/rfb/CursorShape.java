package org.xvpproxy.viewer.rfb;

/**
 * The remote pointer's picture.
 *
 * @param argb width times height pixels, 0xAARRGGBB, not premultiplied, row by row
 */
public record CursorShape(int width, int height, int hotX, int hotY, int[] argb) {

    /** A hidden pointer. */
    public static final CursorShape HIDDEN = new CursorShape(0, 0, 0, 0, new int[0]);

    public boolean hidden() {
        return width == 0 || height == 0;
    }
}
