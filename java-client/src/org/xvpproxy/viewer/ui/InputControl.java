package org.xvpproxy.viewer.ui;

import java.awt.event.KeyEvent;
import java.util.function.Function;

import javax.swing.JFrame;

import org.xvpproxy.viewer.rfb.ServerFeatures;
import org.xvpproxy.viewer.ui.dialogs.KeySequenceDialog;
import org.xvpproxy.viewer.ui.dialogs.TypeTextDialog;
import org.xvpproxy.viewer.ui.keys.KeyCombo;
import org.xvpproxy.viewer.ui.keys.StickyModifiers;
import org.xvpproxy.viewer.ui.keys.TypingPlan.Keyboard;
import org.xvpproxy.viewer.ui.screen.ScreenKeyboard;
import org.xvpproxy.viewer.ui.screen.ScreenMouse;
import org.xvpproxy.viewer.ui.screen.ScreenPanel;

/** Keyboard, mouse and clipboard of one window. */
final class InputControl {
    private final JFrame frame;
    private final ScreenPanel screen;
    private final Console console;
    private final ScreenKeyboard keyboard;
    private final ScreenMouse mouse;
    private final StickyModifiers sticky;
    private final ClipboardBridge clipboard;
    private Function<KeyEvent, Command> shortcuts = event -> null;
    private boolean sharing = true;
    private boolean taking = true;
    private boolean scanCodes;

    InputControl(JFrame frame, ScreenPanel screen, Console console) {
        this.frame = frame;
        this.screen = screen;
        this.console = console;
        this.scanCodes = console.settings().extendedKeys();
        this.keyboard = new ScreenKeyboard(screen, this::key, this::perform);
        this.mouse = new ScreenMouse(screen, console);
        this.sticky = new StickyModifiers(this::key);
        this.clipboard = new ClipboardBridge(console::clipboard);
    }

    /** Says which key presses are commands of the viewer. */
    void shortcuts(Function<KeyEvent, Command> commands) {
        shortcuts = commands;
    }

    private void key(int keysym, int xtCode, boolean down) {
        console.key(keysym, scanCodes ? xtCode : 0, down);
    }

    private boolean perform(KeyEvent event) {
        Command command = shortcuts.apply(event);
        if (command == null) {
            return false;
        }
        // The modifiers of the shortcut went to the console already.
        keyboard.releaseAll();
        command.run();
        return true;
    }

    /** Gives the keyboard back to the console. */
    void toScreen() {
        screen.requestFocusInWindow();
    }

    /** Releases all keys, held ones too. */
    void releaseAll() {
        keyboard.releaseAll();
        sticky.releaseAll();
    }

    void send(KeyCombo combo) {
        combo.sendTo(this::key);
        toScreen();
    }

    void askForKeys() {
        KeySequenceDialog.open(frame, this::key);
        toScreen();
    }

    void hold(int keysym, boolean on) {
        sticky.hold(keysym, on);
        toScreen();
    }

    boolean holds(int keysym) {
        return sticky.holds(keysym);
    }

    /** Reads the clipboard and asks what of it to type. */
    void typeText() {
        sticky.releaseAll();
        ServerFeatures features = console.session().features();
        // X servers make keys as needed; machines have the keyboard their hypervisor gave them, nearly always a US one.
        Keyboard likely = features.continuousUpdates() && features.xvpVersion() == 0 ? Keyboard.ANY : Keyboard.US;
        clipboard.read(text -> {
            new TypeTextDialog(frame, text, likely, this::key).open();
            toScreen();
        });
    }

    void swapButtons(boolean on) {
        mouse.swapButtons(on);
        toScreen();
    }

    void sendScanCodes(boolean on) {
        keyboard.releaseAll();
        scanCodes = on;
        toScreen();
    }

    void shareClipboard(boolean on) {
        sharing = on;
        clipboard.allow(sharing, taking);
        clipboard.offer();
        toScreen();
    }

    void takeClipboard(boolean on) {
        taking = on;
        clipboard.allow(sharing, taking);
        toScreen();
    }

    /** A session begins. */
    void begin() {
        keyboard.begin();
        clipboard.forget();
        clipboard.offer();
        toScreen();
    }

    /** The lights of the console's keyboard. */
    void leds(int bits) {
        keyboard.leds(bits);
    }

    ClipboardBridge clipboard() {
        return clipboard;
    }
}
