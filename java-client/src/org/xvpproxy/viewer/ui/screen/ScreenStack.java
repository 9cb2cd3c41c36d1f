package org.xvpproxy.viewer.ui.screen;

import java.awt.Dimension;
import java.awt.Point;

import javax.swing.BorderFactory;
import javax.swing.JComponent;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JViewport;

import org.xvpproxy.viewer.ui.look.Look;

/** The screen, with scroll bars when it is larger than the window, and whatever has to be said on top of it. */
public final class ScreenStack extends JPanel {
    private static final long serialVersionUID = 1L;

    private final JScrollPane scroll;
    private transient JComponent card;
    private transient JComponent bar;

    /** Holds a screen. */
    public ScreenStack(ScreenPanel screen) {
        super(null);
        setBackground(Look.BACKDROP);
        scroll = new JScrollPane(screen);
        scroll.setBorder(BorderFactory.createEmptyBorder());
        scroll.getViewport().setBackground(Look.BACKDROP);
        // Blitting while the console paints by itself would copy stale pixels.
        scroll.getViewport().setScrollMode(JViewport.SIMPLE_SCROLL_MODE);
        scroll.setWheelScrollingEnabled(false);
        add(scroll);
    }

    /** Puts a card over the middle of the screen, in place of the one that may be there; null takes it away. */
    public void cover(JComponent newCard) {
        if (card != null) {
            remove(card);
        }
        card = newCard;
        if (card != null) {
            add(card, 0);
        }
        revalidate();
        repaint();
    }

    /** Puts a bar at the middle of the top edge; null takes it away. */
    public void topBar(JComponent newBar) {
        if (bar != null) {
            remove(bar);
        }
        bar = newBar;
        if (bar != null) {
            add(bar, 0);
        }
        revalidate();
        repaint();
    }

    /** Moves the visible part by so many pixels, as far as there is something to see; returns whether it moved. */
    public boolean scrollBy(int dx, int dy) {
        JViewport port = scroll.getViewport();
        Dimension all = port.getViewSize();
        Point at = port.getViewPosition();
        int x = Math.max(0, Math.min(all.width - port.getWidth(), at.x + dx));
        int y = Math.max(0, Math.min(all.height - port.getHeight(), at.y + dy));
        port.setViewPosition(new Point(x, y));
        return x != at.x || y != at.y;
    }

    /** Scroll bars are hidden in full screen, where the edges scroll. */
    public void showScrollBars(boolean on) {
        scroll.setHorizontalScrollBarPolicy(
                on ? JScrollPane.HORIZONTAL_SCROLLBAR_AS_NEEDED : JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
        scroll.setVerticalScrollBarPolicy(
                on ? JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED : JScrollPane.VERTICAL_SCROLLBAR_NEVER);
    }

    @Override
    public boolean isOptimizedDrawingEnabled() {
        return card == null && bar == null;
    }

    @Override
    public Dimension getPreferredSize() {
        Dimension size = scroll.getPreferredSize();
        Dimension cardSize = card == null ? new Dimension() : card.getPreferredSize();
        return new Dimension(Math.max(size.width, cardSize.width), Math.max(size.height, cardSize.height));
    }

    @Override
    public void doLayout() {
        scroll.setBounds(0, 0, getWidth(), getHeight());
        if (card != null) {
            Dimension wanted = card.getPreferredSize();
            card.setBounds((getWidth() - wanted.width) / 2, Math.max(0, (getHeight() - wanted.height) / 2), wanted.width,
                    wanted.height);
        }
        if (bar != null) {
            Dimension wanted = bar.getPreferredSize();
            bar.setBounds((getWidth() - wanted.width) / 2, 0, wanted.width, wanted.height);
        }
    }
}
