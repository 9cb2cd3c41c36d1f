package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Component;
import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import java.awt.Window;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JPasswordField;
import javax.swing.JTextField;

import org.xvpproxy.viewer.rfb.UserPassword;
import org.xvpproxy.viewer.ui.look.Card;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;

/** Asks for the console's password, and for a user name where the console wants one. */
public final class PasswordDialog {
    private static final int COLUMNS = 22;

    private PasswordDialog() {
    }

    /**
     * Asks on the event thread.
     *
     * @param where "host:port"
     * @param what who wants it, as the console's security type says
     * @param user the name to propose; null asks for no name
     * @return null if the user gave up
     */
    public static UserPassword ask(Window owner, String where, String what, String user) {
        Sheet sheet = new Sheet(owner, "Password", Symbol.LOCK, Look.ACCENT, "Password for the console at " + where);
        sheet.card().note(what);
        JTextField name = new JTextField(user == null ? "" : user, COLUMNS);
        JPasswordField password = new JPasswordField(COLUMNS);
        JPanel fields = new JPanel(new GridBagLayout());
        fields.setOpaque(false);
        if (user != null) {
            row(fields, 0, "User name", name);
        }
        row(fields, 1, "Password", password);
        sheet.card().with(fields);
        AtomicBoolean given = new AtomicBoolean();
        JButton ok = sheet.button("Connect", FlatButtonUI.Style.PRIMARY, () -> given.set(true));
        sheet.button("Cancel", FlatButtonUI.Style.PLAIN, () -> { });
        Component first = user != null && user.isEmpty() ? name : password;
        sheet.open(ok, first);
        return given.get() ? new UserPassword(name.getText(), password.getPassword()) : null;
    }

    private static void row(JPanel fields, int row, String label, JComponent field) {
        JLabel words = new JLabel(label);
        words.setLabelFor(field);
        words.setFont(Look.text());
        GridBagConstraints place = new GridBagConstraints();
        place.gridy = row;
        place.anchor = GridBagConstraints.LINE_START;
        place.insets = new Insets(row == 0 ? 0 : 8, 0, 0, 14);
        fields.add(words, place);
        place.gridx = 1;
        place.weightx = 1;
        place.fill = GridBagConstraints.HORIZONTAL;
        place.insets = new Insets(row == 0 ? 0 : 8, 0, 0, 0);
        fields.add(field, place);
        fields.setMaximumSize(new java.awt.Dimension(Card.TEXT_WIDTH, Short.MAX_VALUE));
    }
}
