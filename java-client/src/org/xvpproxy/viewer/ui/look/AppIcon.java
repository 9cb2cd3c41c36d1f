package org.xvpproxy.viewer.ui.look;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** The program's picture for title bars and task lists: a monitor with a prompt. */
public final class AppIcon {
    private static final int[] SIZES = {16, 24, 32, 48, 64, 128};
    private static final double GRID = 32;

    private AppIcon() {
    }

    /** In the sizes window managers ask for. */
    public static List<Image> images() {
        List<Image> images = new ArrayList<>();
        for (int size : SIZES) {
            images.add(draw(size));
        }
        return images;
    }

    private static Image draw(int size) {
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_ARGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.scale(size / GRID, size / GRID);
        g.setColor(Look.ACCENT);
        g.fill(new RoundRectangle2D.Double(1, 3, 30, 21, 6, 6));
        g.fill(new RoundRectangle2D.Double(13, 23, 6, 5, 0, 0));
        g.fill(new RoundRectangle2D.Double(8, 27, 16, 3, 3, 3));
        g.setColor(new Color(0x14253a));
        g.fill(new RoundRectangle2D.Double(3.5, 5.5, 25, 16, 3, 3));
        g.setColor(Color.WHITE);
        g.setStroke(new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        Path2D prompt = new Path2D.Double();
        prompt.moveTo(8, 10);
        prompt.lineTo(12, 13.5);
        prompt.lineTo(8, 17);
        prompt.moveTo(15, 17);
        prompt.lineTo(21, 17);
        g.draw(prompt);
        g.dispose();
        return image;
    }
}
