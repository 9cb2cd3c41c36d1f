package org.xvpproxy.viewer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.zip.Deflater;

import org.xvpproxy.viewer.rfb.PixelFormat;

/** Builds what a server sends. */
public final class ServerBytes {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    /** RFB 3.3 without security, up to and with ServerInit. */
    public static ServerBytes session(PixelFormat format, int width, int height) {
        return new ServerBytes().text("RFB 003.003\n").u32(1).init(format, width, height);
    }

    public ServerBytes init(PixelFormat format, int width, int height) {
        u16(width, height);
        write(() -> format.write(out));
        return u32(4).text("test");
    }

    public ServerBytes u8(int... values) {
        for (int value : values) {
            write(() -> out.writeByte(value));
        }
        return this;
    }

    public ServerBytes u16(int... values) {
        for (int value : values) {
            write(() -> out.writeShort(value));
        }
        return this;
    }

    public ServerBytes u32(long... values) {
        for (long value : values) {
            write(() -> out.writeInt((int) value));
        }
        return this;
    }

    public ServerBytes text(String latin1) {
        return bytes(latin1.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    public ServerBytes hex(String digits) {
        return bytes(HexFormat.of().parseHex(digits.replace(" ", "")));
    }

    public ServerBytes bytes(byte[] data) {
        write(() -> out.write(data));
        return this;
    }

    /** FramebufferUpdate's head. */
    public ServerBytes update(int rectangles) {
        return u8(0, 0).u16(rectangles);
    }

    public ServerBytes rect(int x, int y, int w, int h, int encoding) {
        return u16(x, y, w, h).u32(encoding);
    }

    /** As one zlib stream that ends on a flush. */
    public static byte[] zlib(byte[] plain) {
        Deflater deflater = new Deflater();
        deflater.setInput(plain);
        byte[] packed = new byte[plain.length * 2 + 100];
        int length = deflater.deflate(packed, 0, packed.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return java.util.Arrays.copyOf(packed, length);
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    private interface Write {
        void run() throws IOException;
    }

    private static void write(Write write) {
        try {
            write.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
