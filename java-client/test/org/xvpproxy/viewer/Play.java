package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;

import org.xvpproxy.viewer.rfb.Credentials;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.SessionEnded;
import org.xvpproxy.viewer.rfb.Settings;
import org.xvpproxy.viewer.rfb.UserPassword;

/** Plays server bytes to a session until they end. */
public final class Play {

    public static final Settings AS_SERVED = Settings.DEFAULT.withColours(Settings.Colours.SERVER);

    public final BufferScreen screen = new BufferScreen();
    private final MemoryTransport transport;
    private RfbSession session;

    private Play(MemoryTransport transport) {
        this.transport = transport;
    }

    /** Opens a session over the bytes; {@link #toEnd} reads them. */
    public static Play open(Settings settings, MemoryTransport transport) throws IOException {
        Play play = new Play(transport);
        play.session = RfbSession.open(transport, settings, password("secret12"), play.screen);
        return play;
    }

    /** A session whose server has said all this and stays connected. */
    public static Play live(ServerBytes server) throws IOException, InterruptedException {
        MemoryTransport transport = MemoryTransport.live(server.toBytes());
        Play play = open(AS_SERVED, transport);
        Thread reader = new Thread(() -> {
            try {
                play.session.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        reader.setDaemon(true);
        reader.start();
        transport.awaitDrained();
        return play;
    }

    /** The whole stream in the server's own pixel format; it must end on a message border. */
    public static BufferScreen show(ServerBytes server) throws IOException {
        return open(AS_SERVED, new MemoryTransport(server.toBytes())).toEnd().screen;
    }

    public Play toEnd() throws IOException {
        try {
            session.run();
        } catch (SessionEnded e) {
            if (!e.atMessageBorder()) {
                throw e;
            }
        }
        return this;
    }

    public RfbSession session() {
        return session;
    }

    /** Waits until the viewer's last bytes are these; messages go out on a thread of their own. */
    public void expectLast(String hex) throws InterruptedException {
        String wanted = hex.replace(" ", "");
        String sent = "";
        for (int i = 0; i < 500; i++) {
            sent = HexFormat.of().formatHex(transport.sent());
            if (sent.endsWith(wanted)) {
                return;
            }
            Thread.sleep(10);
        }
        fail("expected the last bytes " + wanted + " but sent " + sent);
    }

    /** Waits until the viewer has sent these bytes somewhere. */
    public void expect(String hex) throws InterruptedException {
        String wanted = hex.replace(" ", "");
        for (int i = 0; i < 500; i++) {
            if (HexFormat.of().formatHex(transport.sent()).contains(wanted)) {
                return;
            }
            Thread.sleep(10);
        }
        fail("expected " + wanted + " in " + HexFormat.of().formatHex(transport.sent()));
    }

    public static Credentials password(String password) {
        return new Credentials() {
            @Override
            public char[] password(String what) {
                return password == null ? null : password.toCharArray();
            }

            @Override
            public UserPassword userAndPassword(String what) {
                return password == null ? null : new UserPassword("joe", password.toCharArray());
            }
        };
    }
}
