package org.xvpproxy.viewer;

import java.io.IOException;

import org.xvpproxy.viewer.net.Transport;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.Screen;
import org.xvpproxy.viewer.rfb.ServerFeatures;

/** Connects, listens for a moment what the server confirms, and describes it. */
final class Info implements Screen {

    private static final long MOST_WAIT_MILLIS = 3000;
    private static final long AFTER_FIRST_UPDATE_MILLIS = 500;

    private Framebuffer framebuffer;
    private boolean updated;
    private boolean ended;

    private Info() {
    }

    static String ask(Options options) throws IOException {
        Info info = new Info();
        try (RfbSession session = Connection.open(options, info)) {
            Thread reader = new Thread(() -> info.read(session), "rfb-reader");
            reader.setDaemon(true);
            reader.start();
            info.await();
            return info.describe(session);
        }
    }

    private void read(RfbSession session) {
        try {
            session.run();
        } catch (IOException e) {
            System.getLogger(Info.class.getName()).log(System.Logger.Level.INFO, e.getMessage());
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    private synchronized void await() throws IOException {
        try {
            long deadline = System.nanoTime() + MOST_WAIT_MILLIS * 1_000_000;
            while (!updated && !ended && System.nanoTime() < deadline) {
                wait(100);
            }
            if (!ended) {
                wait(AFTER_FIRST_UPDATE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted.", e);
        }
    }

    private String describe(RfbSession session) {
        ServerFeatures has = session.features();
        Transport transport = session.transport();
        StringBuilder text = new StringBuilder();
        line(text, "console", transport.target().display());
        line(text, "desktop name", has.name().replaceAll("\\p{Cntrl}", " "));
        line(text, "size", framebuffer.width() + "x" + framebuffer.height());
        line(text, "protocol", "RFB " + has.protocolVersion());
        line(text, "security", has.security());
        line(text, "encrypted", yes(transport.encrypted()));
        line(text, "pixel format", has.format().toString());
        line(text, "power control (xvp)", has.xvpVersion() > 0 ? "version " + has.xvpVersion() : "no");
        line(text, "fences", yes(has.fences()));
        line(text, "continuous updates", yes(has.continuousUpdates()));
        line(text, "scan codes", yes(has.extendedKeys()));
        line(text, "extra mouse buttons", yes(has.extendedMouseButtons()));
        line(text, "resizable", yes(has.desktopSize()));
        line(text, "Unicode clipboard", yes(has.unicodeClipboard()));
        line(text, "keyboard lights", yes(has.leds()));
        line(text, "pointer", has.relativePointer() ? "relative" : "absolute");
        line(text, "first picture in", session.stats().lastEncoding());
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-20s %s%n", name, value));
    }

    private static String yes(boolean fact) {
        return fact ? "yes" : "no";
    }

    @Override
    public void resized(Framebuffer fresh) {
        framebuffer = fresh;
    }

    @Override
    public void damaged(int x, int y, int width, int height) {
        // Only the facts are of interest.
    }

    @Override
    public synchronized void updateDone() {
        updated = true;
        notifyAll();
    }
}
