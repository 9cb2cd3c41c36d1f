package org.xvpproxy.viewer.ui.screen;

import java.awt.Cursor;
import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.GraphicsConfiguration;
import java.awt.Rectangle;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.List;

import javax.swing.JPanel;
import javax.swing.JViewport;
import javax.swing.Scrollable;

import org.xvpproxy.viewer.rfb.CursorShape;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.ui.look.Look;

/** Shows the console's picture at any zoom, painting only what changed. Used on the event thread. */
public final class ScreenPanel extends JPanel implements Scrollable {
    private static final long serialVersionUID = 1L;
    private static final int SCROLL_STEP = 40;

    private transient Picture picture;
    private transient Zoom zoom = Zoom.FULL;
    private transient Scaler scaler;
    private int[] buffer = new int[0];

    /** Shows nothing until {@link #show} is called. */
    public ScreenPanel() {
        setOpaque(true);
        setBackground(Look.BACKDROP);
        setFocusable(true);
        setFocusTraversalKeysEnabled(false);
        getAccessibleContext().setAccessibleName("Console");
    }

    /** Shows a framebuffer from now on. */
    public void show(Framebuffer framebuffer) {
        boolean empty = framebuffer.width() == 0 || framebuffer.height() == 0;
        picture = empty ? null : Picture.of(framebuffer);
        revalidate();
        repaint();
    }

    /** Keeps the picture of a console that is gone, in grey. */
    public void grey() {
        if (picture != null) {
            picture = picture.greyed();
            repaint();
        }
    }

    /** Shows nothing any more. */
    public void clear() {
        picture = null;
        revalidate();
        repaint();
    }

    /** Whether there is anything to see. */
    public boolean hasPicture() {
        return picture != null;
    }

    /** A copy of what is shown, in the console's own size; null without a picture. */
    public BufferedImage copy() {
        if (picture == null) {
            return null;
        }
        BufferedImage copy = new BufferedImage(picture.width(), picture.height(), BufferedImage.TYPE_INT_RGB);
        copy.setRGB(0, 0, picture.width(), picture.height(), picture.pixels(), 0, picture.width());
        return copy;
    }

    /** Changes the size at which the console is shown. */
    public void setZoom(Zoom wanted) {
        zoom = wanted;
        revalidate();
        repaint();
    }

    /** The zoom the user asked for. */
    public Zoom zoom() {
        return zoom;
    }

    /** Where the picture lies now. */
    public Placement placement() {
        int width = picture == null ? 0 : picture.width();
        int height = picture == null ? 0 : picture.height();
        return Placement.of(zoom, width, height, getSize(), deviceScale());
    }

    /** Paints remote rectangles at once. */
    public void paintRemote(List<Rectangle> rectangles) {
        if (picture == null || !isShowing()) {
            return;
        }
        Placement placement = placement();
        for (Rectangle rectangle : rectangles) {
            paintImmediately(placement.toComponent(rectangle));
        }
    }

    /** Makes the local pointer look like the remote one, {@code factor} times as large; null is the usual arrow. */
    public void point(CursorShape shape, double factor) {
        setCursor(shape == null ? Cursor.getDefaultCursor() : Cursors.of(shape, factor));
    }

    private double deviceScale() {
        GraphicsConfiguration configuration = getGraphicsConfiguration();
        return configuration == null ? 1 : configuration.getDefaultTransform().getScaleX();
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        Rectangle clip = graphics.getClipBounds();
        Placement placement = placement();
        Graphics2D g = (Graphics2D) graphics.create();
        AffineTransform transform = g.getTransform();
        double scale = transform.getScaleX();
        g.setTransform(AffineTransform.getTranslateInstance(Math.round(transform.getTranslateX()),
                Math.round(transform.getTranslateY())));
        int left = (int) Math.floor(clip.x * scale);
        int top = (int) Math.floor(clip.y * scale);
        Rectangle device = new Rectangle(left, top, (int) Math.ceil((clip.x + clip.width) * scale) - left,
                (int) Math.ceil((clip.y + clip.height) * scale) - top);
        Rectangle shown = new Rectangle(placement.x(), placement.y(), placement.width(), placement.height());
        Rectangle part = device.intersection(shown);
        if (!part.equals(device)) {
            g.setColor(getBackground());
            g.fill(device);
        }
        if (picture != null && !part.isEmpty()) {
            paintPart(g, placement, part);
        }
        g.dispose();
    }

    private void paintPart(Graphics2D g, Placement placement, Rectangle part) {
        int x = part.x - placement.x();
        int y = part.y - placement.y();
        if (placement.isUnscaled()) {
            g.drawImage(picture.image(), part.x, part.y, part.x + part.width, part.y + part.height,
                    x, y, x + part.width, y + part.height, null);
            return;
        }
        if (scaler == null || !scaler.isFor(picture.width(), picture.height(), placement.width(), placement.height())) {
            scaler = new Scaler(picture.width(), picture.height(), placement.width(), placement.height());
        }
        if (buffer.length < part.width * part.height) {
            buffer = new int[part.width * part.height];
        }
        scaler.scale(picture.pixels(), x, y, part.width, part.height, buffer);
        g.drawImage(Picture.of(buffer, part.width, part.height).image(), part.x, part.y, null);
    }

    @Override
    public Dimension getPreferredSize() {
        return picture == null ? new Dimension(0, 0)
                : Placement.preferredSize(zoom, picture.width(), picture.height(), deviceScale());
    }

    @Override
    public Dimension getPreferredScrollableViewportSize() {
        return getPreferredSize();
    }

    @Override
    public int getScrollableUnitIncrement(Rectangle visible, int orientation, int direction) {
        return SCROLL_STEP;
    }

    @Override
    public int getScrollableBlockIncrement(Rectangle visible, int orientation, int direction) {
        return Math.max(SCROLL_STEP, (orientation == 1 ? visible.height : visible.width) - SCROLL_STEP);
    }

    @Override
    public boolean getScrollableTracksViewportWidth() {
        return zoom.mode() == Zoom.Mode.FIT || !(getParent() instanceof JViewport port)
                || port.getWidth() > getPreferredSize().width;
    }

    @Override
    public boolean getScrollableTracksViewportHeight() {
        return zoom.mode() == Zoom.Mode.FIT || !(getParent() instanceof JViewport port)
                || port.getHeight() > getPreferredSize().height;
    }
}
