package org.xvpproxy.viewer.ui;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/** The commands people reach for. */
final class ViewerToolBar extends JPanel {
    private static final long serialVersionUID = 1L;
    private static final int ICON = 20;
    private static final Color GAP_LINE = new Color(0xcfd4da);

    private final transient BoxLayout row = new BoxLayout(this, BoxLayout.X_AXIS);
    private int foldedFor;
    private final transient Map<AbstractButton, String> words = new HashMap<>();
    private final transient List<AbstractButton> wellKnown = new ArrayList<>();
    private final transient List<AbstractButton> powerButtons = new ArrayList<>();

    /** @param hidden power operations the user does not want to see, by parameter name */
    ViewerToolBar(ViewerActions actions, JPopupMenu keys, Set<String> hidden) {
        setLayout(row);
        setBorder(BorderFactory.createCompoundBorder(BorderFactory.createMatteBorder(0, 0, 1, 0, Look.LINE),
                BorderFactory.createEmptyBorder(3, 6, 3, 6)));
        wellKnown.add(button(actions.ctrlAltDel, "Ctrl-Alt-Del"));
        AbstractButton keysButton = button(actions.keys, "Keys");
        wellKnown.add(keysButton);
        keysButton.addActionListener(event -> keys.show(keysButton, 0, keysButton.getHeight()));
        wellKnown.add(button(actions.typeText, "Type clipboard"));
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
                powerButtons.add(button(command, operation.label()));
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

    @Override
    public void doLayout() {
        if (foldedFor != getWidth()) {
            foldedFor = getWidth();
            fold();
        }
        super.doLayout();
    }

    /** Leaves out words beside pictures, the well-known ones first, until the rest has room. */
    private void fold() {
        words.forEach(AbstractButton::setText);
        row.invalidateLayout(this);
        for (List<AbstractButton> group : List.of(wellKnown, powerButtons)) {
            if (row.preferredLayoutSize(this).width > getWidth()) {
                group.forEach(button -> button.setText(""));
                // A container that is being laid out does not notice by itself that a child shrank.
                row.invalidateLayout(this);
            }
        }
    }

    @Override
    public Dimension getMinimumSize() {
        return new Dimension(0, super.getMinimumSize().height);
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
        words.put(button, text);
        button.setMnemonic(0);
        button.setIconTextGap(6);
        button.setAlignmentY(CENTER_ALIGNMENT);
        button.getAccessibleContext().setAccessibleName((String) button.getAction().getValue("Name"));
        add(button);
        add(Box.createHorizontalStrut(2));
        return button;
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
