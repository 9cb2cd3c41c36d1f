package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xvpproxy.viewer.rfb.RfbException;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.SessionEnded;

/** Recordings with damaged bytes: whatever comes, the session ends soon, with one sentence. */
class FuzzTest {

    private static final long SEED = 20;
    private static final long NANOS_PER_RECORDING = 1_100_000_000L;
    // Enough for every kind of message and rectangle, little enough for many tries.
    private static final int MOST_BYTES = 60_000;

    @Test
    @Timeout(180)
    void damagedStreamsEndWithOneSentence() throws IOException {
        Random random = new Random(SEED);
        int tries = 0;
        int refused = 0;
        for (Recordings.Recording recording : Recordings.all()) {
            byte[] stream = RecordingsTest.stream(recording.path());
            byte[] beginning = Arrays.copyOf(stream, Math.min(stream.length, MOST_BYTES));
            long until = System.nanoTime() + NANOS_PER_RECORDING;
            while (System.nanoTime() < until) {
                byte[] damaged = damage(beginning, random);
                tries++;
                refused += play(damaged, recording + ", try " + tries) ? 1 : 0;
            }
        }
        assertTrue(refused > tries / 10, "only " + refused + " of " + tries + " streams were refused");
    }

    private static byte[] damage(byte[] stream, Random random) {
        byte[] damaged = stream.clone();
        // The version and the size stay, or most tries would end before the first rectangle.
        int first = random.nextInt(20) == 0 ? 0 : 40;
        for (int count = 1 + random.nextInt(6); count > 0; count--) {
            int at = first + random.nextInt(damaged.length - first);
            switch (random.nextInt(5)) {
                case 0 -> damaged[at] = (byte) random.nextInt(256);
                case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> damaged[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
                case 3 -> Arrays.fill(damaged, at, Math.min(damaged.length, at + 4), (byte) 0xff);
                default -> System.arraycopy(stream, first + random.nextInt(stream.length - first - 16), damaged,
                        Math.min(at, damaged.length - 16), 16);
            }
        }
        return random.nextInt(10) == 0 ? Arrays.copyOf(damaged, first + random.nextInt(damaged.length - first))
                : damaged;
    }

    /** Whether the stream was refused as malformed; one that is merely cut short ends as a session. */
    private static boolean play(byte[] stream, String what) {
        try {
            RfbSession session = RfbSession.open(new MemoryTransport(stream), Play.AS_SERVED, Play.password("x"),
                    new BufferScreen());
            session.run();
            return fail(what + ": ended without a reason");
        } catch (RfbException e) {
            assertSentence(e, what);
            return true;
        } catch (SessionEnded e) {
            assertSentence(e, what);
            return false;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            return fail(what + ": " + e, e);
        }
    }

    private static void assertSentence(IOException end, String what) {
        assertNotNull(end.getMessage(), what);
        assertTrue(end.getMessage().matches("[A-Z][^\\n]{10,300}[.]"), what + ": " + end.getMessage());
    }
}
