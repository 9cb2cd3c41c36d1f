package org.xvpproxy.viewer.rfb;

/** Passes events on to the screen and, while there is one, to a recorder. */
final class ScreenFork implements Screen {

    private final Screen screen;
    private volatile Framebuffer framebuffer;
    private volatile CursorShape cursor;
    private volatile Recorder recorder;

    ScreenFork(Screen screen) {
        this.screen = screen;
    }

    Framebuffer framebuffer() {
        return framebuffer;
    }

    /** The last shape, or null. */
    CursorShape cursor() {
        return cursor;
    }

    /** @return the recorder until now, or null */
    synchronized Recorder recorder(Recorder next) {
        Recorder before = recorder;
        recorder = next;
        return before;
    }

    @Override
    public void resized(Framebuffer fresh) {
        framebuffer = fresh;
        screen.resized(fresh);
        Recorder now = recorder;
        if (now != null) {
            now.resized(fresh);
        }
    }

    @Override
    public void damaged(int x, int y, int width, int height) {
        screen.damaged(x, y, width, height);
        Recorder now = recorder;
        if (now != null) {
            now.damaged(x, y, width, height);
        }
    }

    @Override
    public void updateDone() {
        screen.updateDone();
        Recorder now = recorder;
        if (now != null) {
            now.updateDone();
        }
    }

    @Override
    public void cursor(CursorShape shape) {
        cursor = shape;
        screen.cursor(shape);
        Recorder now = recorder;
        if (now != null) {
            now.cursor(shape);
        }
    }

    @Override
    public void pointerMoved(int x, int y) {
        screen.pointerMoved(x, y);
    }

    @Override
    public void bell() {
        screen.bell();
    }

    @Override
    public void clipboard(String text) {
        screen.clipboard(text);
    }

    @Override
    public void named(String name) {
        screen.named(name);
    }

    @Override
    public void leds(int bits) {
        screen.leds(bits);
    }

    @Override
    public void xvp(int version) {
        screen.xvp(version);
    }

    @Override
    public void xvpFailed() {
        screen.xvpFailed();
    }

    @Override
    public void pointerMode(boolean absolute) {
        screen.pointerMode(absolute);
    }

    @Override
    public void resizeRefused(int status) {
        screen.resizeRefused(status);
    }
}
