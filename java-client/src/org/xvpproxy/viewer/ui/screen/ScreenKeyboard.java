package org.xvpproxy.viewer.ui.screen;

import java.awt.Toolkit;
import java.awt.event.FocusEvent;
import java.awt.event.FocusListener;
import java.awt.event.InputMethodEvent;
import java.awt.event.InputMethodListener;
import java.awt.event.KeyEvent;
import java.awt.event.KeyListener;
import java.text.AttributedCharacterIterator;
import java.util.function.Predicate;

import javax.swing.JComponent;
import javax.swing.Timer;

import org.xvpproxy.viewer.ui.keys.KeyMapper;
import org.xvpproxy.viewer.ui.keys.KeySink;
import org.xvpproxy.viewer.ui.keys.LockKeys;
import org.xvpproxy.viewer.ui.keys.Platform;
import org.xvpproxy.viewer.ui.keys.RawScanCodes;
import org.xvpproxy.viewer.ui.keys.RepeatFilter;

/** Gives every key pressed on the screen to the console, except the viewer's own few shortcuts. */
public final class ScreenKeyboard implements KeyListener, FocusListener, InputMethodListener {
    private static final int FLUSH_MILLIS = 4;

    private final JComponent screen;
    private final Predicate<KeyEvent> shortcuts;
    private final KeyMapper mapper;
    private final RepeatFilter repeats;
    private final LockKeys locks;
    private final Timer flush;
    private int swallowed;

    /**
     * Listens to a component.
     *
     * @param shortcuts performs the viewer's own shortcuts and says whether an event was one
     */
    public ScreenKeyboard(JComponent screen, KeySink sink, Predicate<KeyEvent> shortcuts) {
        this.screen = screen;
        this.shortcuts = shortcuts;
        this.mapper = new KeyMapper(Platform.current(), new RawScanCodes(Platform.current()), sink);
        this.repeats = new RepeatFilter(mapper);
        this.locks = new LockKeys(sink);
        this.flush = new Timer(FLUSH_MILLIS, event -> repeats.flush());
        flush.setRepeats(false);
        screen.addKeyListener(this);
        screen.addFocusListener(this);
        screen.addInputMethodListener(this);
        screen.enableInputMethods(true);
    }

    /** Learns the lights of the console's keyboard. */
    public void leds(int bits) {
        if (locks.remoteLeds(bits) && screen.isFocusOwner()) {
            matchLocks();
        }
    }

    /** Another console begins. */
    public void begin() {
        locks.forget();
    }

    /** Releases all keys at the console. */
    public void releaseAll() {
        repeats.flush();
        mapper.releaseAll();
    }

    @Override
    public void keyPressed(KeyEvent event) {
        if (shortcuts.test(event)) {
            swallowed = event.getKeyCode();
        } else {
            repeats.pressed(event);
        }
        event.consume();
    }

    @Override
    public void keyTyped(KeyEvent event) {
        if (swallowed == 0) {
            mapper.typed(event);
        }
        event.consume();
    }

    @Override
    public void keyReleased(KeyEvent event) {
        if (event.getKeyCode() == swallowed) {
            swallowed = 0;
        }
        repeats.released(event);
        if (Platform.current() == Platform.X11) {
            flush.restart();
        } else {
            repeats.flush();
        }
        event.consume();
    }

    @Override
    public void inputMethodTextChanged(InputMethodEvent event) {
        AttributedCharacterIterator text = event.getText();
        int committed = event.getCommittedCharacterCount();
        if (text != null && committed > 0) {
            StringBuilder characters = new StringBuilder();
            char c = text.first();
            for (int i = 0; i < committed; i++, c = text.next()) {
                characters.append(c);
            }
            mapper.composed(characters.toString());
        }
        event.consume();
    }

    @Override
    public void caretPositionChanged(InputMethodEvent event) {
        event.consume();
    }

    @Override
    public void focusGained(FocusEvent event) {
        matchLocks();
    }

    private void matchLocks() {
        int known = 0;
        int set = 0;
        int[] keys = {KeyEvent.VK_SCROLL_LOCK, KeyEvent.VK_NUM_LOCK, KeyEvent.VK_CAPS_LOCK};
        int[] bits = {LockKeys.SCROLL, LockKeys.NUM, LockKeys.CAPS};
        for (int i = 0; i < keys.length; i++) {
            try {
                set |= Toolkit.getDefaultToolkit().getLockingKeyState(keys[i]) ? bits[i] : 0;
                known |= bits[i];
            } catch (UnsupportedOperationException e) {
                // This system does not tell about this key: leave the console's as it is.
            }
        }
        locks.matchTo(set, known);
    }

    @Override
    public void focusLost(FocusEvent event) {
        swallowed = 0;
        releaseAll();
    }
}
