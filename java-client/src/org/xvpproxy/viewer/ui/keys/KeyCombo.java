package org.xvpproxy.viewer.ui.keys;

import java.util.ArrayList;
import java.util.List;

/** Keys pressed together, such as Ctrl-Alt-Del. */
public record KeyCombo(String name, List<Integer> keysyms) {
    public static final KeyCombo CTRL_ALT_DEL = of("Ctrl-Alt-Del", Keysym.CONTROL_L, Keysym.ALT_L, Keysym.DELETE);
    public static final KeyCombo CTRL_ALT_BACKSPACE =
            of("Ctrl-Alt-Backspace", Keysym.CONTROL_L, Keysym.ALT_L, Keysym.BACKSPACE);
    public static final KeyCombo CTRL_ESC = of("Ctrl-Esc", Keysym.CONTROL_L, Keysym.ESCAPE);
    public static final KeyCombo ALT_TAB = of("Alt-Tab", Keysym.ALT_L, Keysym.TAB);
    public static final KeyCombo ALT_F4 = of("Alt-F4", Keysym.ALT_L, Keysym.function(4));
    public static final KeyCombo SUPER = of("Super (Windows key)", Keysym.SUPER_L);
    public static final KeyCombo MENU = of("Menu", Keysym.MENU);
    public static final KeyCombo PRINT = of("Print Screen", Keysym.PRINT);
    public static final KeyCombo ALT_PRINT = of("Alt-Print Screen", Keysym.ALT_L, Keysym.PRINT);
    public static final KeyCombo PAUSE = of("Pause", Keysym.PAUSE);
    public static final KeyCombo CTRL_BREAK = of("Ctrl-Break", Keysym.CONTROL_L, Keysym.BREAK);

    /** Names keys in the order they go down. */
    public static KeyCombo of(String name, Integer... keysyms) {
        return new KeyCombo(name, List.of(keysyms));
    }

    /**
     * Reads names joined by "-" or "+", such as "Ctrl-Alt-F2".
     *
     * @throws IllegalArgumentException with a sentence that names the key nobody knows
     */
    public static KeyCombo parse(String names) {
        List<Integer> keysyms = new ArrayList<>();
        for (String name : names.strip().split("[-+]")) {
            int keysym = KeyNames.keysym(name.strip());
            if (keysym == 0) {
                throw new IllegalArgumentException("There is no key called \u201c" + name.strip() + "\u201d.");
            }
            keysyms.add(keysym);
        }
        return new KeyCombo(names.strip(), keysyms);
    }

    /** F1 to F24 alone. */
    public static KeyCombo function(int number) {
        return of("F" + number, Keysym.function(number));
    }

    /** Ctrl-Alt with a function key: the way to another text console of Linux. */
    public static KeyCombo ctrlAltFunction(int number) {
        return of("Ctrl-Alt-F" + number, Keysym.CONTROL_L, Keysym.ALT_L, Keysym.function(number));
    }

    /** Alt-SysRq with a letter: a command to the Linux kernel. */
    public static KeyCombo sysRq(char letter, String meaning) {
        return of("Alt-SysRq-" + Character.toUpperCase(letter) + "  " + meaning, Keysym.ALT_L, Keysym.SYS_REQ, (int) letter);
    }

    /** The kernel commands people need on a console that hangs. */
    public static List<KeyCombo> sysRqCommands() {
        List<KeyCombo> commands = new ArrayList<>();
        commands.add(sysRq('r', "take the keyboard back"));
        commands.add(sysRq('e', "end all processes"));
        commands.add(sysRq('i', "kill all processes"));
        commands.add(sysRq('s', "sync the disks"));
        commands.add(sysRq('u', "remount read-only"));
        commands.add(sysRq('b', "reboot at once"));
        commands.add(sysRq('f', "kill the largest process"));
        commands.add(sysRq('h', "help"));
        return commands;
    }

    /** Presses all keys in order and releases them in reverse. */
    public void sendTo(KeySink sink) {
        for (int keysym : keysyms) {
            sink.key(keysym, code(keysym), true);
        }
        for (int i = keysyms.size() - 1; i >= 0; i--) {
            sink.key(keysyms.get(i), code(keysyms.get(i)), false);
        }
    }

    private static int code(int keysym) {
        int special = XtCodes.ofKeysym(keysym);
        return special != 0 ? special : UsKeyboard.code(keysym);
    }
}
