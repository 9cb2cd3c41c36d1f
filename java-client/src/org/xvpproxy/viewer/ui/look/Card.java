package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.event.ActionListener;

import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.BoxLayout;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;

/** A sheet of paper: a symbol, a headline, some text and buttons. It floats over the console or fills a dialog. */
public final class Card extends JPanel {
    public static final int TEXT_WIDTH = 460;
    private static final long serialVersionUID = 1L;
    private static final int SHADOW = 6;
    private static final int ROUND = 16;

    private final boolean floating;
    private final JPanel buttons = new JPanel(new FlowLayout(FlowLayout.RIGHT, 8, 0));

    /** Starts a card that floats over the screen. */
    public Card(Symbol symbol, Color colour, String headline) {
        this(symbol, colour, headline, true);
    }

    /** Starts a card with its headline; one that does not float fills a dialog. */
    Card(Symbol symbol, Color colour, String headline, boolean floating) {
        this.floating = floating;
        setOpaque(!floating);
        setBackground(Look.PAPER);
        setLayout(new BoxLayout(this, BoxLayout.Y_AXIS));
        setBorder(BorderFactory.createEmptyBorder(26 + SHADOW, 30 + SHADOW, 22 + SHADOW, 30 + SHADOW));
        JPanel top = new JPanel();
        top.setOpaque(false);
        top.setLayout(new BoxLayout(top, BoxLayout.X_AXIS));
        JLabel picture = new JLabel(new SymbolIcon(symbol, 30, colour));
        picture.setAlignmentY(Component.CENTER_ALIGNMENT);
        Paragraph words = new Paragraph(headline, Look.headline(), Look.TEXT, TEXT_WIDTH - 44);
        words.setAlignmentY(Component.CENTER_ALIGNMENT);
        top.add(picture);
        top.add(Box.createHorizontalStrut(14));
        top.add(words);
        addBlock(top, 0);
        buttons.setOpaque(false);
        buttons.setBorder(BorderFactory.createEmptyBorder(0, 0, 0, -8));
    }

    /** Adds a paragraph of ordinary text; empty text adds nothing. */
    public Card say(String text) {
        return paragraph(text, Look.TEXT, 14);
    }

    /** Adds a paragraph of secondary text; empty text adds nothing. */
    public Card note(String text) {
        return paragraph(text, Look.QUIET_TEXT, 10);
    }

    /** Adds a paragraph nobody should miss. */
    public Card warn(String text) {
        Paragraph words = new Paragraph(text, Look.strong(), Look.DANGER, TEXT_WIDTH - 28);
        JPanel box = new JPanel(new FlowLayout(FlowLayout.LEFT, 14, 10)) {
            private static final long serialVersionUID = 1L;

            @Override
            public Dimension getMaximumSize() {
                return getPreferredSize();
            }
        };
        box.setBackground(new Color(0xfdecea));
        box.add(words);
        addBlock(box, 16);
        return this;
    }

    private Card paragraph(String text, Color colour, int gap) {
        if (!text.isBlank()) {
            addBlock(new Paragraph(text, colour == Look.TEXT ? Look.text() : Look.small(), colour, TEXT_WIDTH), gap);
        }
        return this;
    }

    /** Adds any component below what is there. */
    public Card with(JComponent component) {
        addBlock(component, 16);
        return this;
    }

    /** Adds a button to the left of those that are there already. */
    public JButton button(String text, FlatButtonUI.Style style, ActionListener action) {
        if (buttons.getComponentCount() == 0) {
            addBlock(buttons, 22);
        }
        JButton button = FlatButtonUI.on(new JButton(text), style);
        button.addActionListener(action);
        buttons.add(button, 0);
        return button;
    }

    private void addBlock(JComponent block, int gap) {
        add(Box.createVerticalStrut(gap));
        block.setAlignmentX(Component.LEFT_ALIGNMENT);
        add(block);
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        super.paintComponent(graphics);
        if (!floating) {
            return;
        }
        Graphics2D g = (Graphics2D) graphics.create();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        int w = getWidth();
        int h = getHeight();
        for (int i = 0; i < SHADOW; i++) {
            g.setColor(new Color(0, 0, 0, 5 + 5 * i));
            g.fillRoundRect(i, i + 1, w - 2 * i, h - 2 * i, ROUND + SHADOW - i, ROUND + SHADOW - i);
        }
        g.setColor(Look.PAPER);
        g.fillRoundRect(SHADOW, SHADOW, w - 2 * SHADOW, h - 2 * SHADOW, ROUND, ROUND);
        g.dispose();
    }
}
