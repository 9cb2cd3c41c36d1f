package org.xvpproxy.viewer.ui.look;

import java.awt.Color;
import java.awt.Component;
import java.awt.Window;
import java.awt.event.ActionListener;
import java.awt.event.KeyEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;

import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.KeyStroke;

/** A dialog that holds a card. Escape closes it, which must always be the harmless answer. */
public final class Sheet {
    private final JDialog dialog;
    private final Card card;

    /** Prepares a dialog that blocks its owner (which may be null) while it is open. */
    public Sheet(Window owner, String title, Symbol symbol, Color colour, String headline) {
        dialog = new JDialog(owner, title, JDialog.ModalityType.APPLICATION_MODAL);
        card = new Card(symbol, colour, headline, false);
        dialog.setContentPane(card);
        dialog.setDefaultCloseOperation(JDialog.DISPOSE_ON_CLOSE);
        card.registerKeyboardAction(event -> close(), KeyStroke.getKeyStroke(KeyEvent.VK_ESCAPE, 0),
                JComponent.WHEN_ANCESTOR_OF_FOCUSED_COMPONENT);
    }

    /** The content. */
    public Card card() {
        return card;
    }

    /** Adds a button that does something and then closes the dialog. */
    public JButton button(String text, FlatButtonUI.Style style, Runnable action) {
        ActionListener listener = event -> {
            action.run();
            close();
        };
        return card.button(text, style, listener);
    }

    /** Lets other windows be used while this one is open. */
    public void modeless() {
        dialog.setModalityType(JDialog.ModalityType.MODELESS);
    }

    /** Opens the dialog in the middle of its owner; Enter presses {@code enter}, the keyboard goes to {@code first}. */
    public void open(JButton enter, Component first) {
        dialog.getRootPane().setDefaultButton(enter);
        dialog.pack();
        dialog.setResizable(false);
        dialog.setLocationRelativeTo(dialog.getOwner());
        dialog.addWindowListener(new WindowAdapter() {
            @Override
            public void windowOpened(WindowEvent event) {
                first.requestFocusInWindow();
            }
        });
        dialog.setVisible(true);
    }

    /** Runs something when the dialog has closed, however that came. */
    public void onClose(Runnable action) {
        dialog.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosed(WindowEvent event) {
                action.run();
            }
        });
    }

    /** Fits the dialog to its content again. */
    public void pack() {
        dialog.pack();
    }

    /** Closes the dialog. */
    public void close() {
        dialog.dispose();
    }

    /** The window, as an owner for others. */
    public Window window() {
        return dialog;
    }
}
