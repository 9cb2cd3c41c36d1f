package org.xvpproxy.viewer.ui.screen;

/** Where pointer events go; in the running viewer, the connection to the console. */
@FunctionalInterface
public interface PointerSink {
    /**
     * Takes the state of the pointer.
     *
     * @param mask bits 0-2 left, middle, right; 3-6 wheel up, down, left, right; 7 back, 8 forward
     * @param x remote pixel, y likewise
     */
    void pointer(int mask, int x, int y);
}
