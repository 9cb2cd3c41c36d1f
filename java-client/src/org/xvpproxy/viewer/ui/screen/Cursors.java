package org.xvpproxy.viewer.ui.screen;

import java.awt.Cursor;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.Point;
import java.awt.RenderingHints;
import java.awt.Toolkit;
import java.awt.image.BufferedImage;

import org.xvpproxy.viewer.rfb.CursorShape;

/** Makes local cursors of remote pointers. */
final class Cursors {

    private Cursors() {
    }

    /**
     * Returns a cursor that looks like the remote pointer.
     *
     * @param factor size in proportion to the shape's own, as the picture is scaled
     */
    static Cursor of(CursorShape shape, double factor) {
        Toolkit toolkit = Toolkit.getDefaultToolkit();
        int width = Math.max(1, (int) Math.round(shape.width() * factor));
        int height = Math.max(1, (int) Math.round(shape.height() * factor));
        Dimension best = toolkit.getBestCursorSize(width, height);
        if (best.width == 0 || best.height == 0) {
            return Cursor.getDefaultCursor();
        }
        // The system scales what does not have the size it wants; better to leave the rest transparent.
        double fitting = Math.min(1, Math.min((double) best.width / width, (double) best.height / height));
        BufferedImage image = new BufferedImage(best.width, best.height, BufferedImage.TYPE_INT_ARGB);
        if (!shape.hidden()) {
            draw(shape, image, (int) Math.round(width * fitting), (int) Math.round(height * fitting));
        }
        Point hot = new Point(Math.min(best.width - 1, (int) (shape.hotX() * factor * fitting)),
                Math.min(best.height - 1, (int) (shape.hotY() * factor * fitting)));
        return toolkit.createCustomCursor(image, hot, "console");
    }

    private static void draw(CursorShape shape, BufferedImage image, int width, int height) {
        BufferedImage original = new BufferedImage(shape.width(), shape.height(), BufferedImage.TYPE_INT_ARGB);
        original.setRGB(0, 0, shape.width(), shape.height(), shape.argb(), 0, shape.width());
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        g.drawImage(original, 0, 0, width, height, null);
        g.dispose();
    }
}
