package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xvpproxy.viewer.net.ReplayTransport;
import org.xvpproxy.viewer.rfb.Framebuffer;

/** Streams recorded from real servers end in the pictures those servers showed. */
class RecordingsTest {

    /** Where the photo with the JPEG rectangles lay: outside it every pixel is exact whatever the JPEG library. */
    private static final int[] PHOTO = {92, 68, 735, 551};

    private static final String PHOTO_SHA256 = "3972487da526cf558068230051415e9c520324aeed13e18967f04ea2c4135f79";

    static List<Recordings.Recording> exact() throws IOException {
        return Recordings.all().stream().filter(recording -> !recording.lossy()).toList();
    }

    @Test
    void everyRecordingIsListed() throws IOException {
        assertEquals(18, Recordings.all().size());
        assertEquals(17, exact().size());
    }

    @ParameterizedTest
    @MethodSource("exact")
    void endsInTheExpectedPicture(Recordings.Recording recording) throws IOException {
        Bench.Result result = Bench.run(recording.path());
        assertEquals(recording.sha256(), result.frameSha256());
        assertEquals(recording.updates(), result.updates());
        assertTrue(result.json().contains("\"frame_sha256\": \"" + recording.sha256() + "\""));
    }

    @ParameterizedTest
    @MethodSource("exact")
    void doesNotCareHowTheBytesAreCut(Recordings.Recording recording) throws IOException {
        byte[] stream = stream(recording.path());
        for (int size : new int[] {1, 7, 1021, 65537}) {
            if (size == 1 && stream.length > 400_000) {
                continue;
            }
            Play play = Play.open(Play.AS_SERVED, new MemoryTransport(stream, size)).toEnd();
            assertEquals(recording.sha256(), play.screen.framebuffer.sha256(), "in pieces of " + size);
        }
    }

    @Test
    void jpegIsCloseToAnotherDecodersPictureAndExactOutsideIt() throws IOException {
        Path recording = Recordings.folder().resolve("xvnc-photo-tightjpeg.fbs.gz");
        Play play = Play.open(Play.AS_SERVED, new MemoryTransport(stream(recording))).toEnd();
        BufferedImage expected = ImageIO.read(Path.of("test", "xvnc-photo-tightjpeg.png").toFile());
        Framebuffer shown = play.screen.framebuffer;
        assertEquals(PHOTO_SHA256, sha256(expected), "the stored picture is the one the recording's index names");
        long sum = 0;
        int largest = 0;
        for (int y = 0; y < shown.height(); y++) {
            for (int x = 0; x < shown.width(); x++) {
                int difference = difference(expected.getRGB(x, y), shown.pixels()[y * shown.width() + x]);
                boolean photo = x >= PHOTO[0] && y >= PHOTO[1] && x <= PHOTO[2] && y <= PHOTO[3];
                assertTrue(photo || difference == 0, "pixel " + x + "," + y);
                sum += difference & 0xff;
                sum += (difference >> 8 & 0xff) + (difference >> 16 & 0xff);
                largest = Math.max(largest, Math.max(difference & 0xff,
                        Math.max(difference >> 8 & 0xff, difference >> 16 & 0xff)));
            }
        }
        assertTrue(sum / (3.0 * shown.pixels().length) <= 1.0, "mean difference");
        assertTrue(largest <= 40, "largest difference " + largest);
    }

    private static String sha256(BufferedImage image) throws IOException {
        Framebuffer copy = new Framebuffer(image.getWidth(), image.getHeight());
        image.getRGB(0, 0, copy.width(), copy.height(), copy.pixels(), 0, copy.width());
        return copy.sha256();
    }

    private static int difference(int a, int b) {
        return Math.abs((a >> 16 & 0xff) - (b >> 16 & 0xff)) << 16 | Math.abs((a >> 8 & 0xff) - (b >> 8 & 0xff)) << 8
                | Math.abs((a & 0xff) - (b & 0xff));
    }

    static byte[] stream(Path recording) throws IOException {
        try (ReplayTransport replay = ReplayTransport.open(recording, false)) {
            return replay.in().readAllBytes();
        }
    }
}
