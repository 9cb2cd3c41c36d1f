package org.xvpproxy.viewer.ui;

import java.awt.event.ActionEvent;
import java.util.function.Consumer;

import javax.swing.AbstractAction;

import org.xvpproxy.viewer.ui.look.Symbol;
import org.xvpproxy.viewer.ui.look.SymbolIcon;

/** Something the user can do, from the menu, the tool bar or the keyboard. */
final class Command extends AbstractAction {
    private static final long serialVersionUID = 1L;
    private static final int MENU_SIZE = 16;
    private static final int TOOL_SIZE = 20;

    private final transient Runnable work;

    /** @param name with "&" before the letter that stands for it in the menu */
    Command(String name, Symbol symbol, String explanation, Runnable work) {
        super(name.replace("&", ""));
        this.work = work;
        int mnemonic = name.indexOf('&');
        if (mnemonic >= 0) {
            putValue(MNEMONIC_KEY, (int) Character.toUpperCase(name.charAt(mnemonic + 1)));
        }
        if (explanation != null) {
            putValue(SHORT_DESCRIPTION, explanation);
        }
        if (symbol != null) {
            putValue(SMALL_ICON, new SymbolIcon(symbol, MENU_SIZE));
            putValue(LARGE_ICON_KEY, new SymbolIcon(symbol, TOOL_SIZE));
        }
    }

    /** A switch; {@code work} is told its new state. */
    static Command toggle(String name, Symbol symbol, String explanation, boolean on, Consumer<Boolean> work) {
        Command[] self = new Command[1];
        self[0] = new Command(name, symbol, explanation, () -> work.accept(self[0].isOn()));
        self[0].setOn(on);
        return self[0];
    }

    boolean isOn() {
        return Boolean.TRUE.equals(getValue(SELECTED_KEY));
    }

    void setOn(boolean on) {
        putValue(SELECTED_KEY, on);
    }

    @Override
    public void actionPerformed(ActionEvent event) {
        work.run();
    }

    /** Does it. */
    void run() {
        work.run();
    }
}
