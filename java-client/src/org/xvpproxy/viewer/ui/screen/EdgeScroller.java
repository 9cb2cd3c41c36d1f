package org.xvpproxy.viewer.ui.screen;

import java.awt.Point;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;

import javax.swing.SwingUtilities;
import javax.swing.Timer;

/** Scrolls a console larger than the window while the pointer rests at an edge of it. */
public final class EdgeScroller extends MouseAdapter {
    private static final int EDGE = 6;
    private static final int STEP = 24;
    private static final int MILLIS = 30;

    private final ScreenStack stack;
    private final Timer timer = new Timer(MILLIS, event -> scroll());
    private int dx;
    private int dy;

    /** Watches the pointer over the screen. */
    public EdgeScroller(ScreenPanel screen, ScreenStack stack) {
        this.stack = stack;
        screen.addMouseMotionListener(this);
        screen.addMouseListener(this);
    }

    @Override
    public void mouseMoved(MouseEvent event) {
        Point at = SwingUtilities.convertPoint(event.getComponent(), event.getPoint(), stack);
        dx = direction(at.x, stack.getWidth());
        dy = direction(at.y, stack.getHeight());
        if (dx == 0 && dy == 0) {
            timer.stop();
        } else if (!timer.isRunning()) {
            timer.start();
        }
    }

    @Override
    public void mouseDragged(MouseEvent event) {
        mouseMoved(event);
    }

    @Override
    public void mouseExited(MouseEvent event) {
        timer.stop();
    }

    private void scroll() {
        if (!stack.scrollBy(dx * STEP, dy * STEP)) {
            timer.stop();
        }
    }

    private static int direction(int at, int size) {
        return at < EDGE ? -1 : at >= size - EDGE ? 1 : 0;
    }
}
