package org.xvpproxy.viewer.ui.look;

import java.awt.Component;
import java.awt.Container;

import javax.swing.JComponent;
import javax.swing.JTextField;
import javax.swing.event.AncestorEvent;
import javax.swing.event.AncestorListener;

/** Says where the keyboard goes when something appears. */
public final class FirstFocus implements AncestorListener {

    private FirstFocus() {
    }

    /** Gives a component the keyboard each time it appears. */
    public static void on(JComponent component) {
        component.addAncestorListener(new FirstFocus());
    }

    /** Does so with the first text field inside a component; the look decides where file choosers have theirs. */
    public static void onTextField(Container container) {
        for (Component child : container.getComponents()) {
            if (child instanceof JTextField field) {
                on(field);
                return;
            }
            if (child instanceof Container inner) {
                onTextField(inner);
            }
        }
    }

    @Override
    public void ancestorAdded(AncestorEvent event) {
        event.getComponent().requestFocusInWindow();
    }

    @Override
    public void ancestorRemoved(AncestorEvent event) {
        // Whoever takes the component away says where the keyboard goes.
    }

    @Override
    public void ancestorMoved(AncestorEvent event) {
        // Moving changes nothing about the keyboard.
    }
}
