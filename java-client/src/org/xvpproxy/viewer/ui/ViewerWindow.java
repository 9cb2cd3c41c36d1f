package org.xvpproxy.viewer.ui;

import java.awt.BorderLayout;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;

import javax.swing.JFrame;
import javax.swing.JMenuBar;

import org.xvpproxy.viewer.Options;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.ui.dialogs.InfoDialog;
import org.xvpproxy.viewer.ui.dialogs.Question;
import org.xvpproxy.viewer.ui.dialogs.ShortcutsDialog;
import org.xvpproxy.viewer.ui.look.AppIcon;
import org.xvpproxy.viewer.ui.screen.EdgeScroller;
import org.xvpproxy.viewer.ui.screen.Placement;
import org.xvpproxy.viewer.ui.screen.ScreenPanel;
import org.xvpproxy.viewer.ui.screen.ScreenStack;
import org.xvpproxy.viewer.ui.screen.Zoom;

/** One window with one console. */
final class ViewerWindow {
    private final ViewerApp app;
    private final Options options;
    private final JFrame frame = new JFrame("VNC viewer");
    private final ScreenPanel screen = new ScreenPanel();
    private final ScreenStack stack = new ScreenStack(screen);
    private final StatusLine status = new StatusLine();
    private final ConsoleView view;
    private final Presence presence;
    private final Console console;
    private final Ways ways;
    private final ZoomControl zoom;
    private final InputControl input;
    private final Captures captures;
    private final ViewerActions actions;
    private final FullScreen fullScreen;
    private final JMenuBar menus;
    private final ViewerToolBar toolBar;

    /** @param target where to connect at once; null plays the recording or asks */
    ViewerWindow(ViewerApp app, Options options, Target target) {
        this.app = app;
        this.options = options;
        Options.Window wishes = options.window();
        boolean fromCommandLine = target != null && target == options.target();
        Prompts prompts = new Prompts(frame, this::where, fromCommandLine ? options.password() : null,
                options.settings().user());
        view = new ConsoleView(this, screen, status, wishes);
        presence = new Presence(this, stack, options.reconnect(), wishes.offerRelogin());
        console = new Console(options.settings(), prompts, view, presence);
        ways = new Ways(options, prompts);
        zoom = new ZoomControl(frame, stack, screen, console, this::screenChanged);
        input = new InputControl(frame, screen, console);
        captures = new Captures(this, console);
        actions = new ViewerActions(this, console, zoom, input);
        input.shortcuts(actions::forKey);
        fullScreen = new FullScreen(frame, actions);
        ViewerMenus menuMaker = new ViewerMenus(actions, input, zoom);
        menus = menuMaker.bar(wishes.hidden());
        toolBar = new ViewerToolBar(actions, menuMaker.keysPopup(), wishes.hidden());
        new EdgeScroller(screen, stack);
        actions.swapButtons.setOn(wishes.swapButtons());
        input.swapButtons(wishes.swapButtons());
        build();
        lead(target);
    }

    private void build() {
        frame.setDefaultCloseOperation(JFrame.DO_NOTHING_ON_CLOSE);
        frame.setIconImages(AppIcon.images());
        frame.setLayout(new BorderLayout());
        frame.add(toolBar, BorderLayout.NORTH);
        frame.add(stack, BorderLayout.CENTER);
        frame.add(status, BorderLayout.SOUTH);
        frame.setJMenuBar(menus);
        toolBar.setVisible(options.window().showControls());
        status.setVisible(options.window().showControls());
        frame.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosing(WindowEvent event) {
                quit();
            }

            @Override
            public void windowActivated(WindowEvent event) {
                input.clipboard().offer();
            }
        });
    }

    private void lead(Target target) {
        if (target != null) {
            console.lead(ways.to(target), target.display());
        } else if (options.target() == null && options.recording() != null) {
            console.play(options.recording());
        }
    }

    /** Shows the window and connects, or asks where to. */
    void open() {
        zoom.start(Zoom.ofParameter(options.window().scalePercent()));
        updateTitle();
        updateActions();
        frame.setVisible(true);
        if (console.hasWay()) {
            connect();
        } else {
            stack.cover(Cards.address(target -> {
                lead(target);
                connect();
            }));
        }
    }

    void connect() {
        console.connect();
    }

    void disconnect() {
        input.releaseAll();
        console.disconnect();
        presence.left();
    }

    void openAnother() {
        app.open(null);
    }

    void quit() {
        console.disconnect();
        frame.dispose();
        app.closed(this, presence.exitStatus());
    }

    /** A session has begun. */
    void sessionBegins() {
        input.begin();
        status.watch(console.session().stats());
        say("");
        updateActions();
        updateTitle();
    }

    /** It is over; the picture stays, in grey. */
    void sessionEnds(String why) {
        input.releaseAll();
        if (options.window().keepPicture()) {
            screen.grey();
        } else {
            screen.clear();
        }
        status.watch(null);
        view.forget();
        say(why);
        updateActions();
        updateTitle();
    }

    /** The console has another size. */
    void screenResized() {
        zoom.follow();
        screenChanged();
    }

    private void screenChanged() {
        Placement placement = screen.placement();
        status.size(placement.remoteWidth(), placement.remoteHeight(), placement.percent());
        view.refreshCursor();
        updateActions();
    }

    void updateActions() {
        actions.update(console, zoom, input, screen.hasPicture(), view.hasPower());
    }

    void updateTitle() {
        String name = machineName();
        frame.setTitle((name.isEmpty() ? "VNC viewer" : name) + (console.viewOnly() ? " [view only]" : ""));
    }

    /** The desktop's name, or the address while there is none. */
    String machineName() {
        return view.name().isEmpty() ? console.where() : view.name();
    }

    /** "host:port". */
    String where() {
        return console.where();
    }

    /** Says something in the status line. */
    void say(String text) {
        status.say(text);
    }

    void viewOnly(boolean on) {
        input.releaseAll();
        console.apply(console.settings().withViewOnly(on));
        updateActions();
        updateTitle();
        input.toScreen();
    }

    void toggleFullScreen() {
        boolean entering = !fullScreen.isOn();
        frame.setJMenuBar(entering ? null : menus);
        boolean controls = !entering && options.window().showControls();
        toolBar.setVisible(controls);
        status.setVisible(controls);
        stack.showScrollBars(!entering);
        stack.topBar(entering ? fullScreen.bar() : null);
        if (entering) {
            fullScreen.enter(machineName(), zoom.current());
            zoom.set(Zoom.FIT);
        } else {
            zoom.set(fullScreen.leave());
        }
        frame.revalidate();
    }

    void openMenus() {
        if (fullScreen.isOn()) {
            toggleFullScreen();
        }
        menus.getMenu(0).doClick();
    }

    /** Asks, and then does it. */
    void power(Power operation) {
        ask(operation, operation.verb() + " " + machineName() + "?", operation.consequence());
    }

    private void ask(Power operation, String question, String consequence) {
        if (Question.confirm(frame, operation.label(), operation.symbol(), question, consequence, operation.verb(),
                operation == Power.RESET)) {
            view.asked(operation);
            console.power(operation);
            say(operation.label() + " requested");
        }
        input.toScreen();
    }

    /** @param operation what was refused; null if this window has not asked for any */
    void powerFailed(Power operation) {
        String what = operation == null ? "The power operation" : operation.label();
        String failed = what + " of " + machineName() + " failed";
        if (operation == Power.REBOOT && !options.window().hidden().contains(Power.RESET.parameter())) {
            // QEMU refuses every Reboot, and whoever asked for one still wants the machine back.
            ask(Power.RESET, failed + ". Reset it instead?", "The hypervisor knows no clean reboot, or could not do it. "
                    + Power.RESET.consequence());
        } else {
            Question.tell(frame, "Power", failed,
                    "The hypervisor refused it or could not do it. Try again later, or ask the operator.");
        }
    }

    void showInfo() {
        Placement placement = screen.placement();
        InfoDialog.show(frame, view.name(), console.where(), placement.remoteWidth() + " \u00d7 " + placement.remoteHeight(),
                console.session().features(), console.session().stats());
        input.toScreen();
    }

    void showShortcuts() {
        ShortcutsDialog.show(frame);
        input.toScreen();
    }

    boolean bellAllowed() {
        return actions.bell.isOn();
    }

    JFrame frame() {
        return frame;
    }

    ScreenPanel screen() {
        return screen;
    }

    InputControl input() {
        return input;
    }

    Captures captures() {
        return captures;
    }
}
