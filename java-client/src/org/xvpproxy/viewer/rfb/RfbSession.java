package org.xvpproxy.viewer.rfb;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

import org.xvpproxy.viewer.encodings.Encodings;
import org.xvpproxy.viewer.net.Transport;

/** One RFB connection, from the server's version to its end. */
public final class RfbSession implements Closeable {

    private static final System.Logger LOG = System.getLogger(RfbSession.class.getName());

    private final Transport transport;
    private final Stats stats = new Stats();
    private final ServerFeatures features;
    private final ScreenFork screen;
    private final Outbox outbox;
    private final MessageWriter writer;
    private final UpdateReader updates;
    private final MessageReader reader;
    private volatile boolean closed;

    private RfbSession(Handshake handshake, ServerInit init, Settings settings, ServerFeatures features,
            Screen screen) throws IOException {
        this.transport = handshake.transport();
        this.features = features;
        this.screen = new ScreenFork(screen);
        ClipboardExchange clipboards = new ClipboardExchange(features);
        outbox = new Outbox(transport.out(), this::abandon);
        writer = new MessageWriter(outbox, features, clipboards);
        PixelFormat format = switch (settings.colours()) {
            case FULL -> PixelFormat.RGB888;
            case RESTRICTED -> PixelFormat.BGR233;
            case SERVER -> init.format();
        };
        Framebuffer fb = new Framebuffer(init.width(), init.height());
        Encodings encodings = new Encodings(settings.quality() >= 0);
        updates = new UpdateReader(handshake.in(), format, fb, encodings, writer, features, this.screen);
        reader = new MessageReader(handshake.in(), updates, writer, clipboards, features, stats, this.screen);
        features.format = init.format();
        this.screen.resized(fb);
        this.screen.named(init.name());
        writer.desktop(fb.width(), fb.height(), List.of());
        if (settings.colours() != Settings.Colours.SERVER) {
            writer.pixelFormat(format);
        }
        apply(settings);
        writer.requestUpdate(false);
    }

    /**
     * Runs the whole handshake; {@code screen.resized} and {@code named} have been called when it returns. The
     * transport belongs to the session from now on and is closed if this fails.
     *
     * @throws AuthenticationFailed if the password was wrong or none was given
     * @throws RfbException if the console cannot be used
     */
    public static RfbSession open(Transport transport, Settings settings, Credentials credentials, Screen screen)
            throws IOException {
        ServerFeatures features = new ServerFeatures();
        Handshake handshake = new Handshake(transport, settings, credentials, features);
        try {
            ServerInit init = handshake.run();
            RfbSession session = new RfbSession(handshake, init, settings, features, screen);
            session.outbox.start();
            LOG.log(System.Logger.Level.INFO, "RFB {0}, security {1}, {2}x{3}", features.protocolVersion(),
                    features.security(), init.width(), init.height());
            return session;
        } catch (IOException | RuntimeException e) {
            handshake.transport().close();
            throw e;
        }
    }

    /**
     * Reads until the connection ends; returns normally only after {@link #close}.
     *
     * @throws SessionEnded when the console goes
     * @throws RfbException when it breaks the protocol
     */
    public void run() throws IOException {
        try {
            while (reader.readOne()) {
                continue;
            }
            if (!closed) {
                throw new SessionEnded("The console closed the connection.", true);
            }
        } catch (RfbException | SessionEnded e) {
            throw e;
        } catch (EOFException e) {
            ended("The connection ended in the middle of a message.");
        } catch (IOException e) {
            ended("The connection to the console broke: " + e.getMessage() + ".");
        } finally {
            updates.close();
            outbox.close();
            transport.close();
        }
    }

    private void ended(String sentence) throws SessionEnded {
        if (!closed) {
            throw new SessionEnded(sentence, false);
        }
    }

    /** The stream the session runs on. */
    public Transport transport() {
        return transport;
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
        writer.viewOnly(settings.viewOnly());
        writer.encodings(EncodingList.of(settings));
    }

    /**
     * Records what is shown from now on as FBS 001.000 that any player can read; ends a recording that runs.
     *
     * @param fbs closed by {@link #stopRecording}
     */
    public void record(OutputStream fbs) throws IOException {
        stopRecording();
        screen.recorder(new Recorder(fbs, features.name(), screen.framebuffer(), screen.cursor()));
        writer.refresh();
    }

    /** @throws IOException if the recording could not be written completely; does nothing if there is none */
    public void stopRecording() throws IOException {
        Recorder recorder = screen.recorder(null);
        if (recorder != null) {
            recorder.stop();
        }
    }

    /** Ends the session from this side; {@link #run} returns. */
    @Override
    public void close() throws IOException {
        closed = true;
        outbox.close();
        transport.close();
    }

    private void abandon() {
        try {
            transport.close();
        } catch (IOException e) {
            // The reader thread sees the closed stream and says why the session ended.
            LOG.log(System.Logger.Level.DEBUG, "closing", e);
        }
    }
}
