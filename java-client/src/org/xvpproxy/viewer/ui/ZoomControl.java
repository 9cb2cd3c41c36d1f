package org.xvpproxy.viewer.ui;

import java.awt.Dimension;
import java.awt.Frame;
import java.awt.GraphicsConfiguration;
import java.awt.Insets;
import java.awt.Rectangle;
import java.awt.Toolkit;
import java.awt.event.ComponentAdapter;
import java.awt.event.ComponentEvent;

import javax.swing.JFrame;

import org.xvpproxy.viewer.ui.dialogs.ZoomDialog;
import org.xvpproxy.viewer.ui.screen.Placement;
import org.xvpproxy.viewer.ui.screen.ScreenPanel;
import org.xvpproxy.viewer.ui.screen.ScreenStack;
import org.xvpproxy.viewer.ui.screen.Zoom;

/** How large the picture is, and the window around it: it follows the console until the user gives it a size. */
final class ZoomControl {
    private static final Dimension FIRST_SIZE = new Dimension(940, 640);
    private static final int LEAST_WIDTH = 600;

    private final JFrame frame;
    private final ScreenStack stack;
    private final ScreenPanel screen;
    private final Console console;
    private final Runnable changed;
    private Dimension followed;
    private boolean matching;

    /** @param changed what to do after the zoom or the place of the picture changed */
    ZoomControl(JFrame frame, ScreenStack stack, ScreenPanel screen, Console console, Runnable changed) {
        this.frame = frame;
        this.stack = stack;
        this.screen = screen;
        this.console = console;
        this.changed = changed;
        stack.addComponentListener(new ComponentAdapter() {
            @Override
            public void componentResized(ComponentEvent event) {
                requestSize();
            }
        });
        screen.addComponentListener(new ComponentAdapter() {
            @Override
            public void componentResized(ComponentEvent event) {
                changed.run();
            }
        });
    }

    /** Gives the window a size before there is a picture. */
    void start(Zoom zoom) {
        screen.setZoom(zoom);
        frame.setSize(FIRST_SIZE);
        frame.setLocationRelativeTo(null);
        followed = frame.getSize();
    }

    Zoom current() {
        return screen.zoom();
    }

    /** Changes the zoom, and the window with it. */
    void set(Zoom wanted) {
        screen.setZoom(wanted);
        follow();
        changed.run();
        screen.requestFocusInWindow();
    }

    void toggleFit() {
        set(current().mode() == Zoom.Mode.FIT ? Zoom.FULL : Zoom.FIT);
    }

    void ask() {
        ZoomDialog.ask(frame, screen.placement().percent()).ifPresent(percent -> set(Zoom.percent(percent)));
    }

    /** Makes the window as large as the picture, unless the user has sized the window or it fills the monitor. */
    void follow() {
        boolean ours = followed != null && followed.equals(frame.getSize());
        boolean free = frame.getExtendedState() == Frame.NORMAL && frame.isDisplayable() && !isFullScreen();
        if (!ours || !free || !screen.hasPicture() || current().mode() == Zoom.Mode.FIT && !isFirst()) {
            return;
        }
        Placement place = screen.placement();
        Dimension picture = Placement.preferredSize(current(), place.remoteWidth(), place.remoteHeight(), place.deviceScale());
        int chromeWidth = frame.getWidth() - stack.getWidth();
        int chromeHeight = frame.getHeight() - stack.getHeight();
        Rectangle room = room();
        if (current().equals(Zoom.FULL) && (picture.width + chromeWidth > room.width
                || picture.height + chromeHeight > room.height)) {
            screen.setZoom(Zoom.FIT);
        }
        int width = Math.min(room.width, Math.max(LEAST_WIDTH, picture.width + chromeWidth));
        int height = Math.min(room.height, picture.height + chromeHeight);
        followed = new Dimension(width, height);
        Rectangle now = frame.getBounds();
        now.translate((now.width - width) / 2, (now.height - height) / 2);
        frame.setBounds(within(now.x, width, room.x, room.width), within(now.y, height, room.y, room.height), width, height);
    }

    private boolean isFirst() {
        return FIRST_SIZE.equals(followed);
    }

    private boolean isFullScreen() {
        GraphicsConfiguration configuration = frame.getGraphicsConfiguration();
        return configuration != null && configuration.getDevice().getFullScreenWindow() == frame;
    }

    private static int within(int at, int length, int from, int room) {
        return Math.max(from, Math.min(at, from + room - length));
    }

    /** The monitor without panels. */
    private Rectangle room() {
        GraphicsConfiguration configuration = frame.getGraphicsConfiguration();
        Rectangle bounds = configuration.getBounds();
        Insets panels = Toolkit.getDefaultToolkit().getScreenInsets(configuration);
        return new Rectangle(bounds.x + panels.left, bounds.y + panels.top, bounds.width - panels.left - panels.right,
                bounds.height - panels.top - panels.bottom);
    }

    /** Whether the console is asked to take the window's size whenever that changes. */
    void matchSize(boolean on) {
        matching = on;
        requestSize();
        screen.requestFocusInWindow();
    }

    private void requestSize() {
        if (matching) {
            console.requestSize(stack.getWidth(), stack.getHeight());
        }
    }
}
