package org.xvpproxy.viewer.ui.screen;

import java.awt.Rectangle;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.swing.SwingUtilities;

import org.xvpproxy.viewer.rfb.CursorShape;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.Screen;

/**
 * Carries a session's events from its reader thread to the event thread. Damage is collected until the event thread
 * has time for it, so that a fast console never queues up more painting than can be done.
 */
public final class EventThreadScreen implements Screen {
    private final View view;
    private final Damage damage = new Damage();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile boolean detached;

    /** What happens to the console, seen from the event thread. */
    public interface View {
        /** A framebuffer of another size is in force. */
        void resized(Framebuffer framebuffer);

        /** These parts of it are new. */
        void painted(List<Rectangle> rectangles);

        /** The remote pointer looks different. */
        void cursor(CursorShape shape);

        /** The console moved its pointer by itself. */
        void pointerMoved(int x, int y);

        /** The console wants attention. */
        void bell();

        /** Somebody copied text over there. */
        void clipboard(String text);

        /** The desktop has this name now. */
        void named(String name);

        /** Lock lights; bits as in {@link Screen#leds}. */
        void leds(int bits);

        /** Power control is offered. */
        void powerOffered();

        /** The last power operation was refused. */
        void powerFailed();

        /** Whether the console takes pointer positions or only movements. */
        void pointerMode(boolean absolute);

        /** The console keeps its size; status as in {@link Screen#resizeRefused}. */
        void resizeRefused(int status);
    }

    /** Delivers to {@code view} until {@link #detach} is called. */
    public EventThreadScreen(View view) {
        this.view = view;
    }

    /** Delivers nothing any more, not even what already waits. */
    public void detach() {
        detached = true;
    }

    private void later(Runnable delivery) {
        SwingUtilities.invokeLater(() -> {
            if (!detached) {
                delivery.run();
            }
        });
    }

    @Override
    public void resized(Framebuffer framebuffer) {
        damage.take();
        later(() -> view.resized(framebuffer));
    }

    @Override
    public void damaged(int x, int y, int width, int height) {
        damage.add(x, y, width, height);
    }

    @Override
    public void updateDone() {
        if (scheduled.compareAndSet(false, true)) {
            later(this::paint);
        }
    }

    private void paint() {
        scheduled.set(false);
        view.painted(damage.take());
    }

    @Override
    public void cursor(CursorShape shape) {
        later(() -> view.cursor(shape));
    }

    @Override
    public void pointerMoved(int x, int y) {
        later(() -> view.pointerMoved(x, y));
    }

    @Override
    public void bell() {
        later(view::bell);
    }

    @Override
    public void clipboard(String text) {
        later(() -> view.clipboard(text));
    }

    @Override
    public void named(String name) {
        later(() -> view.named(name));
    }

    @Override
    public void leds(int bits) {
        later(() -> view.leds(bits));
    }

    @Override
    public void xvp(int version) {
        later(view::powerOffered);
    }

    @Override
    public void xvpFailed() {
        later(view::powerFailed);
    }

    @Override
    public void pointerMode(boolean absolute) {
        later(() -> view.pointerMode(absolute));
    }

    @Override
    public void resizeRefused(int status) {
        later(() -> view.resizeRefused(status));
    }
}
