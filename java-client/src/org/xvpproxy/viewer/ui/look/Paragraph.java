package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;

import javax.swing.BorderFactory;
import javax.swing.JTextArea;

/**
 * Wrapped text of a fixed width that can be selected and copied. What servers say is shown with it: a JLabel would
 * interpret HTML in it.
 */
public final class Paragraph extends JTextArea {
    private static final long serialVersionUID = 1L;

    private final int width;

    /** @param width in user-space pixels */
    public Paragraph(String text, Font font, Color colour, int width) {
        super(text);
        this.width = width;
        setFont(font);
        setForeground(colour);
        setOpaque(false);
        setBackground(new Color(0, 0, 0, 0));
        setEditable(false);
        setFocusable(false);
        setLineWrap(true);
        setWrapStyleWord(true);
        setBorder(BorderFactory.createEmptyBorder());
        setMargin(new java.awt.Insets(0, 0, 0, 0));
    }

    @Override
    public Dimension getPreferredSize() {
        // The height of wrapped text is known only once the width is.
        setSize(width, Short.MAX_VALUE);
        return new Dimension(width, super.getPreferredSize().height);
    }

    @Override
    public Dimension getMaximumSize() {
        return getPreferredSize();
    }

    @Override
    public Dimension getMinimumSize() {
        return getPreferredSize();
    }
}
