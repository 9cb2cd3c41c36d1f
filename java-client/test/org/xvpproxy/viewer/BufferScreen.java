package org.xvpproxy.viewer;

import java.util.ArrayList;
import java.util.List;

import org.xvpproxy.viewer.rfb.CursorShape;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.Screen;

/** Keeps what a session shows. */
public final class BufferScreen implements Screen {

    public Framebuffer framebuffer;
    public CursorShape cursor;
    public int updates;
    public final List<String> events = new ArrayList<>();

    @Override
    public void resized(Framebuffer fresh) {
        framebuffer = fresh;
        events.add("size " + fresh.width() + "x" + fresh.height());
    }

    @Override
    public void damaged(int x, int y, int width, int height) {
        if (x < 0 || y < 0 || x + width > framebuffer.width() || y + height > framebuffer.height()) {
            throw new IllegalStateException("damage outside the framebuffer");
        }
    }

    @Override
    public void updateDone() {
        updates++;
    }

    @Override
    public void cursor(CursorShape shape) {
        cursor = shape;
    }

    @Override
    public void pointerMoved(int x, int y) {
        events.add("pointer " + x + "," + y);
    }

    @Override
    public void bell() {
        events.add("bell");
    }

    @Override
    public void clipboard(String text) {
        events.add("clipboard " + text);
    }

    @Override
    public void named(String name) {
        events.add("name " + name);
    }

    @Override
    public void leds(int bits) {
        events.add("leds " + bits);
    }

    @Override
    public void xvp(int version) {
        events.add("xvp " + version);
    }

    @Override
    public void xvpFailed() {
        events.add("xvp failed");
    }

    @Override
    public void pointerMode(boolean absolute) {
        events.add(absolute ? "absolute" : "relative");
    }

    @Override
    public void resizeRefused(int status) {
        events.add("resize refused " + status);
    }

    /** The pixels as hex, rows separated by "/". */
    public String picture() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < framebuffer.pixels().length; i++) {
            text.append(i == 0 ? "" : i % framebuffer.width() == 0 ? "/" : " ");
            text.append(String.format("%06x", framebuffer.pixels()[i]));
        }
        return text.toString();
    }
}
