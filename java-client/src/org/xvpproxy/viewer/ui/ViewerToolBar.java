package org.xvpproxy.viewer.ui;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics;
import java.util.Set;

import javax.swing.AbstractButton;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.BoxLayout;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;
import javax.swing.JToggleButton;

import org.xvpproxy.viewer.ui.keys.Keysym;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Symbol;
import org.xvpproxy.viewer.ui.look.SymbolIcon;

/** The commands people reach for. */
final class ViewerToolBar extends JPanel {
    private static final long serialVersionUID = 1L;
    private static final int ICON = 20;
    private static final Color GAP_LINE = new Color(0xcfd4da);

    /** @param hidden power operations the user does not want to see, by parameter name */
    ViewerToolBar(ViewerActions actions, JPopupMenu keys, Set<String> hidden) {
        setLayout(new BoxLayout(this, BoxLayout.X_AXIS));
        setBorder(BorderFactory.createCompoundBorder(BorderFactory.createMatteBorder(0, 0, 1, 0, Look.LINE),
                BorderFactory.createEmptyBorder(3, 6, 3, 6)));
        button(actions.ctrlAltDel, "Ctrl-Alt-Del");
        keysButton(keys);
        button(actions.typeText, "Type clipboard");
        gap();
        toggle(actions.sticky.get(Keysym.CONTROL_L), "Ctrl");
        toggle(actions.sticky.get(Keysym.ALT_L), "Alt");
        toggle(actions.sticky.get(Keysym.SUPER_L), "Super");
        gap();
        toggle(actions.fit, "");
        button(actions.fullScreen, "");
        toggle(actions.viewOnly, "");
        button(actions.screenshot, "");
        add(Box.createHorizontalGlue());
        actions.power.forEach((operation, command) -> {
            if (!hidden.contains(operation.parameter())) {
                button(command, operation.label());
            }
        });
        gap();
        // One place for both: whichever makes sense now.
        AbstractButton disconnect = button(actions.disconnect, "");
        AbstractButton connect = button(actions.connect, "");
        actions.disconnect.addPropertyChangeListener(change -> {
            disconnect.setVisible(actions.disconnect.isEnabled() || !actions.connect.isEnabled());
            connect.setVisible(!disconnect.isVisible());
        });
        connect.setVisible(false);
    }

    private AbstractButton button(Command command, String text) {
        return place(new JButton(command), text);
    }

    private void toggle(Command command, String text) {
        place(new JToggleButton(command), text);
    }

    private AbstractButton place(AbstractButton button, String text) {
        FlatButtonUI.on(button, FlatButtonUI.Style.TOOL);
        button.setText(text);
        button.setMnemonic(0);
        button.setIconTextGap(6);
        button.setAlignmentY(CENTER_ALIGNMENT);
        button.getAccessibleContext().setAccessibleName((String) button.getAction().getValue("Name"));
        add(button);
        add(Box.createHorizontalStrut(2));
        return button;
    }

    private void keysButton(JPopupMenu keys) {
        JButton button = FlatButtonUI.on(new JButton("Keys", new SymbolIcon(Symbol.KEYS, ICON)), FlatButtonUI.Style.TOOL);
        button.setToolTipText("Keys and combinations to send");
        button.setIconTextGap(6);
        button.setAlignmentY(CENTER_ALIGNMENT);
        button.addActionListener(event -> keys.show(button, 0, button.getHeight()));
        add(button);
        add(Box.createHorizontalStrut(2));
    }

    private void gap() {
        JComponent line = new JComponent() {
            private static final long serialVersionUID = 1L;

            @Override
            protected void paintComponent(Graphics g) {
                g.setColor(GAP_LINE);
                g.fillRect(getWidth() / 2, (getHeight() - ICON) / 2, 1, ICON);
            }
        };
        line.setMaximumSize(new Dimension(13, ICON + 10));
        line.setPreferredSize(line.getMaximumSize());
        line.setMinimumSize(line.getMaximumSize());
        line.setAlignmentY(CENTER_ALIGNMENT);
        add(line);
    }
}
