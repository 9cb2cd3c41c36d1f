package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.Component;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;

import javax.swing.Icon;

/** A symbol as an icon of any size, in the colour of its component; pale when that is disabled. */
public final class SymbolIcon implements Icon {
    private static final double GRID = 20;
    private static final int PALE = 90;

    private final Symbol symbol;
    private final int size;
    private final Color colour;

    /** For toolbars and menus, in the component's colour. */
    public SymbolIcon(Symbol symbol, int size) {
        this(symbol, size, null);
    }

    /** In a colour of its own; null takes the component's. */
    public SymbolIcon(Symbol symbol, int size, Color colour) {
        this.symbol = symbol;
        this.size = size;
        this.colour = colour;
    }

    @Override
    public void paintIcon(Component component, Graphics graphics, int x, int y) {
        Graphics2D g = (Graphics2D) graphics.create();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        Color ink = colour != null ? colour : component.getForeground();
        g.setColor(component.isEnabled() ? ink : new Color(ink.getRed(), ink.getGreen(), ink.getBlue(), PALE));
        g.translate(x, y);
        g.scale(size / GRID, size / GRID);
        g.setStroke(Symbol.stroke());
        symbol.draw(g);
        g.dispose();
    }

    @Override
    public int getIconWidth() {
        return size;
    }

    @Override
    public int getIconHeight() {
        return size;
    }
}
