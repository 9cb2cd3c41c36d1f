package org.xvpproxy.viewer.rfb;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;

/**
 * Writes messages in order on a thread of its own, so that a console that does not read holds up neither the window
 * nor the reader (two ends that both wait to write would wait for ever).
 */
final class Outbox implements Closeable {

    private static final int MOST_PENDING_BYTES = 1 << 24;

    private final OutputStream out;
    private final Runnable onFailure;
    private final ArrayDeque<byte[]> pending = new ArrayDeque<>();
    private long pendingBytes;
    private byte[] replaceable;
    private boolean closed;

    /** @param onFailure run once when writing has become impossible */
    Outbox(OutputStream out, Runnable onFailure) {
        this.out = out;
        this.onFailure = onFailure;
    }

    void start() {
        Thread thread = new Thread(this::write, "rfb-writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Never waits for the network. */
    synchronized void send(byte[] message) {
        if (closed) {
            return;
        }
        replaceable = null;
        add(message);
    }

    /** As {@link #send}, but if the last message came the same way and still waits, this one takes its place. */
    synchronized void sendOrReplace(byte[] message) {
        if (closed) {
            return;
        }
        if (replaceable != null && replaceable == pending.peekLast()) {
            pendingBytes -= pending.removeLast().length;
        }
        replaceable = message;
        add(message);
    }

    private void add(byte[] message) {
        pending.add(message);
        pendingBytes += message.length;
        if (pendingBytes > MOST_PENDING_BYTES) {
            close();
            onFailure.run();
        }
        notifyAll();
    }

    private void write() {
        try {
            while (true) {
                byte[] batch = take();
                if (batch == null) {
                    return;
                }
                out.write(batch);
                out.flush();
            }
        } catch (IOException e) {
            close();
            onFailure.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Everything that waits as one piece, or null at the end. */
    private synchronized byte[] take() throws InterruptedException {
        while (pending.isEmpty() && !closed) {
            wait();
        }
        if (pending.isEmpty()) {
            return null;
        }
        if (pending.size() == 1) {
            pendingBytes = 0;
            return pending.remove();
        }
        byte[] batch = new byte[(int) pendingBytes];
        int at = 0;
        for (byte[] message : pending) {
            System.arraycopy(message, 0, batch, at, message.length);
            at += message.length;
        }
        pending.clear();
        pendingBytes = 0;
        return batch;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
