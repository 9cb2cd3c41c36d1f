package org.xvpproxy.viewer;

import java.io.IOException;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.xvpproxy.viewer.net.TunnelRefused;
import org.xvpproxy.viewer.rfb.AuthenticationFailed;
import org.xvpproxy.viewer.ui.ViewerApp;

/** The program: arguments in, exit status out. */
public final class Viewer {

    private static final Map<String, Level> LEVELS = Map.of("off", Level.OFF, "error", Level.SEVERE, "warning",
            Level.WARNING, "info", Level.INFO, "debug", Level.FINE);
    // Held, because the log manager keeps loggers by weak references.
    private static final Logger LOG = Logger.getLogger("org.xvpproxy.viewer");

    private Viewer() {
    }

    public static void main(String[] arguments) {
        Options options;
        try {
            CommandLine line = new CommandLine(System.getenv(), System.in);
            options = line.parse(arguments);
            if (line.warning() != null) {
                say(line.warning());
            }
        } catch (Misuse e) {
            say(e.getMessage());
            say("Try --help.");
            System.exit(2);
            return;
        } catch (IOException e) {
            say(e.getMessage());
            System.exit(1);
            return;
        }
        log(options.logLevel());
        if (options.mode() == Options.Mode.WINDOW) {
            ViewerApp.start(options);
        } else {
            System.exit(headless(options));
        }
    }

    private static int headless(Options options) {
        System.setProperty("java.awt.headless", "true");
        try {
            switch (options.mode()) {
                case HELP -> System.out.print(Help.TEXT);
                case VERSION -> System.out.println(Help.version());
                case BENCH -> System.out.println(Bench.run(options.recording()).json());
                case INFO -> System.out.print(Info.ask(options));
                default -> Snapshot.take(options);
            }
            return 0;
        } catch (TunnelRefused e) {
            say(e.getMessage() + ".");
            say(e.sentence() + " " + e.advice());
            if (!e.body().isEmpty()) {
                say("The gateway says: " + e.body());
            }
        } catch (AuthenticationFailed e) {
            say(e.getMessage() + (e.cancelled() ? " Give it with --password-file or VNC_PASSWORD." : ""));
        } catch (IOException e) {
            say(String.valueOf(e.getMessage()));
        }
        return 1;
    }

    private static void say(String sentence) {
        System.err.println("VncViewer: " + sentence);
    }

    private static void log(String level) {
        ConsoleHandler handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new Formatter() {
            @Override
            public String format(LogRecord record) {
                return String.format("%tT.%<tL %s %s%n", record.getMillis(), record.getLevel().getName(),
                        formatMessage(record));
            }
        });
        LOG.setUseParentHandlers(false);
        LOG.addHandler(handler);
        LOG.setLevel(LEVELS.get(level));
    }
}
