package org.xvpproxy.viewer.ui;

import java.awt.Color;
import java.awt.FlowLayout;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.GraphicsDevice;
import java.awt.RenderingHints;

import javax.swing.AbstractButton;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JToggleButton;

import org.xvpproxy.viewer.ui.keys.Platform;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Symbol;
import org.xvpproxy.viewer.ui.look.SymbolIcon;
import org.xvpproxy.viewer.ui.screen.Zoom;

/** Full screen, with a slim bar at the top edge that shows the way out as long as it lasts. */
final class FullScreen {
    private final JFrame frame;
    private final JPanel bar = new Strip();
    private final JLabel name = new JLabel();
    private GraphicsDevice device;
    private Zoom before;

    FullScreen(JFrame frame, ViewerActions actions) {
        this.frame = frame;
        name.putClientProperty("html.disable", Boolean.TRUE);
        name.setForeground(Color.WHITE);
        name.setFont(Look.small());
        bar.add(name);
        add(new JButton(actions.ctrlAltDel), "Ctrl-Alt-Del", Symbol.CTRL_ALT_DEL);
        add(new JToggleButton(actions.fit), "Fit", Symbol.FIT);
        add(new JButton(actions.fullScreen), "Leave full screen (F11)", Symbol.LEAVE_FULL_SCREEN);
    }

    private void add(AbstractButton button, String text, Symbol symbol) {
        FlatButtonUI.on(button, FlatButtonUI.Style.DARK);
        button.setText(text);
        button.setMnemonic(0);
        button.setIcon(new SymbolIcon(symbol, 14));
        bar.add(button);
    }

    boolean isOn() {
        return device != null;
    }

    /** The bar to show while it is on. */
    JComponent bar() {
        return bar;
    }

    /**
     * Enters; the bar names the machine.
     *
     * @param now the zoom to come back to
     */
    void enter(String machine, Zoom now) {
        name.setText(machine);
        before = now;
        device = frame.getGraphicsConfiguration().getDevice();
        decorate(false);
        device.setFullScreenWindow(frame);
        frame.toFront();
    }

    /** Leaves, and returns the zoom there was before. */
    Zoom leave() {
        device.setFullScreenWindow(null);
        device = null;
        decorate(true);
        return before;
    }

    // Window managers of X11 and macOS take the decoration off by themselves.
    private void decorate(boolean on) {
        if (Platform.current() == Platform.WINDOWS) {
            frame.dispose();
            frame.setUndecorated(!on);
            frame.setVisible(true);
        }
    }

    /** A dark strip, round at its lower corners. */
    private static final class Strip extends JPanel {
        private static final long serialVersionUID = 1L;
        private static final Color DARK = new Color(0x2b2e33);
        private static final int ROUND = 14;

        Strip() {
            super(new FlowLayout(FlowLayout.CENTER, 6, 0));
            setOpaque(false);
            setBorder(BorderFactory.createEmptyBorder(1, 8, 2, 8));
        }

        @Override
        protected void paintComponent(Graphics graphics) {
            Graphics2D g = (Graphics2D) graphics.create();
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setColor(DARK);
            g.fillRoundRect(0, -ROUND, getWidth() - 1, getHeight() + ROUND - 1, ROUND, ROUND);
            g.setColor(new Color(255, 255, 255, 60));
            g.drawRoundRect(0, -ROUND, getWidth() - 1, getHeight() + ROUND - 1, ROUND, ROUND);
            g.dispose();
        }
    }
}
