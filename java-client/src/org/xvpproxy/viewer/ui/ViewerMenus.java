package org.xvpproxy.viewer.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import javax.swing.JCheckBoxMenuItem;
import javax.swing.JMenu;
import javax.swing.JMenuBar;
import javax.swing.JMenuItem;
import javax.swing.JPopupMenu;
import javax.swing.JRadioButtonMenuItem;

import org.xvpproxy.viewer.ui.keys.KeyCombo;
import org.xvpproxy.viewer.ui.screen.Zoom;

/** The menu bar, and the menu of keys that the tool bar shows as well. */
final class ViewerMenus {
    private static final int[] PERCENTS = {50, 75, 125, 150, 200, 300};
    private static final int FUNCTION_KEYS = 12;

    private final ViewerActions actions;
    private final InputControl input;
    private final ZoomControl zoom;

    ViewerMenus(ViewerActions actions, InputControl input, ZoomControl zoom) {
        this.actions = actions;
        this.input = input;
        this.zoom = zoom;
    }

    /** @param hidden power operations the user does not want to see, by parameter name */
    JMenuBar bar(Set<String> hidden) {
        JMenuBar bar = new JMenuBar();
        bar.add(console());
        bar.add(view());
        bar.add(inputMenu());
        JMenu keyMenu = menu("Keys", 'K');
        for (JMenuItem item : keyItems()) {
            addTo(keyMenu, item);
        }
        bar.add(keyMenu);
        if (hidden.size() < Power.values().length) {
            bar.add(power(hidden));
        }
        JMenu help = menu("Help", 'H');
        help.add(actions.shortcuts);
        bar.add(help);
        return bar;
    }

    /** The keys as a menu of their own. */
    JPopupMenu keysPopup() {
        JPopupMenu popup = new JPopupMenu();
        for (JMenuItem item : keyItems()) {
            if (item == null) {
                popup.addSeparator();
            } else {
                popup.add(item);
            }
        }
        return popup;
    }

    private static JMenu menu(String name, char mnemonic) {
        JMenu menu = new JMenu(name);
        menu.setMnemonic(mnemonic);
        return menu;
    }

    private static void addTo(JMenu menu, JMenuItem item) {
        if (item == null) {
            menu.addSeparator();
        } else {
            menu.add(item);
        }
    }

    private JMenu console() {
        JMenu menu = menu("Console", 'C');
        menu.add(actions.connect);
        menu.add(actions.disconnect);
        menu.add(actions.open);
        menu.addSeparator();
        menu.add(actions.screenshot);
        menu.add(new JCheckBoxMenuItem(actions.record));
        menu.addSeparator();
        menu.add(actions.refresh);
        menu.add(actions.info);
        menu.addSeparator();
        menu.add(actions.quit);
        return menu;
    }

    private JMenu view() {
        JMenu menu = menu("View", 'V');
        menu.add(new JRadioButtonMenuItem(actions.fit));
        menu.add(new JRadioButtonMenuItem(actions.fullSize));
        menu.add(new JRadioButtonMenuItem(actions.deviceSize));
        menu.addSeparator();
        for (int percent : PERCENTS) {
            JMenuItem item = menu.add(percent + " %");
            item.addActionListener(event -> zoom.set(Zoom.percent(percent)));
        }
        menu.add(actions.otherSize);
        menu.addSeparator();
        menu.add(actions.fullScreen);
        menu.add(new JCheckBoxMenuItem(actions.matchSize));
        return menu;
    }

    private JMenu inputMenu() {
        JMenu menu = menu("Input", 'I');
        menu.add(new JCheckBoxMenuItem(actions.viewOnly));
        menu.addSeparator();
        menu.add(actions.typeText);
        menu.add(new JCheckBoxMenuItem(actions.clipboardOut));
        menu.add(new JCheckBoxMenuItem(actions.clipboardIn));
        menu.addSeparator();
        menu.add(new JCheckBoxMenuItem(actions.swapButtons));
        menu.add(new JCheckBoxMenuItem(actions.scanCodes));
        menu.add(new JCheckBoxMenuItem(actions.passF11));
        menu.add(new JCheckBoxMenuItem(actions.bell));
        return menu;
    }

    private JMenu power(Set<String> hidden) {
        JMenu menu = menu("Power", 'P');
        actions.power.forEach((operation, command) -> {
            if (!hidden.contains(operation.parameter())) {
                menu.add(command);
            }
        });
        return menu;
    }

    /** Items in order; null is a separator. */
    private List<JMenuItem> keyItems() {
        List<JMenuItem> items = new ArrayList<>();
        items.add(new JMenuItem(actions.ctrlAltDel));
        items.add(combo(KeyCombo.CTRL_ALT_BACKSPACE));
        items.add(null);
        items.add(functions("F1 - F12", false));
        items.add(functions("Ctrl-Alt-F1 - F12", true));
        JMenu sysRq = new JMenu("Alt-SysRq");
        KeyCombo.sysRqCommands().forEach(command -> sysRq.add(combo(command)));
        items.add(sysRq);
        items.add(null);
        for (KeyCombo combo : List.of(KeyCombo.SUPER, KeyCombo.MENU, KeyCombo.ALT_TAB, KeyCombo.ALT_F4, KeyCombo.CTRL_ESC,
                KeyCombo.PRINT, KeyCombo.ALT_PRINT, KeyCombo.PAUSE, KeyCombo.CTRL_BREAK)) {
            items.add(combo(combo));
        }
        items.add(new JMenuItem(actions.otherKeys));
        items.add(null);
        actions.sticky.values().forEach(command -> items.add(new JCheckBoxMenuItem(command)));
        return items;
    }

    private JMenu functions(String name, boolean ctrlAlt) {
        JMenu menu = new JMenu(name);
        for (int n = 1; n <= FUNCTION_KEYS; n++) {
            menu.add(combo(ctrlAlt ? KeyCombo.ctrlAltFunction(n) : KeyCombo.function(n)));
        }
        return menu;
    }

    private JMenuItem combo(KeyCombo combo) {
        JMenuItem item = new JMenuItem(combo.name());
        item.addActionListener(event -> input.send(combo));
        actions.keys.addPropertyChangeListener(change -> item.setEnabled(actions.keys.isEnabled()));
        return item;
    }
}
