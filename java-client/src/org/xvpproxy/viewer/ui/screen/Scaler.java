package org.xvpproxy.viewer.ui.screen;

/** Scales parts of a picture of ints 0x00RRGGBB smoothly: averaging when smaller, blending when larger. */
public final class Scaler {
    private static final int RED_BLUE = 0xff00ff;
    private static final int GREEN = 0x00ff00;
    private static final int HALF_RED_BLUE = 0x800080;
    private static final int HALF_GREEN = 0x008000;

    private final Axis across;
    private final Axis down;
    private int[][] rows = new int[0][];
    private int[] rowNumbers = new int[0];

    /** Prepares to scale a picture of one size to another; sizes in pixels, at least 1. */
    public Scaler(int fromWidth, int fromHeight, int toWidth, int toHeight) {
        this.across = new Axis(fromWidth, toWidth);
        this.down = new Axis(fromHeight, toHeight);
    }

    /** Whether this one was prepared for these sizes. */
    public boolean isFor(int fromWidth, int fromHeight, int toWidth, int toHeight) {
        return across.from == fromWidth && down.from == fromHeight && across.to == toWidth && down.to == toHeight;
    }

    /**
     * Computes a rectangle of the scaled picture.
     *
     * @param source all pixels of the original, row by row
     * @param x left edge of the rectangle in the scaled picture; y, width and height likewise
     * @param target receives {@code width * height} pixels, row by row
     */
    public void scale(int[] source, int x, int y, int width, int height, int[] target) {
        prepareRows(width);
        for (int row = 0; row < height; row++) {
            int tap = (y + row) * down.taps;
            int first = down.first[y + row];
            if (down.taps == 1) {
                System.arraycopy(narrowed(source, first, x, width), 0, target, row * width, width);
            } else {
                mixRows(source, first, tap, x, width, target, row * width);
            }
        }
    }

    private void prepareRows(int width) {
        if (rows.length != down.taps || rows[0].length < width) {
            rows = new int[down.taps][width];
            rowNumbers = new int[down.taps];
        }
        java.util.Arrays.fill(rowNumbers, -1);
    }

    /** One source row scaled across; kept as long as the rows of the target next to each other need it. */
    private int[] narrowed(int[] source, int number, int x, int width) {
        int slot = number % rows.length;
        int[] row = rows[slot];
        if (rowNumbers[slot] != number) {
            rowNumbers[slot] = number;
            mixColumns(source, number * across.from, x, width, row);
        }
        return row;
    }

    private void mixColumns(int[] source, int start, int x, int width, int[] row) {
        int taps = across.taps;
        for (int i = 0; i < width; i++) {
            int from = start + across.first[x + i];
            if (taps == 1) {
                row[i] = source[from];
                continue;
            }
            int weight = (x + i) * taps;
            int redBlue = HALF_RED_BLUE;
            int green = HALF_GREEN;
            for (int tap = 0; tap < taps; tap++) {
                int pixel = source[from + tap];
                int w = across.weights[weight + tap];
                redBlue += (pixel & RED_BLUE) * w;
                green += (pixel & GREEN) * w;
            }
            row[i] = redBlue >>> 8 & RED_BLUE | green >>> 8 & GREEN;
        }
    }

    private void mixRows(int[] source, int first, int weight, int x, int width, int[] target, int at) {
        int[][] used = new int[down.taps][];
        for (int tap = 0; tap < down.taps; tap++) {
            used[tap] = down.weights[weight + tap] == 0 ? null : narrowed(source, first + tap, x, width);
        }
        for (int i = 0; i < width; i++) {
            int redBlue = HALF_RED_BLUE;
            int green = HALF_GREEN;
            for (int tap = 0; tap < used.length; tap++) {
                if (used[tap] != null) {
                    int pixel = used[tap][i];
                    int w = down.weights[weight + tap];
                    redBlue += (pixel & RED_BLUE) * w;
                    green += (pixel & GREEN) * w;
                }
            }
            target[at + i] = redBlue >>> 8 & RED_BLUE | green >>> 8 & GREEN;
        }
    }
}
