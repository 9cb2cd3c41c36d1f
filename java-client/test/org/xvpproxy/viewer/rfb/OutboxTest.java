package org.xvpproxy.viewer.rfb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages leave in order and at once, and nobody waits for a console that does not read. */
@Timeout(30)
class OutboxTest {

    /** A peer that takes nothing until told to. */
    private static final class Gate extends OutputStream {

        final CountDownLatch open = new CountDownLatch(1);
        final CountDownLatch firstWrite = new CountDownLatch(1);
        final CountDownLatch flushedTwice = new CountDownLatch(2);
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int start, int count) throws IOException {
            firstWrite.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            taken.write(from, start, count);
        }

        @Override
        public void flush() {
            flushedTwice.countDown();
        }
    }

    @Test
    void waitingPositionsAreReplacedButNothingElse() throws InterruptedException {
        Gate gate = new Gate();
        Outbox outbox = new Outbox(gate, () -> { });
        outbox.start();
        outbox.send(new byte[] {1});
        assertTrue(gate.firstWrite.await(10, TimeUnit.SECONDS));
        outbox.sendOrReplace(new byte[] {2});
        outbox.sendOrReplace(new byte[] {3});
        outbox.send(new byte[] {4});
        outbox.sendOrReplace(new byte[] {5});
        outbox.sendOrReplace(new byte[] {6});
        gate.open.countDown();
        assertTrue(gate.flushedTwice.await(10, TimeUnit.SECONDS));
        assertEquals("01030406", HexFormat.of().formatHex(gate.taken.toByteArray()));
        outbox.close();
    }

    @Test
    void aPeerThatNeverReadsIsGivenUp() {
        CountDownLatch failed = new CountDownLatch(1);
        Outbox outbox = new Outbox(new Gate(), failed::countDown);
        outbox.start();
        for (int i = 0; i < 60; i++) {
            outbox.send(new byte[1 << 20]);
        }
        assertEquals(0, failed.getCount());
    }

    @Test
    void messagesGoOutWithinMilliseconds() throws Exception {
        CountDownLatch[] arrived = {null};
        Outbox outbox = new Outbox(new OutputStream() {
            @Override
            public void write(int b) {
                arrived[0].countDown();
            }
        }, () -> { });
        outbox.start();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 200; i++) {
            arrived[0] = new CountDownLatch(1);
            long started = System.nanoTime();
            outbox.send(new byte[] {1});
            assertTrue(arrived[0].await(10, TimeUnit.SECONDS));
            best = Math.min(best, System.nanoTime() - started);
        }
        outbox.close();
        assertTrue(best < 1_000_000, "best of 200 took " + best + " ns");
    }
}
