package org.xvpproxy.viewer.rfb;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

import org.xvpproxy.viewer.net.Transport;

/** One RFB connection, from the server's version to its end. */
public final class RfbSession implements Closeable {

    private final Transport transport;
    private final Stats stats = new Stats();
    private final ServerFeatures features = new ServerFeatures();
    private final MessageWriter writer = new MessageWriter();

    private RfbSession(Transport transport) {
        this.transport = transport;
    }

    /** Runs the whole handshake; {@code screen.resized} and {@code named} have been called when it returns. */
    public static RfbSession open(Transport transport, Settings settings, Credentials credentials, Screen screen)
            throws IOException {
        return new RfbSession(transport);
    }

    /**
     * Reads until the connection ends; returns normally only after {@link #close}.
     *
     * @throws SessionEnded when the console goes
     * @throws RfbException when it breaks the protocol
     */
    public void run() throws IOException {
    }

    public MessageWriter writer() {
        return writer;
    }

    public Stats stats() {
        return stats;
    }

    public ServerFeatures features() {
        return features;
    }

    /** Puts new preferences (encoding, compression, quality, view only) in force now; the others need a new session. */
    public void apply(Settings settings) {
    }

    /** Records what is shown from now on as FBS 001.000 that any player can read. The stream is closed at the end. */
    public void record(OutputStream fbs) throws IOException {
    }

    public void stopRecording() throws IOException {
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
