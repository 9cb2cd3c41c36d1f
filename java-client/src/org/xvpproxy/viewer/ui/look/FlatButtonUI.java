package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;

import javax.swing.AbstractButton;
import javax.swing.BorderFactory;
import javax.swing.ButtonModel;
import javax.swing.JComponent;
import javax.swing.plaf.basic.BasicButtonUI;

/** Buttons without relief: in tool bars only their picture until touched, in cards and dialogs a filled or outlined shape. */
public final class FlatButtonUI extends BasicButtonUI {
    private static final int ROUND = 8;

    private final Style style;

    /** How much a button asks for attention. */
    public enum Style { TOOL, DARK, PLAIN, PRIMARY, DANGER }

    private FlatButtonUI(Style style) {
        this.style = style;
    }

    /** Gives a button this look and returns it. */
    public static <B extends AbstractButton> B on(B button, Style style) {
        button.setUI(new FlatButtonUI(style));
        button.setOpaque(false);
        button.setRolloverEnabled(true);
        boolean tool = style == Style.TOOL || style == Style.DARK;
        button.setBorder(switch (style) {
            case TOOL -> BorderFactory.createEmptyBorder(6, 7, 6, 7);
            case DARK -> BorderFactory.createEmptyBorder(3, 8, 3, 8);
            default -> BorderFactory.createEmptyBorder(7, 16, 7, 16);
        });
        button.setForeground(style == Style.TOOL || style == Style.PLAIN ? Look.TEXT : Color.WHITE);
        button.setFont(tool ? Look.small() : Look.text());
        // A click must not take the keyboard away from the console; Tab still reaches the button.
        button.setRequestFocusEnabled(!tool);
        return button;
    }

    @Override
    public void paint(Graphics graphics, JComponent component) {
        AbstractButton button = (AbstractButton) component;
        Graphics2D g = (Graphics2D) graphics.create();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        int w = button.getWidth() - 1;
        int h = button.getHeight() - 1;
        Color fill = fill(button);
        if (fill != null) {
            g.setColor(fill);
            g.fillRoundRect(0, 0, w + 1, h + 1, ROUND, ROUND);
        }
        if (style == Style.PLAIN || style == Style.TOOL && button.isSelected()) {
            g.setColor(button.isSelected() ? Look.ACCENT : Look.LINE.darker());
            g.drawRoundRect(0, 0, w, h, ROUND, ROUND);
        }
        if (button.isFocusOwner()) {
            g.setColor(button.getForeground() == Color.WHITE ? new Color(255, 255, 255, 190) : Look.ACCENT);
            g.drawRoundRect(2, 2, w - 4, h - 4, ROUND - 3, ROUND - 3);
        }
        g.dispose();
        super.paint(graphics, component);
    }

    private Color fill(AbstractButton button) {
        ButtonModel model = button.getModel();
        boolean down = model.isArmed() && model.isPressed();
        boolean over = model.isRollover() && model.isEnabled();
        return switch (style) {
            case PRIMARY -> shade(Look.ACCENT, down, over);
            case DANGER -> shade(Look.DANGER, down, over);
            case PLAIN -> down ? Look.LINE : over ? Look.CHROME : Look.PAPER;
            case DARK -> over || button.isSelected() ? new Color(255, 255, 255, 50) : null;
            case TOOL -> button.isSelected() ? new Color(0xd5e5f6) : down ? Look.LINE : over ? new Color(0xe3e6ea) : null;
        };
    }

    private static Color shade(Color colour, boolean down, boolean over) {
        return down ? colour.darker() : over ? colour.darker().brighter() : colour;
    }

    @Override
    protected void paintText(Graphics g, AbstractButton button, Rectangle where, String text) {
        if (button.isEnabled()) {
            super.paintText(g, button, where, text);
            return;
        }
        FontMetrics metrics = g.getFontMetrics();
        Color ink = button.getForeground();
        g.setColor(new Color(ink.getRed(), ink.getGreen(), ink.getBlue(), 110));
        g.drawString(text, where.x, where.y + metrics.getAscent());
    }
}
