package org.xvpproxy.viewer.ui;

import java.awt.GraphicsEnvironment;
import java.util.ArrayList;
import java.util.List;

import javax.swing.SwingUtilities;

import org.xvpproxy.viewer.Options;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.ui.look.Look;

/** The program with windows: opens the first one and ends when the last is closed. */
public final class ViewerApp {
    private final Options options;
    private final List<ViewerWindow> windows = new ArrayList<>();
    private int status;

    private ViewerApp(Options options) {
        this.options = options;
    }

    /** Opens the window and returns; the program ends with System.exit(status) when it is closed. */
    public static void start(Options options) {
        Look.smoothText();
        if (GraphicsEnvironment.isHeadless()) {
            System.err.println("VncViewer: There is no display for a window here. Use --snapshot FILE.png or --info instead.");
            System.exit(1);
        }
        SwingUtilities.invokeLater(() -> {
            Look.install();
            new ViewerApp(options).open(options.target());
        });
    }

    /** Opens one more window; without a target it asks for one. */
    void open(Target target) {
        ViewerWindow window = new ViewerWindow(this, options, target);
        windows.add(window);
        window.open();
    }

    /**
     * A window is closed.
     *
     * @param windowStatus 0 if its session ended normally, 1 if it was refused or failed
     */
    void closed(ViewerWindow window, int windowStatus) {
        windows.remove(window);
        status = Math.max(status, windowStatus);
        if (windows.isEmpty()) {
            System.exit(status);
        }
    }
}
