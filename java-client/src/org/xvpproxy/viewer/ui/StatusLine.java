package org.xvpproxy.viewer.ui;

import java.awt.BorderLayout;
import java.awt.FlowLayout;
import java.awt.Font;
import java.util.Locale;

import javax.swing.BorderFactory;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.Timer;

import org.xvpproxy.viewer.rfb.Stats;
import org.xvpproxy.viewer.ui.look.Look;

/** The line below the screen: figures to the right, what there is to say to the left. It rests while nothing happens. */
final class StatusLine extends JPanel {
    private static final long serialVersionUID = 1L;
    private static final int TICK_MILLIS = 1000;
    private static final int QUIET_TICKS = 4;

    private final JLabel message = new JLabel(" ");
    private final JLabel size = figure("Size of the console, and the zoom");
    private final JLabel encoding = figure("How most of the last update was encoded");
    private final JLabel rate = figure("Data received from the console");
    private final JLabel delay = figure("Time to the console and back");
    private final Timer tick = new Timer(TICK_MILLIS, event -> tick());
    private transient Stats stats;
    private long seenBytes;
    private int quiet;

    StatusLine() {
        super(new BorderLayout());
        setBorder(BorderFactory.createCompoundBorder(BorderFactory.createMatteBorder(1, 0, 0, 0, Look.LINE),
                BorderFactory.createEmptyBorder(4, 10, 4, 10)));
        message.putClientProperty("html.disable", Boolean.TRUE);
        message.setFont(Look.small());
        message.setForeground(Look.TEXT);
        add(message, BorderLayout.CENTER);
        JPanel figures = new JPanel(new FlowLayout(FlowLayout.RIGHT, 0, 0));
        figures.setOpaque(false);
        for (JLabel label : new JLabel[] {size, encoding, rate, delay}) {
            figures.add(label);
        }
        add(figures, BorderLayout.EAST);
    }

    private static JLabel figure(String meaning) {
        JLabel label = new JLabel(" ");
        label.setToolTipText(meaning);
        label.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, Look.small().getSize()));
        label.setForeground(Look.QUIET_TEXT);
        label.setBorder(BorderFactory.createEmptyBorder(0, 18, 0, 0));
        return label;
    }

    /** Says something until something else is said. */
    void say(String text) {
        message.setText(text.isEmpty() ? " " : text);
        // A tool tip would interpret HTML, and parts of the text come from servers.
        message.setToolTipText(text.isEmpty() || text.startsWith("<") ? null : text);
    }

    /** Shows the size of the console and its zoom. */
    void size(int width, int height, int percent) {
        size.setText(width == 0 ? " " : width + " \u00d7 " + height + (percent == 100 ? "" : "  (" + percent + " %)"));
    }

    /** Watches a session's figures; null when there is none. */
    void watch(Stats newStats) {
        stats = newStats;
        if (stats == null) {
            tick.stop();
            encoding.setText(" ");
            rate.setText(" ");
            delay.setText(" ");
        } else {
            active();
        }
    }

    /** Something arrived: figures are kept up to date for a while. */
    void active() {
        quiet = 0;
        if (stats != null && !tick.isRunning()) {
            tick.start();
        }
    }

    private void tick() {
        Stats now = stats;
        encoding.setText(now.lastEncoding());
        rate.setText(String.format(Locale.ROOT, "%,.0f kB/s", now.kilobytesPerSecond()));
        double millis = now.roundTripMillis();
        delay.setText(Double.isNaN(millis) ? " " : String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis));
        quiet = now.bytesIn() == seenBytes ? quiet + 1 : 0;
        seenBytes = now.bytesIn();
        if (quiet >= QUIET_TICKS) {
            tick.stop();
        }
    }
}
