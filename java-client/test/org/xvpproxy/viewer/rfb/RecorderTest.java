package org.xvpproxy.viewer.rfb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xvpproxy.viewer.MemoryTransport;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.net.ReplayTransport;

/** What was recorded plays back to the same picture, whatever the server spoke and whenever recording began. */
class RecorderTest {

    @TempDir
    Path folder;

    private static byte[] recorded(String name) throws IOException {
        Path file = Path.of("..", "tests", "vectors", "rfb", name);
        try (ReplayTransport replay = ReplayTransport.open(file, false)) {
            return replay.in().readAllBytes();
        }
    }

    @Test
    void playsBackToTheSamePictureAndPointer() throws IOException {
        for (String name : new String[] {"xvnc-desk-zrle-be.fbs.gz", "xvnc-desk-tight8.fbs.gz",
            "qemu-boot-tight.fbs.gz"}) {
            Path file = folder.resolve(name);
            Play play = Play.open(Play.AS_SERVED, new MemoryTransport(recorded(name)));
            play.session().record(Files.newOutputStream(file));
            play.toEnd();
            play.session().stopRecording();

            Play again = replay(file);
            assertEquals(play.screen.framebuffer.sha256(), again.screen.framebuffer.sha256(), name);
            if (play.screen.cursor != null) {
                assertArrayEquals(play.screen.cursor.argb(), again.screen.cursor.argb(), name);
            }
        }
    }

    @Test
    void mayBeginInTheMiddleOfACompressedStream() throws IOException {
        Path file = folder.resolve("middle.fbs");
        byte[] stream = recorded("xvnc-desk-tight.fbs.gz");
        OutputStream out = Files.newOutputStream(file);
        // The recording is started by the session's own thread after some updates.
        Play[] holder = new Play[1];
        java.io.InputStream in = new java.io.ByteArrayInputStream(stream) {
            private boolean started;

            @Override
            public int read(byte[] to, int start, int count) {
                if (!started && pos > stream.length / 2) {
                    started = true;
                    try {
                        holder[0].session().record(out);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
                return super.read(to, start, Math.min(count, 10_000));
            }
        };
        holder[0] = Play.open(Play.AS_SERVED, MemoryTransport.of(in));
        holder[0].toEnd().session().stopRecording();
        assertEquals(holder[0].screen.framebuffer.sha256(), replay(file).screen.framebuffer.sha256());
    }

    @Test
    void aFullDiskIsReportedAtTheEndAndHarmsNothingElse() throws IOException {
        Play play = Play.open(Play.AS_SERVED, new MemoryTransport(recorded("qemu-boot-tight.fbs.gz")));
        play.session().record(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left");
            }
        });
        play.toEnd();
        assertEquals(13, play.screen.updates);
        assertThrows(IOException.class, () -> play.session().stopRecording());
        play.session().stopRecording();
    }

    private static Play replay(Path file) throws IOException {
        Play play = Play.open(Play.AS_SERVED, MemoryTransport.of(ReplayTransport.open(file, false).in()));
        return play.toEnd();
    }
}
