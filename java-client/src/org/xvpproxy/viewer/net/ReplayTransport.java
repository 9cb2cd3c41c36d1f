package org.xvpproxy.viewer.net;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** An FBS recording (gzip or plain) in place of a server. What is sent to it goes nowhere. */
public final class ReplayTransport implements Transport {

    private static final int MOST_BLOCK_BYTES = 1 << 28;
    private static final String MAGIC = "FBS 001.";

    private final Target target;
    private final InputStream in;

    private ReplayTransport(Target target, InputStream in) {
        this.target = target;
        this.in = in;
    }

    /**
     * Opens a recording.
     *
     * @param paced whether to keep its timing; otherwise as fast as it can be read
     * @throws IOException with a sentence if it is none
     */
    public static ReplayTransport open(Path file, boolean paced) throws IOException {
        try {
            return new ReplayTransport(named(file), new Blocks(unpacked(file), paced, file.getFileName()));
        } catch (NoSuchFileException e) {
            throw new IOException("There is no recording " + file + ".", e);
        }
    }

    /** The recorded bytes of a whole file in memory, to be read without any file in the way. */
    public static ReplayTransport load(Path file) throws IOException {
        try (ReplayTransport replay = open(file, false)) {
            byte[] bytes = replay.in().readAllBytes();
            return new ReplayTransport(replay.target, new ByteArrayInputStream(bytes));
        }
    }

    private static Target named(Path file) {
        return new Target(file.getFileName().toString(), 0, false, null, Target.Kind.PLAIN_VNC);
    }

    private static DataInputStream unpacked(Path file) throws IOException {
        BufferedInputStream plain = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            plain.mark(2);
            boolean gzip = plain.read() == 0x1f && plain.read() == 0x8b;
            plain.reset();
            DataInputStream in = new DataInputStream(
                    gzip ? new BufferedInputStream(new GZIPInputStream(plain, 1 << 15), 1 << 16) : plain);
            byte[] magic = in.readNBytes(12);
            if (!new String(magic, StandardCharsets.ISO_8859_1).startsWith(MAGIC)) {
                throw new IOException("The file " + file + " is not an FBS recording.");
            }
            return in;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public OutputStream out() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public Target target() {
        return target;
    }

    @Override
    public boolean encrypted() {
        return false;
    }

    @Override
    public Transport startTls(boolean anonymous) throws IOException {
        throw new IOException("A recording cannot start TLS.");
    }

    @Override
    public void readTimeout(int millis) {
        // A file does not keep anybody waiting.
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The blocks' data one after the other, each no sooner than its time. */
    private static final class Blocks extends InputStream {

        private final DataInputStream file;
        private final boolean paced;
        private final Path name;
        private final long started = System.nanoTime();
        private int left;
        private byte[] block = new byte[0];
        private int at;

        Blocks(DataInputStream file, boolean paced, Path name) {
            this.file = file;
            this.paced = paced;
            this.name = name;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int start, int count) throws IOException {
            while (at == left) {
                if (!next()) {
                    return -1;
                }
            }
            int step = Math.min(count, left - at);
            System.arraycopy(block, at, to, start, step);
            at += step;
            return step;
        }

        private boolean next() throws IOException {
            int first = file.read();
            if (first < 0) {
                return false;
            }
            try {
                int size = first << 24 | file.readUnsignedShort() << 8 | file.readUnsignedByte();
                if (size < 0 || size > MOST_BLOCK_BYTES) {
                    throw new IOException("The recording " + name + " is damaged: a block of " + (size & 0xffffffffL)
                            + " bytes.");
                }
                block = file.readNBytes(size);
                if (block.length < size) {
                    throw new EOFException();
                }
                file.readFully(new byte[-size & 3]);
                waitUntil(file.readInt() & 0xffffffffL);
                left = size;
                at = 0;
                return true;
            } catch (EOFException e) {
                throw new IOException("The recording " + name + " ends in the middle of a block.", e);
            }
        }

        private void waitUntil(long millis) throws IOException {
            long wait = millis - (System.nanoTime() - started) / 1_000_000;
            if (paced && wait > 0) {
                try {
                    Thread.sleep(wait);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("The replay was interrupted.", e);
                }
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
