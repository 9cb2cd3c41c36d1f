package org.xvpproxy.viewer.ui;

import java.awt.Rectangle;
import java.awt.Toolkit;
import java.util.List;

import org.xvpproxy.viewer.Options;
import org.xvpproxy.viewer.rfb.CursorShape;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.ui.screen.EventThreadScreen;
import org.xvpproxy.viewer.ui.screen.ScreenPanel;

/** Shows what the console does. */
final class ConsoleView implements EventThreadScreen.View {
    private final ViewerWindow window;
    private final ScreenPanel screen;
    private final StatusLine status;
    private final Options.Window wishes;
    private CursorShape shape;
    private String name = "";
    private boolean powerOffered;
    private Power asked;

    ConsoleView(ViewerWindow window, ScreenPanel screen, StatusLine status, Options.Window wishes) {
        this.window = window;
        this.screen = screen;
        this.status = status;
        this.wishes = wishes;
    }

    /** A new session starts without what the last one offered. */
    void forget() {
        powerOffered = false;
        asked = null;
        shape = null;
        screen.point(null, 1);
    }

    /** The desktop's name, made fit to show; may be empty. */
    String name() {
        return name;
    }

    boolean hasPower() {
        return powerOffered;
    }

    /** Remembers what a later refusal is about. */
    void asked(Power operation) {
        asked = operation;
    }

    @Override
    public void resized(Framebuffer framebuffer) {
        screen.show(framebuffer);
        window.screenResized();
        refreshCursor();
    }

    @Override
    public void painted(List<Rectangle> rectangles) {
        screen.paintRemote(rectangles);
        status.active();
    }

    @Override
    public void cursor(CursorShape newShape) {
        if (wishes.drawCursor()) {
            shape = newShape;
            refreshCursor();
        }
    }

    /** The zoom changed, and with it the pointer's size. */
    void refreshCursor() {
        double factor = screen.placement().percent() / 100.0 * wishes.cursorScalePercent() / 100;
        screen.point(shape, factor);
    }

    @Override
    public void pointerMoved(int x, int y) {
        // Only the user moves the local pointer; a console that moves its own draws it into the picture.
    }

    @Override
    public void bell() {
        if (window.bellAllowed()) {
            Toolkit.getDefaultToolkit().beep();
        }
    }

    @Override
    public void clipboard(String text) {
        window.input().clipboard().received(text);
    }

    @Override
    public void named(String desktopName) {
        name = MachineName.of(desktopName);
        window.updateTitle();
    }

    @Override
    public void leds(int bits) {
        window.input().leds(bits);
    }

    @Override
    public void powerOffered() {
        powerOffered = true;
        window.updateActions();
    }

    @Override
    public void powerFailed() {
        window.powerFailed(asked);
    }

    @Override
    public void pointerMode(boolean absolute) {
        window.say(absolute ? "" : "Relative mouse: the pointer may drift. Give the machine a USB tablet device.");
    }

    @Override
    public void resizeRefused(int refusal) {
        String why = switch (refusal) {
            case 1 -> "changing its size is prohibited";
            case 2 -> "it has not enough memory for that size";
            case 3 -> "that size is not possible";
            default -> "status " + refusal;
        };
        window.say("The console keeps its size: " + why + ".");
    }
}
