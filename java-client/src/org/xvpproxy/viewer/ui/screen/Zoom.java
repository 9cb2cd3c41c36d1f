package org.xvpproxy.viewer.ui.screen;

/**
 * How large the console is shown.
 *
 * @param percent of the desktop's own size in units of the local desktop; only for PERCENT
 */
public record Zoom(Mode mode, int percent) {
    public static final int SMALLEST = 10;
    public static final int LARGEST = 1000;
    public static final Zoom FIT = new Zoom(Mode.FIT, 100);
    public static final Zoom DEVICE = new Zoom(Mode.DEVICE, 100);
    public static final Zoom FULL = new Zoom(Mode.PERCENT, 100);

    /** FIT follows the window, PERCENT is fixed, DEVICE shows each remote pixel as one pixel of the monitor. */
    public enum Mode { FIT, PERCENT, DEVICE }

    /** A fixed size, kept between {@link #SMALLEST} and {@link #LARGEST}. */
    public static Zoom percent(int percent) {
        return new Zoom(Mode.PERCENT, Math.max(SMALLEST, Math.min(LARGEST, percent)));
    }

    /** What the command line says: 0 fits the window. */
    public static Zoom ofParameter(int scalePercent) {
        return scalePercent == 0 ? FIT : percent(scalePercent);
    }

    /** The size of the whole picture in monitor pixels, before a window is known; FIT counts as 100 %. */
    double factor(double deviceScale) {
        return mode == Mode.DEVICE ? 1 : deviceScale * percent / 100;
    }
}
