package org.xvpproxy.viewer.net;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Closes a socket when a step takes too long in all. A read timeout alone would not do: it starts anew with every
 * byte that drips in.
 */
final class Deadline implements AutoCloseable {

    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "deadlines");
        thread.setDaemon(true);
        return thread;
    });

    private final ScheduledFuture<?> alarm;
    private final String sentence;
    private volatile boolean passed;

    /** @param sentence what to tell the user when it passes */
    Deadline(Socket socket, int seconds, String sentence) {
        this.sentence = sentence;
        alarm = CLOCK.schedule(() -> {
            passed = true;
            try {
                socket.close();
            } catch (IOException e) {
                System.getLogger(Deadline.class.getName()).log(System.Logger.Level.DEBUG, "closing", e);
            }
        }, seconds, TimeUnit.SECONDS);
    }

    /** What to throw for an error that came up meanwhile: a time-out if the deadline caused it. */
    IOException explain(IOException error) {
        if (!passed) {
            return error;
        }
        SocketTimeoutException timeout = new SocketTimeoutException(sentence);
        timeout.initCause(error);
        return timeout;
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }
}
