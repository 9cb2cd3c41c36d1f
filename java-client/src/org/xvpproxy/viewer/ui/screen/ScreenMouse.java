package org.xvpproxy.viewer.ui.screen;

import java.awt.Point;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.awt.event.MouseWheelEvent;

import org.xvpproxy.viewer.ui.keys.Platform;

/** Gives what the mouse does over the screen to the console. */
public final class ScreenMouse extends MouseAdapter {
    private final ScreenPanel screen;
    private final PointerMapper mapper;

    /** Listens to the screen. */
    public ScreenMouse(ScreenPanel screen, PointerSink sink) {
        this.screen = screen;
        this.mapper = new PointerMapper(Platform.current(), sink);
        screen.addMouseListener(this);
        screen.addMouseMotionListener(this);
        screen.addMouseWheelListener(this);
    }

    /** Exchanges the middle and the right button. */
    public void swapButtons(boolean on) {
        mapper.swapButtons(on);
    }

    private Point remote(MouseEvent event) {
        return screen.placement().toRemote(event.getX(), event.getY());
    }

    @Override
    public void mouseMoved(MouseEvent event) {
        Point at = remote(event);
        mapper.moved(at.x, at.y);
    }

    @Override
    public void mouseDragged(MouseEvent event) {
        mouseMoved(event);
    }

    @Override
    public void mousePressed(MouseEvent event) {
        screen.requestFocusInWindow();
        Point at = remote(event);
        mapper.button(event.getButton(), true, at.x, at.y);
    }

    @Override
    public void mouseReleased(MouseEvent event) {
        Point at = remote(event);
        mapper.button(event.getButton(), false, at.x, at.y);
    }

    @Override
    public void mouseWheelMoved(MouseWheelEvent event) {
        Point at = remote(event);
        // Only macOS marks the sideways wheel with Shift; elsewhere the user holds it and the console is told.
        boolean sideways = Platform.current() == Platform.MAC && event.isShiftDown();
        mapper.wheel(event.getPreciseWheelRotation(), sideways, at.x, at.y);
        event.consume();
    }
}
