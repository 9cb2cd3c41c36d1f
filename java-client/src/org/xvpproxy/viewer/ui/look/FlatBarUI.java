package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;

import javax.swing.BorderFactory;
import javax.swing.JComponent;
import javax.swing.JProgressBar;
import javax.swing.plaf.basic.BasicProgressBarUI;

/** A slim, round progress bar. */
public final class FlatBarUI extends BasicProgressBarUI {
    private static final int HEIGHT = 6;
    private static final int BUSY_WIDTH = 110;
    private static final Color TRACK = new Color(0xe3e6ea);

    private FlatBarUI() {
    }

    /** Gives a bar this look and a width, and returns it. */
    public static JProgressBar on(JProgressBar bar, int width) {
        bar.setUI(new FlatBarUI());
        bar.setOpaque(false);
        bar.setBorder(BorderFactory.createEmptyBorder());
        bar.setPreferredSize(new Dimension(width, HEIGHT));
        bar.setMaximumSize(bar.getPreferredSize());
        return bar;
    }

    @Override
    protected Rectangle getBox(Rectangle box) {
        Rectangle place = super.getBox(box);
        if (place != null) {
            place.width = BUSY_WIDTH;
            int frames = Math.max(1, getFrameCount());
            // There and back again within one round of the animation.
            double way = Math.abs(1 - 2.0 * getAnimationIndex() / frames);
            place.x = (int) Math.round((1 - way) * (progressBar.getWidth() - BUSY_WIDTH));
        }
        return place;
    }

    @Override
    protected void paintIndeterminate(Graphics graphics, JComponent component) {
        boxRect = getBox(boxRect);
        if (boxRect != null) {
            paint(graphics, boxRect.x, BUSY_WIDTH);
        }
    }

    @Override
    protected void paintDeterminate(Graphics graphics, JComponent component) {
        paint(graphics, 0, (int) Math.round(progressBar.getPercentComplete() * progressBar.getWidth()));
    }

    private void paint(Graphics graphics, int from, int length) {
        Graphics2D g = (Graphics2D) graphics.create();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setColor(TRACK);
        g.fillRoundRect(0, 0, progressBar.getWidth(), HEIGHT, HEIGHT, HEIGHT);
        g.setColor(Look.ACCENT);
        g.fillRoundRect(from, 0, length, HEIGHT, HEIGHT, HEIGHT);
        g.dispose();
    }
}
