package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Color;
import java.awt.Window;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.swing.JButton;

import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;

/** Plain questions and messages. */
public final class Question {

    private Question() {
    }

    /**
     * Asks before something that cannot be undone; Enter and Escape mean no.
     *
     * @param dangerous shows it in a warning style
     */
    public static boolean confirm(Window owner, String title, Symbol symbol, String question, String consequence,
            String yes, boolean dangerous) {
        Color colour = dangerous ? Look.DANGER : Look.ACCENT;
        Sheet sheet = new Sheet(owner, title, symbol, colour, question);
        if (dangerous) {
            sheet.card().warn(consequence);
        } else {
            sheet.card().say(consequence);
        }
        AtomicBoolean agreed = new AtomicBoolean();
        JButton cancel = sheet.button("Cancel", dangerous ? FlatButtonUI.Style.PRIMARY : FlatButtonUI.Style.PLAIN, () -> { });
        sheet.button(yes, dangerous ? FlatButtonUI.Style.DANGER : FlatButtonUI.Style.PLAIN, () -> agreed.set(true));
        sheet.open(cancel, cancel);
        return agreed.get();
    }

    /** Tells that something did not work and what to do now. */
    public static void tell(Window owner, String title, String headline, String text) {
        Sheet sheet = new Sheet(owner, title, Symbol.WARNING, Look.WARNING, headline);
        sheet.card().say(text);
        JButton ok = sheet.button("OK", FlatButtonUI.Style.PRIMARY, () -> { });
        sheet.open(ok, ok);
    }
}
