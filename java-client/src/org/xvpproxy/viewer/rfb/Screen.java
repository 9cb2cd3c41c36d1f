package org.xvpproxy.viewer.rfb;

/** What a session shows its events to. Every method is called on the session's reader thread and must return soon. */
public interface Screen {

    /** A new framebuffer is in force; also called once at the start. It holds what the old one held where they overlap. */
    void resized(Framebuffer framebuffer);

    /** A rectangle of the framebuffer has new pixels; it lies within it. */
    void damaged(int x, int y, int width, int height);

    /** One FramebufferUpdate is complete: the time to repaint what was damaged. */
    void updateDone();

    default void cursor(CursorShape shape) {
    }

    /** The server moved the pointer (PointerPos). */
    default void pointerMoved(int x, int y) {
    }

    default void bell() {
    }

    /** The remote clipboard's text, lines separated by LF. */
    default void clipboard(String text) {
    }

    default void named(String name) {
    }

    /** Lock lights of the remote keyboard: bit 0 scroll, 1 num, 2 caps. */
    default void leds(int bits) {
    }

    /** The server offers xvp power control in this version. */
    default void xvp(int version) {
    }

    /** The last xvp operation was refused. */
    default void xvpFailed() {
    }

    /** Whether the console takes absolute pointer positions; if not, its own pointer drifts from the local one. */
    default void pointerMode(boolean absolute) {
    }

    /** Our request for another desktop size was refused: 1 prohibited, 2 out of resources, 3 invalid, 4 forwarded. */
    default void resizeRefused(int status) {
    }
}
