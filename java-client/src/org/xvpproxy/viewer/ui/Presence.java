package org.xvpproxy.viewer.ui;

import javax.swing.Timer;

import org.xvpproxy.viewer.ui.screen.ScreenStack;

/** Shows whether there is a console: under way, there, gone and why; tries again by itself if it was asked to. */
final class Presence implements Console.Listener {
    private static final int SECOND = 1000;

    private final ViewerWindow window;
    private final ScreenStack stack;
    private final ReconnectPlan plan;
    private final boolean offerRelogin;
    private Timer countdown;
    private int secondsLeft;
    private boolean failed;

    /**
     * @param reconnect how often to try again without asking
     * @param offerRelogin whether the user may try again
     */
    Presence(ViewerWindow window, ScreenStack stack, int reconnect, boolean offerRelogin) {
        this.window = window;
        this.stack = stack;
        this.offerRelogin = offerRelogin;
        this.plan = new ReconnectPlan(reconnect);
    }

    @Override
    public void connecting(String step) {
        stopCountdown();
        window.say(step);
        stack.cover(Cards.connecting(step, this::cancelled));
        window.updateActions();
    }

    private void cancelled() {
        window.disconnect();
    }

    @Override
    public void connected() {
        stopCountdown();
        failed = false;
        plan.succeeded();
        stack.cover(null);
        window.sessionBegins();
    }

    @Override
    public void failed(Failure failure) {
        failed = !failure.endedWell();
        System.err.println(failure.line());
        window.sessionEnds(failure.headline());
        int pause = failure.retryMayHelp() ? plan.nextPauseSeconds() : -1;
        if (pause < 0) {
            stack.cover(Cards.failure(failure, again(), window::quit));
            return;
        }
        secondsLeft = pause;
        countdown = new Timer(SECOND, event -> countDown(failure));
        countdown.start();
        showCountdown(failure);
    }

    private void countDown(Failure failure) {
        secondsLeft--;
        if (secondsLeft <= 0) {
            window.connect();
        } else {
            showCountdown(failure);
        }
    }

    private void showCountdown(Failure failure) {
        stack.cover(Cards.waiting(failure, secondsLeft, plan.describe(), window::connect, () -> {
            stopCountdown();
            stack.cover(Cards.failure(failure, again(), window::quit));
        }));
    }

    /** The user ended it. */
    void left() {
        stopCountdown();
        Failure left = new Failure("Disconnected", "You ended the connection to " + window.where() + ".",
                "Reconnect whenever you like; a console token may have expired by then.", "", false, true);
        window.sessionEnds(left.headline());
        stack.cover(Cards.failure(left, again(), window::quit));
    }

    private Runnable again() {
        return offerRelogin ? window::connect : null;
    }

    private void stopCountdown() {
        if (countdown != null) {
            countdown.stop();
            countdown = null;
        }
    }

    /** 1 if the last thing that happened was a refusal or failure, else 0. */
    int exitStatus() {
        return failed ? 1 : 0;
    }
}
