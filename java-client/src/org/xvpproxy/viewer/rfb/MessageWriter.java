package org.xvpproxy.viewer.rfb;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Sends client messages; any thread may call, none waits for the network. */
public final class MessageWriter {

    public static final int XVP_SHUTDOWN = 2;
    public static final int XVP_REBOOT = 3;
    public static final int XVP_RESET = 4;

    private static final int RELATIVE_CENTRE = 0x7fff;
    private static final int MARKER = 0x80;

    private final Outbox outbox;
    private final ServerFeatures features;
    private final ClipboardExchange clipboards;
    private volatile boolean viewOnly;
    private volatile Desktop desktop = new Desktop(0, 0, List.of());
    private int lastMask;
    private int lastX;
    private int lastY;

    /** One screen of the console's layout, kept as the server described it. */
    record ScreenLayout(int id, int x, int y, int width, int height, int flags) {
    }

    record Desktop(int width, int height, List<ScreenLayout> screens) {
    }

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    MessageWriter(Outbox outbox, ServerFeatures features, ClipboardExchange clipboards) {
        this.outbox = outbox;
        this.features = features;
        this.clipboards = clipboards;
    }

    /** @param xtCode set-1 scan code as QEMU wants it (e0 xx as 0x80|xx), 0 if unknown */
    public void key(int keysym, int xtCode, boolean down) {
        if (viewOnly) {
            return;
        }
        if (xtCode != 0 && features.extendedKeys()) {
            send(255, out -> {
                out.writeByte(0);
                out.writeShort(down ? 1 : 0);
                out.writeInt(keysym);
                out.writeInt(xtCode);
            });
        } else {
            send(4, out -> {
                out.writeBoolean(down);
                out.writeShort(0);
                out.writeInt(keysym);
            });
        }
    }

    /** @param mask bits 0-2 buttons, 3-6 wheel up, down, left, right, 7 back, 8 forward */
    public synchronized void pointer(int mask, int x, int y) {
        if (viewOnly) {
            return;
        }
        int sentX = Math.max(0, Math.min(x, desktop.width() - 1));
        int sentY = Math.max(0, Math.min(y, desktop.height() - 1));
        if (features.relativePointer()) {
            sentX = RELATIVE_CENTRE + x - lastX;
            sentY = RELATIVE_CENTRE + y - lastY;
        }
        byte[] message = pointerMessage(mask, sentX, sentY);
        // Only positions supersede one another; movements add up and buttons must all arrive.
        if (mask == lastMask && !features.relativePointer()) {
            outbox.sendOrReplace(message);
        } else {
            outbox.send(message);
        }
        lastMask = mask;
        lastX = x;
        lastY = y;
    }

    private byte[] pointerMessage(int mask, int x, int y) {
        boolean extended = mask >> 7 != 0 && features.extendedMouseButtons();
        return message(5, out -> {
            out.writeByte(extended ? mask & 0x7f | MARKER : mask & 0xff);
            out.writeShort(x);
            out.writeShort(y);
            if (extended) {
                out.writeByte(mask >> 7);
            }
        });
    }

    /** Offers text to the console's clipboard; lines separated by LF. */
    public void clipboard(String text) {
        if (!viewOnly) {
            for (byte[] body : clipboards.offer(text)) {
                outbox.send(body);
            }
        }
    }

    /** @param code XVP_SHUTDOWN, XVP_REBOOT or XVP_RESET */
    public void xvp(int code) {
        if (!viewOnly && features.xvpVersion() > 0) {
            send(250, out -> {
                out.writeByte(0);
                out.writeByte(1);
                out.writeByte(code);
            });
        }
    }

    /** Asks the console for another size; dropped if it cannot. */
    public void desktopSize(int width, int height) {
        if (viewOnly || !features.desktopSize()) {
            return;
        }
        List<ScreenLayout> known = desktop.screens();
        ScreenLayout first = known.isEmpty() ? new ScreenLayout(0, 0, 0, 0, 0, 0) : known.get(0);
        send(251, out -> {
            out.writeByte(0);
            out.writeShort(width);
            out.writeShort(height);
            out.writeByte(1);
            out.writeByte(0);
            out.writeInt(first.id());
            out.writeInt(0);
            out.writeShort(width);
            out.writeShort(height);
            out.writeInt(first.flags());
        });
    }

    /** Asks for the whole screen again. */
    public void refresh() {
        requestUpdate(false);
    }

    /** While on, keys, pointer, clipboard, size and power requests are dropped. */
    public void viewOnly(boolean on) {
        viewOnly = on;
    }

    void desktop(int width, int height, List<ScreenLayout> screens) {
        desktop = new Desktop(width, height, screens);
    }

    void requestUpdate(boolean incremental) {
        Desktop now = desktop;
        send(3, out -> {
            out.writeBoolean(incremental);
            area(out, now);
        });
    }

    void continuousUpdates() {
        Desktop now = desktop;
        send(150, out -> {
            out.writeByte(1);
            area(out, now);
        });
    }

    private static void area(DataOutputStream out, Desktop desktop) throws IOException {
        out.writeInt(0);
        out.writeShort(desktop.width());
        out.writeShort(desktop.height());
    }

    void pixelFormat(PixelFormat format) {
        send(0, out -> {
            out.write(new byte[3]);
            format.write(out);
        });
    }

    void encodings(List<Integer> numbers) {
        List<Integer> list = new ArrayList<>(numbers);
        send(2, out -> {
            out.writeByte(0);
            out.writeShort(list.size());
            for (int number : list) {
                out.writeInt(number);
            }
        });
    }

    void fence(int flags, byte[] payload) {
        send(248, out -> {
            out.write(new byte[3]);
            out.writeInt(flags);
            out.writeByte(payload.length);
            out.write(payload);
        });
    }

    void cutText(byte[] message) {
        outbox.send(message);
    }

    private void send(int type, Body body) {
        outbox.send(message(type, body));
    }

    private static byte[] message(int type, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(32);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(type);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
