package org.xvpproxy.viewer.rfb;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads server messages until the stream ends, and answers those that want an answer. */
final class MessageReader {

    private static final int FENCE_REQUEST = 1 << 31;
    private static final int FENCE_KNOWN = 7;
    private static final int FENCE_BLOCK_BEFORE = 1;
    private static final int MOST_FENCE_BYTES = 64;
    private static final long MOST_SKIPPED_BYTES = 256L << 20;
    private static final long PING_NANOS = 1_000_000_000L;

    private final RfbInput in;
    private final UpdateReader updates;
    private final MessageWriter writer;
    private final ClipboardExchange clipboards;
    private final ServerFeatures features;
    private final Stats stats;
    private final Screen screen;
    private boolean continuous;
    private long pingSent = System.nanoTime() - 2 * PING_NANOS;
    private boolean pinging;

    MessageReader(RfbInput in, UpdateReader updates, MessageWriter writer, ClipboardExchange clipboards,
            ServerFeatures features, Stats stats, Screen screen) {
        this.in = in;
        this.updates = updates;
        this.writer = writer;
        this.clipboards = clipboards;
        this.features = features;
        this.stats = stats;
        this.screen = screen;
    }

    /** One message; false if the server closed the connection instead. */
    boolean readOne() throws IOException {
        if (!in.more()) {
            return false;
        }
        int type = in.readU8();
        switch (type) {
            case 0 -> update();
            case 1 -> {
                updates.colourMapEntries();
                // What is on the screen was drawn by the old map.
                writer.requestUpdate(false);
            }
            case 2 -> screen.bell();
            case 3 -> cutText();
            case 150 -> endOfContinuousUpdates();
            case 248 -> fence();
            case 250 -> xvp();
            default -> throw new RfbException("The console sent a message of the unknown type " + type + ".");
        }
        return true;
    }

    private void update() throws IOException {
        boolean resized = updates.read();
        stats.updated(in.taken(), updates.pixels(), updates.encoding());
        screen.updateDone();
        if (resized) {
            if (continuous) {
                writer.continuousUpdates();
            }
            writer.requestUpdate(false);
        } else if (!continuous) {
            writer.requestUpdate(true);
        }
        ping();
    }

    /** Measures the round trip while there is traffic; a quiet line stays quiet. */
    private void ping() {
        long now = System.nanoTime();
        if (features.fences() && !pinging && now - pingSent > PING_NANOS) {
            pinging = true;
            pingSent = now;
            writer.fence(FENCE_REQUEST | FENCE_BLOCK_BEFORE, ByteBuffer.allocate(8).putLong(now).array());
        }
    }

    private void fence() throws IOException {
        in.skip(3);
        int flags = in.readS32();
        int length = in.readU8();
        if (length > MOST_FENCE_BYTES) {
            throw new RfbException("The console sent a fence of " + length + " bytes.");
        }
        byte[] payload = in.readBytes(length);
        features.fences = true;
        if ((flags & FENCE_REQUEST) != 0) {
            // All data before it is decoded by now, which is all that any of the flags can ask of us.
            writer.fence(flags & FENCE_KNOWN, payload);
        } else if (pinging && length == 8 && ByteBuffer.wrap(payload).getLong() == pingSent) {
            pinging = false;
            stats.roundTrip((System.nanoTime() - pingSent) / 1e6);
        }
    }

    /** The first one says that continuous updates are available. */
    private void endOfContinuousUpdates() {
        features.continuousUpdates = true;
        continuous = true;
        writer.continuousUpdates();
    }

    private void xvp() throws IOException {
        in.skip(1);
        int version = in.readU8();
        int code = in.readU8();
        if (code == 0) {
            screen.xvpFailed();
        } else if (code == 1) {
            features.xvpVersion = version;
            screen.xvp(version);
        }
    }

    private void cutText() throws IOException {
        in.skip(3);
        int length = in.readS32();
        long size = Math.abs((long) length);
        if (size > MOST_SKIPPED_BYTES) {
            throw new RfbException("The console announces a clipboard of " + size + " bytes.");
        }
        if (size > ClipboardExchange.MOST_BYTES + 64) {
            in.skip(size);
            return;
        }
        String text = length < 0 ? clipboards.receive(in, -length, writer)
                : ClipboardExchange.text(in.readBytes(length));
        if (text != null) {
            screen.clipboard(text);
        }
    }
}
