package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Window;

import javax.swing.JButton;

import org.xvpproxy.viewer.ui.look.FactTable;
import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;

/** The few keys the viewer keeps for itself. */
public final class ShortcutsDialog {

    private ShortcutsDialog() {
    }

    /** Shows them. */
    public static void show(Window owner) {
        Sheet sheet = new Sheet(owner, "Keyboard shortcuts", Symbol.KEYS, Look.ACCENT, "Every key goes to the console, except");
        FactTable facts = new FactTable();
        facts.fact("F11", "Full screen on and off (Input menu: give F11 to the console)");
        facts.fact("Ctrl-Alt-Shift-F", "Full screen on and off");
        facts.fact("Ctrl-Alt-Shift-M", "The menus");
        facts.fact("Ctrl-Alt-Shift-D", "Send Ctrl-Alt-Del");
        facts.fact("Ctrl-Alt-Shift-V", "Type the clipboard");
        facts.fact("Ctrl-Alt-Shift-S", "Save a screenshot");
        facts.fact("Ctrl-Alt-Shift-I", "Connection info");
        facts.fact("Ctrl-Alt-Shift-Q", "Quit");
        sheet.card().with(facts);
        sheet.card().note("Your desktop may keep keys such as Super or Alt-Tab for itself: send them from the Keys menu.");
        JButton close = sheet.button("Close", FlatButtonUI.Style.PRIMARY, () -> { });
        sheet.open(close, close);
    }
}
