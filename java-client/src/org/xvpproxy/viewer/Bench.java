package org.xvpproxy.viewer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

import org.xvpproxy.viewer.net.ReplayTransport;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.Screen;
import org.xvpproxy.viewer.rfb.SessionEnded;
import org.xvpproxy.viewer.rfb.Settings;

/** Decodes a recording as fast as it goes. */
final class Bench {

    /** Figures of one run; {@code bytes} are those of the server's messages. */
    record Result(long updates, long bytes, long pixels, double seconds, String frameSha256) {

        String json() {
            double megapixels = pixels / 1e6;
            return String.format(Locale.ROOT,
                    "{\"updates\": %d, \"bytes\": %d, \"megapixels\": %.3f, \"seconds\": %.4f, \"MB_per_s\": %.2f,"
                            + " \"Mpixel_per_s\": %.2f, \"frame_sha256\": \"%s\"}",
                    updates, bytes, megapixels, seconds, bytes / 1e6 / seconds, megapixels / seconds, frameSha256);
        }
    }

    private static final class NullScreen implements Screen {

        private Framebuffer framebuffer;

        @Override
        public void resized(Framebuffer fresh) {
            framebuffer = fresh;
        }

        @Override
        public void damaged(int x, int y, int width, int height) {
            // Nobody looks.
        }

        @Override
        public void updateDone() {
            // Nobody looks.
        }
    }

    private Bench() {
    }

    static Result run(Path recording) throws IOException {
        ReplayTransport replay = ReplayTransport.load(recording);
        NullScreen screen = new NullScreen();
        Settings settings = Settings.DEFAULT.withColours(Settings.Colours.SERVER);
        long started = System.nanoTime();
        RfbSession session = RfbSession.open(replay, settings, null, screen);
        try {
            session.run();
        } catch (SessionEnded e) {
            // Every recording ends; one cut within a message is told apart by its sentence.
            if (!e.atMessageBorder()) {
                throw e;
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        return new Result(session.stats().updates(), session.stats().bytesIn(), session.stats().pixels(), seconds,
                screen.framebuffer.sha256());
    }
}
