package org.xvpproxy.viewer.ui.dialogs;

import java.awt.Window;
import java.util.OptionalInt;

import javax.swing.JButton;
import javax.swing.JSpinner;
import javax.swing.SpinnerNumberModel;

import org.xvpproxy.viewer.ui.look.FlatButtonUI;
import org.xvpproxy.viewer.ui.look.Look;
import org.xvpproxy.viewer.ui.look.Sheet;
import org.xvpproxy.viewer.ui.look.Symbol;
import org.xvpproxy.viewer.ui.screen.Zoom;

/** Asks for a zoom in percent. */
public final class ZoomDialog {
    private static final int STEP = 10;

    private ZoomDialog() {
    }

    /** Proposes the present zoom; empty if the user gave up. */
    public static OptionalInt ask(Window owner, int percent) {
        Sheet sheet = new Sheet(owner, "Size", Symbol.FIT, Look.ACCENT, "Size of the picture in percent");
        int start = Math.max(Zoom.SMALLEST, Math.min(Zoom.LARGEST, percent));
        JSpinner spinner = new JSpinner(new SpinnerNumberModel(start, Zoom.SMALLEST, Zoom.LARGEST, STEP));
        spinner.setMaximumSize(spinner.getPreferredSize());
        sheet.card().with(spinner);
        int[] chosen = {0};
        JButton ok = sheet.button("Apply", FlatButtonUI.Style.PRIMARY, () -> chosen[0] = (Integer) spinner.getValue());
        sheet.button("Cancel", FlatButtonUI.Style.PLAIN, () -> { });
        sheet.open(ok, ((JSpinner.DefaultEditor) spinner.getEditor()).getTextField());
        return chosen[0] == 0 ? OptionalInt.empty() : OptionalInt.of(chosen[0]);
    }
}
