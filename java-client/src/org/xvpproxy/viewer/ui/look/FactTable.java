package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.Font;
import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;

import javax.swing.JLabel;
import javax.swing.JPanel;

/** Names to the left, values to the right; the values can be any text, also from a server. */
public final class FactTable extends JPanel {
    private static final long serialVersionUID = 1L;
    private static final int NAME_WIDTH = 112;

    private int row;

    public FactTable() {
        super(new GridBagLayout());
        setOpaque(false);
    }

    /** Adds a value in ordinary text. */
    public void fact(String name, String value) {
        add(name, value, Look.text(), Look.TEXT);
    }

    /** Adds a value in letters of one width. */
    public void fixed(String name, String value, Color colour) {
        add(name, value, Look.fixedWidth().deriveFont(12f), colour);
    }

    private void add(String name, String value, Font font, Color colour) {
        JLabel label = new JLabel(name);
        label.setFont(Look.small());
        label.setForeground(Look.QUIET_TEXT);
        GridBagConstraints place = new GridBagConstraints();
        place.gridy = row++;
        place.gridx = 0;
        place.anchor = GridBagConstraints.FIRST_LINE_START;
        place.insets = new Insets(row == 1 ? 1 : 8, 0, 0, 12);
        add(label, place);
        place.gridx = 1;
        place.insets = new Insets(row == 1 ? 0 : 7, 0, 0, 0);
        place.weightx = 1;
        add(new Paragraph(value, font, colour, Card.TEXT_WIDTH - NAME_WIDTH), place);
    }
}
