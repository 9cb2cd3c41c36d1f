package org.xvpproxy.viewer.rfb;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;

import org.xvpproxy.viewer.encodings.Encodings;

/**
 * Writes what the screen shows as FBS 001.000. It encodes the framebuffer anew (Zlib, 32 bits), because the server's
 * own compressed streams cannot be understood from the middle on.
 */
final class Recorder implements Screen {

    private record Damage(int x, int y, int width, int height) {
    }

    private static final int MOST_PIXELS_PER_RECT = 1 << 20;
    // Single small rectangles cost more in headers than the area between them.
    private static final int MOST_RECTS = 200;

    private final DataOutputStream file;
    private final String name;
    private final long started = System.nanoTime();
    private final Deflater deflater = new Deflater();
    private final List<Damage> damages = new ArrayList<>();
    private Framebuffer fb;
    private CursorShape cursor;
    private boolean headed;
    private boolean resized;
    private IOException failure;

    /** Begins with the next complete update, which holds the whole screen. */
    Recorder(OutputStream file, String name, Framebuffer fb, CursorShape cursor) {
        this.file = new DataOutputStream(file);
        this.name = name;
        this.fb = fb;
        this.cursor = cursor;
    }

    @Override
    public synchronized void resized(Framebuffer framebuffer) {
        fb = framebuffer;
        resized = true;
        damages.clear();
    }

    @Override
    public synchronized void damaged(int x, int y, int width, int height) {
        if (headed && width > 0 && height > 0) {
            damages.add(new Damage(x, y, width, height));
        }
    }

    @Override
    public synchronized void cursor(CursorShape shape) {
        cursor = shape;
    }

    @Override
    public synchronized void updateDone() {
        if (failure != null) {
            return;
        }
        try {
            if (!headed) {
                headed = true;
                resized = false;
                block(header());
                damages.add(new Damage(0, 0, fb.width(), fb.height()));
            } else if (resized || damages.size() > MOST_RECTS) {
                damages.clear();
                damages.add(new Damage(0, 0, fb.width(), fb.height()));
            }
            if (!damages.isEmpty() || cursor != null) {
                block(update());
            }
        } catch (IOException e) {
            failure = e;
        }
        damages.clear();
        cursor = null;
        resized = false;
    }

    /** @throws IOException if anything since the start could not be written */
    synchronized void stop() throws IOException {
        deflater.end();
        IOException first = failure;
        failure = new IOException("The recording is over.");
        try (file) {
            if (first != null) {
                throw first;
            }
        }
    }

    private byte[] header() throws IOException {
        file.write("FBS 001.000\n".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write("RFB 003.003\n".getBytes(StandardCharsets.US_ASCII));
            out.writeInt(SecurityType.NONE);
            out.writeShort(fb.width());
            out.writeShort(fb.height());
            PixelFormat.RGB888.write(out);
            byte[] title = name.getBytes(StandardCharsets.UTF_8);
            out.writeInt(title.length);
            out.write(title);
        }
        return bytes.toByteArray();
    }

    private byte[] update() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(0);
            out.writeShort(65535);
            if (resized) {
                head(out, 0, 0, fb.width(), fb.height(), Encodings.DESKTOP_SIZE);
            }
            if (cursor != null) {
                pointer(out);
            }
            for (Damage damage : damages) {
                area(out, damage);
            }
            head(out, 0, 0, 0, 0, Encodings.LAST_RECT);
        }
        return bytes.toByteArray();
    }

    private void area(DataOutputStream out, Damage area) throws IOException {
        int rows = Math.max(1, MOST_PIXELS_PER_RECT / area.width());
        for (int y = area.y(); y < area.y() + area.height(); y += rows) {
            int height = Math.min(rows, area.y() + area.height() - y);
            head(out, area.x(), y, area.width(), height, Encodings.ZLIB);
            byte[] packed = deflate(pixels(area.x(), y, area.width(), height));
            out.writeInt(packed.length);
            out.write(packed);
        }
    }

    private byte[] pixels(int x, int y, int w, int h) {
        byte[] plain = new byte[w * h * 4];
        int at = 0;
        for (int row = y; row < y + h; row++) {
            for (int i = row * fb.width() + x, end = i + w; i < end; i++, at += 4) {
                littleEndian(fb.pixels()[i], plain, at);
            }
        }
        return plain;
    }

    private static void littleEndian(int rgb, byte[] to, int at) {
        to[at] = (byte) rgb;
        to[at + 1] = (byte) (rgb >> 8);
        to[at + 2] = (byte) (rgb >> 16);
    }

    private byte[] deflate(byte[] plain) {
        deflater.setInput(plain);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] block = new byte[1 << 16];
        int got;
        do {
            got = deflater.deflate(block, 0, block.length, Deflater.SYNC_FLUSH);
            packed.write(block, 0, got);
        } while (got == block.length);
        return packed.toByteArray();
    }

    private void pointer(DataOutputStream out) throws IOException {
        head(out, cursor.hotX(), cursor.hotY(), cursor.width(), cursor.height(), Encodings.CURSOR);
        byte[] plain = new byte[cursor.argb().length * 4];
        int maskRow = (cursor.width() + 7) / 8;
        byte[] mask = new byte[maskRow * cursor.height()];
        for (int i = 0; i < cursor.argb().length; i++) {
            littleEndian(cursor.argb()[i], plain, 4 * i);
            if (cursor.argb()[i] >>> 24 > 127) {
                int column = i % cursor.width();
                mask[i / cursor.width() * maskRow + column / 8] |= (byte) (0x80 >> column % 8);
            }
        }
        out.write(plain);
        out.write(mask);
    }

    private static void head(DataOutputStream out, int x, int y, int w, int h, int encoding) throws IOException {
        out.writeShort(x);
        out.writeShort(y);
        out.writeShort(w);
        out.writeShort(h);
        out.writeInt(encoding);
    }

    private void block(byte[] data) throws IOException {
        file.writeInt(data.length);
        file.write(data);
        file.write(new byte[-data.length & 3]);
        file.writeInt((int) ((System.nanoTime() - started) / 1_000_000));
    }
}
