package org.xvpproxy.viewer.ui;

import java.awt.event.InputEvent;
import java.awt.event.KeyEvent;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

import javax.swing.Action;
import javax.swing.KeyStroke;

import org.xvpproxy.viewer.ui.keys.KeyCombo;
import org.xvpproxy.viewer.ui.keys.Keysym;
import org.xvpproxy.viewer.ui.look.Symbol;
import org.xvpproxy.viewer.ui.screen.Zoom;

/** Everything the user can do. Menus, tool bar and shortcuts all take their commands from here. */
final class ViewerActions {
    private static final int OURS = InputEvent.CTRL_DOWN_MASK | InputEvent.ALT_DOWN_MASK | InputEvent.SHIFT_DOWN_MASK;

    final Command connect;
    final Command disconnect;
    final Command open;
    final Command refresh;
    final Command screenshot;
    final Command record;
    final Command info;
    final Command quit;
    final Command fit;
    final Command fullSize;
    final Command deviceSize;
    final Command otherSize;
    final Command fullScreen;
    final Command matchSize;
    final Command viewOnly;
    final Command ctrlAltDel;
    final Command keys;
    final Command otherKeys;
    final Command typeText;
    final Command clipboardOut;
    final Command clipboardIn;
    final Command swapButtons;
    final Command scanCodes;
    final Command passF11;
    final Command bell;
    final Command shortcuts;
    final Map<Integer, Command> sticky = new LinkedHashMap<>();
    final Map<Power, Command> power = new EnumMap<>(Power.class);
    private final Map<KeyStroke, Command> byKey = new LinkedHashMap<>();

    ViewerActions(ViewerWindow window, Console console, ZoomControl zoom, InputControl input) {
        connect = new Command("&Reconnect", Symbol.CONNECT, "Connect again", window::connect);
        disconnect = new Command("&Disconnect", Symbol.DISCONNECT, "End this session", window::disconnect);
        open = new Command("&Open another console ...", null, null, window::openAnother);
        refresh = new Command("Re&fresh", null, null, console::refresh);
        screenshot = key(new Command("&Save screenshot ...", Symbol.SCREENSHOT, "Save the picture to a file",
                () -> window.captures().screenshot()), ours(KeyEvent.VK_S));
        record = Command.toggle("Re&cord session ...", null, null, false, on -> window.captures().toggleRecording());
        info = key(new Command("Connection &info", null, null, window::showInfo), ours(KeyEvent.VK_I));
        quit = key(new Command("&Quit", null, null, window::quit), ours(KeyEvent.VK_Q));
        fit = Command.toggle("&Fit to window", Symbol.FIT, "Fit the picture to the window", false, on -> zoom.toggleFit());
        fullSize = Command.toggle("&100 %", null, null, true, on -> zoom.set(Zoom.FULL));
        deviceSize = Command.toggle("One &pixel on one pixel of the monitor", null, null, false, on -> zoom.set(Zoom.DEVICE));
        otherSize = new Command("&Other size ...", null, null, zoom::ask);
        fullScreen = key(new Command("F&ull screen", Symbol.FULL_SCREEN, "Full screen (F11)", window::toggleFullScreen),
                KeyStroke.getKeyStroke(KeyEvent.VK_F11, 0));
        byKey.put(ours(KeyEvent.VK_F), fullScreen);
        matchSize = Command.toggle("Console &takes the window's size", null, null, false, zoom::matchSize);
        viewOnly = Command.toggle("&View only", Symbol.EYE, "Watch without touching: no keys, no mouse, no clipboard",
                console.viewOnly(), window::viewOnly);
        ctrlAltDel = key(new Command("Ctrl-Alt-&Del", Symbol.CTRL_ALT_DEL, "Send Ctrl-Alt-Del",
                () -> input.send(KeyCombo.CTRL_ALT_DEL)), ours(KeyEvent.VK_D));
        keys = new Command("Keys", Symbol.KEYS, "Keys and combinations to send", () -> { });
        otherKeys = new Command("&Other keys ...", null, null, input::askForKeys);
        typeText = key(new Command("&Type clipboard ...", Symbol.TYPE_CLIPBOARD, "Type the clipboard's text key by key",
                input::typeText), ours(KeyEvent.VK_V));
        clipboardOut = Command.toggle("Share my &clipboard with the console", null, null, true, input::shareClipboard);
        clipboardIn = Command.toggle("Take the console's clip&board", null, null, true, input::takeClipboard);
        swapButtons = Command.toggle("S&wap middle and right button", null, null, false, input::swapButtons);
        scanCodes = Command.toggle("Send &scan codes where the console takes them", null, null,
                console.settings().extendedKeys(), input::sendScanCodes);
        passF11 = Command.toggle("&Give F11 to the console", null, null, false, on -> input.toScreen());
        bell = Command.toggle("&Bell", null, null, true, on -> input.toScreen());
        key(new Command("Menus", null, null, window::openMenus), ours(KeyEvent.VK_M));
        shortcuts = new Command("&Keyboard shortcuts", null, null, window::showShortcuts);
        hold(input, "Ctrl", Keysym.CONTROL_L);
        hold(input, "Alt", Keysym.ALT_L);
        hold(input, "Super", Keysym.SUPER_L);
        hold(input, "Shift", Keysym.SHIFT_L);
        for (Power operation : Power.values()) {
            power.put(operation, new Command(operation.label(), operation.symbol(), operation.verb() + " the machine",
                    () -> window.power(operation)));
        }
    }

    private void hold(InputControl input, String name, int keysym) {
        sticky.put(keysym, Command.toggle("Hold " + name, null, "Hold " + name + " down until clicked again", false,
                on -> input.hold(keysym, on)));
    }

    private static KeyStroke ours(int virtualKey) {
        return KeyStroke.getKeyStroke(virtualKey, OURS);
    }

    private Command key(Command command, KeyStroke stroke) {
        command.putValue(Action.ACCELERATOR_KEY, stroke);
        byKey.put(stroke, command);
        return command;
    }

    /** The viewer's own command for a key press on the screen, or null if the press belongs to the console. */
    Command forKey(KeyEvent event) {
        if (event.getKeyCode() == KeyEvent.VK_F11 && passF11.isOn()) {
            return null;
        }
        Command command = byKey.get(KeyStroke.getKeyStrokeForEvent(event));
        return command != null && command.isEnabled() ? command : null;
    }

    /** Shows what is on, and greys out what makes no sense now. */
    void update(Console console, ZoomControl zoom, InputControl input, boolean picture, boolean powerOffered) {
        boolean connected = console.isConnected();
        boolean touching = connected && !console.viewOnly();
        connect.setEnabled(console.hasWay() && !console.isBusy());
        disconnect.setEnabled(console.isBusy());
        refresh.setEnabled(connected);
        record.setEnabled(connected);
        record.setOn(console.isRecording());
        info.setEnabled(connected);
        screenshot.setEnabled(picture);
        Zoom now = zoom.current();
        fit.setOn(now.mode() == Zoom.Mode.FIT);
        fullSize.setOn(now.equals(Zoom.FULL));
        deviceSize.setOn(now.mode() == Zoom.Mode.DEVICE);
        matchSize.setEnabled(connected);
        viewOnly.setOn(console.viewOnly());
        ctrlAltDel.setEnabled(touching);
        keys.setEnabled(touching);
        otherKeys.setEnabled(touching);
        typeText.setEnabled(touching);
        sticky.forEach((keysym, command) -> {
            command.setEnabled(touching);
            command.setOn(input.holds(keysym));
        });
        power.values().forEach(command -> command.setEnabled(touching && powerOffered));
    }
}
