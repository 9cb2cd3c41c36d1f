package org.xvpproxy.viewer.ui;

import java.io.IOException;

import javax.swing.SwingUtilities;

import org.xvpproxy.viewer.net.Transport;
import org.xvpproxy.viewer.rfb.Credentials;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.Settings;
import org.xvpproxy.viewer.ui.screen.EventThreadScreen;

/** One attempt to reach a console and, if it works, the session that follows; both on a thread of their own. */
final class Connection {
    private final Way way;
    private final Settings settings;
    private final Credentials credentials;
    private final EventThreadScreen screen;
    private final Events events;
    private Transport transport;
    private boolean cancelled;

    /** How the byte stream to the console comes about; blocks while it does. */
    @FunctionalInterface
    interface Way {
        /** Opens the stream; the very next byte on it is RFB. */
        Transport open() throws IOException;

        /** Makes an {@link #open} that is under way fail at once. */
        default void giveUp() {
        }
    }

    /** What becomes of it, told on the event thread. Nothing more is told after {@link Connection#cancel}. */
    interface Events {
        /** A stream is there, the console's turn begins. */
        void reached();

        /** The console is there. */
        void connected(RfbSession session);

        /** It came to nothing, or to its end. */
        void ended(Throwable cause);
    }

    Connection(Way way, Settings settings, Credentials credentials, EventThreadScreen screen, Events events) {
        this.way = way;
        this.settings = settings;
        this.credentials = credentials;
        this.screen = screen;
        this.events = events;
    }

    /** Begins; returns at once. */
    void start() {
        Thread thread = new Thread(this::connectAndRead, "console reader");
        thread.setDaemon(true);
        thread.start();
    }

    /** Gives up: closes what is open, and says nothing any more. */
    void cancel() {
        Transport open;
        synchronized (this) {
            cancelled = true;
            open = transport;
        }
        screen.detach();
        way.giveUp();
        if (open != null) {
            // Closing a TLS stream may send, and so wait; the event thread must not.
            new Thread(() -> closeQuietly(open), "console closer").start();
        }
    }

    private void connectAndRead() {
        try {
            Transport opened = way.open();
            if (!keep(opened)) {
                closeQuietly(opened);
                return;
            }
            tell(events::reached);
            try (RfbSession session = RfbSession.open(opened, settings, credentials, screen)) {
                tell(() -> events.connected(session));
                session.run();
            } finally {
                closeQuietly(opened);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            tell(() -> events.ended(e));
        }
    }

    private synchronized boolean keep(Transport opened) {
        transport = opened;
        return !cancelled;
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    private void tell(Runnable news) {
        SwingUtilities.invokeLater(() -> {
            if (!isCancelled()) {
                news.run();
            }
        });
    }

    private static void closeQuietly(Transport transport) {
        try {
            transport.close();
        } catch (IOException e) {
            // Nobody waits for this stream any more, so nobody needs to know.
        }
    }
}
