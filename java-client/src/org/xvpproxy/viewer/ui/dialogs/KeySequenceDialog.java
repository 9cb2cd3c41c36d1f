package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Window;

import javax.swing.JButton;
import javax.swing.JTextField;

import org.xvpproxy.viewer.ui.keys.KeyCombo;
import org.xvpproxy.viewer.ui.keys.KeySink;
import org.xvpproxy.viewer.ui.look.Card;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Paragraph;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;

/** Sends keys together that the user names. */
public final class KeySequenceDialog {
    private static String last = "Ctrl-Alt-F1";

    private KeySequenceDialog() {
    }

    /** Asks for names and sends the keys. */
    public static void open(Window owner, KeySink sink) {
        Sheet sheet = new Sheet(owner, "Send keys", Symbol.KEYS, Look.ACCENT, "Keys to press together");
        JTextField names = new JTextField(last, 24);
        names.selectAll();
        Paragraph hint = new Paragraph("Names joined by \u201c-\u201d: Ctrl, Alt, AltGr, Shift, Super, Del, F5, Print, a ...",
                Look.small(), Look.QUIET_TEXT, Card.TEXT_WIDTH);
        hint.setRows(2);
        sheet.card().with(names).with(hint);
        JButton send = sheet.card().button("Send", FlatButtonUI.Style.PRIMARY, event -> {
            try {
                KeyCombo.parse(names.getText()).sendTo(sink);
                last = names.getText();
                sheet.close();
            } catch (IllegalArgumentException e) {
                hint.setForeground(Look.DANGER);
                hint.setText(e.getMessage());
            }
        });
        sheet.button("Cancel", FlatButtonUI.Style.PLAIN, () -> { });
        sheet.open(send, names);
    }
}
