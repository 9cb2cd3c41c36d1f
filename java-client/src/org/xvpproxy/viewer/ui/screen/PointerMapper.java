package org.xvpproxy.viewer.ui.screen;

import org.xvpproxy.viewer.ui.keys.Platform;

/** Turns AWT's buttons and wheel into RFB's pointer masks. Not thread-safe: belongs to the event thread. */
public final class PointerMapper {
    private static final int WHEEL_UP = 1 << 3;
    private static final int WHEEL_DOWN = 1 << 4;
    private static final int WHEEL_LEFT = 1 << 5;
    private static final int WHEEL_RIGHT = 1 << 6;
    private static final int BACK = 1 << 7;
    private static final int FORWARD = 1 << 8;
    private static final int MOST_STEPS = 20;

    private final Platform platform;
    private final PointerSink sink;
    private boolean swapped;
    private int mask;
    private int x;
    private int y;
    private double vertical;
    private double horizontal;

    /** Sends to {@code sink}. */
    public PointerMapper(Platform platform, PointerSink sink) {
        this.platform = platform;
        this.sink = sink;
    }

    /** Exchanges the middle and the right button. */
    public void swapButtons(boolean on) {
        releaseAll();
        swapped = on;
    }

    /** The pointer is over another remote pixel. */
    public void moved(int newX, int newY) {
        if (newX != x || newY != y) {
            x = newX;
            y = newY;
            sink.pointer(mask, x, y);
        }
    }

    /** A button of AWT's numbering went down or up at a remote pixel. */
    public void button(int awtButton, boolean down, int atX, int atY) {
        x = atX;
        y = atY;
        int bit = bit(awtButton);
        if ((bit & (WHEEL_LEFT | WHEEL_RIGHT)) != 0) {
            if (down) {
                step(bit);
            }
            return;
        }
        mask = down ? mask | bit : mask & ~bit;
        sink.pointer(mask, x, y);
    }

    /** The wheel turned by so many notches, down or right being positive; parts of a notch are summed up. */
    public void wheel(double notches, boolean sideways, int atX, int atY) {
        x = atX;
        y = atY;
        if (sideways) {
            horizontal = steps(horizontal + notches, WHEEL_LEFT, WHEEL_RIGHT);
        } else {
            vertical = steps(vertical + notches, WHEEL_UP, WHEEL_DOWN);
        }
    }

    /** Releases the buttons: the window lost the pointer and may see no release. */
    public void releaseAll() {
        if (mask != 0) {
            mask = 0;
            sink.pointer(0, x, y);
        }
    }

    private double steps(double notches, int negative, int positive) {
        int whole = (int) notches;
        for (int i = 0; i < Math.min(MOST_STEPS, Math.abs(whole)); i++) {
            step(whole < 0 ? negative : positive);
        }
        return notches - whole;
    }

    private void step(int bit) {
        sink.pointer(mask | bit, x, y);
        sink.pointer(mask, x, y);
    }

    private int bit(int awtButton) {
        return switch (awtButton) {
            case 1 -> 1;
            case 2 -> swapped ? 4 : 2;
            case 3 -> swapped ? 2 : 4;
            // X11 counts the sideways wheel as buttons; elsewhere 4 and 5 are back and forward.
            case 4 -> platform == Platform.X11 ? WHEEL_LEFT : BACK;
            case 5 -> platform == Platform.X11 ? WHEEL_RIGHT : FORWARD;
            case 6 -> platform == Platform.X11 ? BACK : 0;
            case 7 -> platform == Platform.X11 ? FORWARD : 0;
            default -> 0;
        };
    }
}
