package org.xvpproxy.viewer.ui;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.function.Supplier;

import org.xvpproxy.viewer.rfb.Credentials;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.Settings;
import org.xvpproxy.viewer.ui.keys.KeySink;
import org.xvpproxy.viewer.ui.screen.EventThreadScreen;
import org.xvpproxy.viewer.ui.screen.PointerSink;

/** The console of this window: connects to it, connects again, and takes what the user does. Lives on the event thread. */
final class Console implements KeySink, PointerSink {
    private final Credentials credentials;
    private final EventThreadScreen.View view;
    private final Listener listener;
    private Supplier<Connection.Way> ways;
    private String where = "";
    private Settings settings;
    private Connection connection;
    private RfbSession session;
    private boolean recording;
    private boolean playing;

    /** What the window has to know. */
    interface Listener {
        /** Under way; the text says to what, with "..." at the end. */
        void connecting(String step);

        /** There is a session now. */
        void connected();

        /** There is none any more, or it never came to be. */
        void failed(Failure failure);
    }

    Console(Settings settings, Credentials credentials, EventThreadScreen.View view, Listener listener) {
        this.settings = settings;
        this.credentials = credentials;
        this.view = view;
        this.listener = listener;
    }

    /** Says how to reach the console from now on, and what to call that place. */
    void lead(Supplier<Connection.Way> newWays, String place) {
        ways = newWays;
        playing = false;
        where = place;
    }

    /** Says which recording to play in place of a console. */
    void play(Path recording) {
        lead(Ways.replay(recording), recording.getFileName().toString());
        playing = true;
    }

    /** "host:port". */
    String where() {
        return where;
    }

    /** Whether there is somewhere to connect to. */
    boolean hasWay() {
        return ways != null;
    }

    /** Connects, after ending what there was. */
    void connect() {
        disconnect();
        listener.connecting("Connecting to " + where + " ...");
        connection = new Connection(ways.get(), settings, credentials, new EventThreadScreen(view), new Connection.Events() {
            @Override
            public void reached() {
                listener.connecting("Waiting for the console ...");
            }

            @Override
            public void connected(RfbSession opened) {
                session = opened;
                session.writer().viewOnly(settings.viewOnly());
                listener.connected();
            }

            @Override
            public void ended(Throwable cause) {
                drop();
                listener.failed(playing ? Failure.ofRecording(cause, where) : Failure.of(cause, where));
            }
        });
        connection.start();
    }

    /** Ends the session or gives up connecting; tells nobody. */
    void disconnect() {
        if (connection != null) {
            connection.cancel();
        }
        drop();
    }

    private void drop() {
        connection = null;
        session = null;
        recording = false;
    }

    /** The session, or null. */
    RfbSession session() {
        return session;
    }

    boolean isConnected() {
        return session != null;
    }

    /** Whether there is a session or one is being opened. */
    boolean isBusy() {
        return connection != null;
    }

    @Override
    public void key(int keysym, int xtCode, boolean down) {
        if (session != null) {
            session.writer().key(keysym, xtCode, down);
        }
    }

    @Override
    public void pointer(int mask, int x, int y) {
        if (session != null) {
            session.writer().pointer(mask, x, y);
        }
    }

    /** Offers text to the remote clipboard. */
    void clipboard(String text) {
        if (session != null) {
            session.writer().clipboard(text);
        }
    }

    /** Asks for a power operation. */
    void power(Power operation) {
        if (session != null) {
            session.writer().xvp(operation.code());
        }
    }

    /** Asks for the whole picture again. */
    void refresh() {
        if (session != null) {
            session.writer().refresh();
        }
    }

    /** Asks the console to take another size, in remote pixels. */
    void requestSize(int width, int height) {
        if (session != null && session.features().desktopSize()) {
            session.writer().desktopSize(width, height);
        }
    }

    Settings settings() {
        return settings;
    }

    boolean viewOnly() {
        return settings.viewOnly();
    }

    /** Puts other settings in force, now and for later connections. */
    void apply(Settings changed) {
        settings = changed;
        if (session != null) {
            session.writer().viewOnly(changed.viewOnly());
            session.apply(changed);
        }
    }

    boolean isRecording() {
        return recording;
    }

    /** Records from now on; the stream is closed at the end. */
    void record(OutputStream file) throws IOException {
        session.record(file);
        recording = true;
    }

    /** Ends the recording. */
    void stopRecording() throws IOException {
        recording = false;
        if (session != null) {
            session.stopRecording();
        }
    }
}
