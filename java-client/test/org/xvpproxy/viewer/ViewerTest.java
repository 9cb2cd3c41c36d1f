package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xvpproxy.viewer.net.GatewayScript;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.PixelFormat;

/** The built jar on the command line: exit status, output, and no secret anywhere. */
@Timeout(120)
class ViewerTest {

    @TempDir
    Path home;

    private static String recording(String name) {
        return Recordings.folder().resolve(name + ".fbs.gz").toString();
    }

    @Test
    void helpAndVersionGoToStandardOutput() throws Exception {
        ViewerRun help = ViewerRun.of(home, "--help");
        assertEquals(0, help.status());
        assertTrue(help.out().contains("--snapshot") && help.err().isEmpty());
        ViewerRun version = ViewerRun.of(home, "--version");
        assertEquals(0, version.status());
        assertTrue(version.out().matches("xvpproxy VncViewer \\d+\\.\\d+\\.\\d+, Java .*\\R"), version.out());
    }

    @Test
    void misuseIsStatusTwo() throws Exception {
        ViewerRun run = ViewerRun.of(home, "--snapshut", "a.png", "h");
        assertEquals(2, run.status());
        assertTrue(run.err().contains("did you mean \"--snapshot\"?") && run.out().isEmpty(), run.err());
    }

    @Test
    void aRefusalShowsStatusSentenceAdviceAndBody() throws Exception {
        String reply = "HTTP/1.1 401 Not Authorized\r\nX-Request-Id: req-9\r\n\r\nThis token has expired (req-9).\n";
        try (GatewayScript gateway = new GatewayScript(reply)) {
            String url = "http://127.0.0.1:" + gateway.port() + "/console?token=SECRETTOKEN";
            ViewerRun run = ViewerRun.of(home, Map.of("VNC_PASSWORD", "SECRETPASSWORD"), url + "\n", "--log", "debug",
                    "--reconnect", "3", "--snapshot", home.resolve("x.png").toString(), "-");
            assertEquals(1, run.status());
            assertTrue(run.err().contains("401 Not Authorized"), run.err());
            assertTrue(run.err().contains("Ask for a new access URL"), run.err());
            assertTrue(run.err().contains("This token has expired (req-9)."), run.err());
            assertFalse((run.out() + run.err()).contains("SECRET"), run.err());
            assertEquals(1, gateway.requests(), "trying again cannot help");
            assertFalse(Files.exists(home.resolve("x.png")));
        }
    }

    @Test
    void reconnectTriesAgainWhereThatMayHelp() throws Exception {
        try (GatewayScript gateway = new GatewayScript("HTTP/1.1 503 Token Store Unavailable\r\n\r\n")) {
            ViewerRun run = ViewerRun.of(home, "--reconnect", "2", "--info",
                    "http://127.0.0.1:" + gateway.port() + "/console?token=SECRET");
            assertEquals(1, run.status());
            assertEquals(3, gateway.requests());
            assertTrue(run.err().contains("Trying again in 2 s."), run.err());
        }
    }

    @Test
    void aConsoleThroughTheGateway() throws Exception {
        byte[] console = ServerBytes.session(PixelFormat.RGB888, 2, 1).update(1).rect(0, 0, 2, 1, 0)
                .hex("33221100 66554400").toBytes();
        String reply = "HTTP/1.1 200 OK\r\n\r\n" + new String(console, StandardCharsets.ISO_8859_1);
        try (GatewayScript gateway = new GatewayScript(reply)) {
            Path file = home.resolve("console.png");
            ViewerRun run = ViewerRun.of(home, "--snapshot", file.toString(), "URL",
                    "http://127.0.0.1:" + gateway.port() + "/console?token=SECRET");
            assertEquals("", run.err());
            assertEquals(0, run.status());
            BufferedImage picture = ImageIO.read(file.toFile());
            assertEquals(0xff112233, picture.getRGB(0, 0));
            assertEquals(0xff445566, picture.getRGB(1, 0));
        }
    }

    @Test
    void benchPrintsOneJsonObject() throws Exception {
        ViewerRun run = ViewerRun.of(home, "--bench", recording("qemu-boot-tight"));
        assertEquals(0, run.status());
        assertTrue(run.out().matches("\\{\"updates\": 13, \"bytes\": \\d+, \"megapixels\": 0\\.302,"
                + " \"seconds\": [\\d.]+, \"MB_per_s\": [\\d.]+, \"Mpixel_per_s\": [\\d.]+,"
                + " \"frame_sha256\": \"3d61742b0b5cc878b90458282d7365db54aa76c7d843360db08e24d4387c06c0\"}\\R"),
                run.out());
    }

    @Test
    void replayWritesTheLastPicture() throws Exception {
        Path file = home.resolve("end.png");
        assertEquals(0, ViewerRun.of(home, "--replay", recording("qemu-boot-zrle"), "--snapshot", file.toString())
                .status());
        BufferedImage shown = ImageIO.read(file.toFile());
        BufferedImage expected = ImageIO.read(Recordings.folder().resolve("qemu-boot-tight.png").toFile());
        assertEquals(pixels(expected).sha256(), pixels(shown).sha256());
    }

    private static Framebuffer pixels(BufferedImage image) throws IOException {
        Framebuffer copy = new Framebuffer(image.getWidth(), image.getHeight());
        image.getRGB(0, 0, copy.width(), copy.height(), copy.pixels(), 0, copy.width());
        return copy;
    }

    @Test
    void brokenRecordingsAreNamed() throws Exception {
        Path none = Files.writeString(home.resolve("none.fbs"), "something else");
        byte[] whole = Files.readAllBytes(Path.of(recording("qemu-boot-tight")));
        Path cut = Files.write(home.resolve("cut.fbs.gz"), java.util.Arrays.copyOf(whole, whole.length / 2));
        for (String file : new String[] {none.toString(), cut.toString(), home.resolve("missing").toString()}) {
            ViewerRun run = ViewerRun.of(home, "--bench", file);
            assertEquals(1, run.status(), run.err());
            assertTrue(run.err().startsWith("VncViewer: The") && run.err().lines().count() == 1, run.err());
        }
    }

    @Test
    void aPictureThatCannotBeWrittenIsSaidBeforeConnecting() throws Exception {
        try (GatewayScript gateway = new GatewayScript("HTTP/1.1 200 OK\r\n\r\n")) {
            ViewerRun run = ViewerRun.of(home, "--snapshot", "/no/such/folder/x.png",
                    "http://127.0.0.1:" + gateway.port() + "/?token=SECRET");
            assertEquals(1, run.status());
            assertTrue(run.err().contains("/no/such/folder/x.png"), run.err());
            assertEquals(0, gateway.requests());
        }
    }

    @Test
    void aConsoleThatSaysNothingIsTimedOut() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            ViewerRun run = ViewerRun.of(home, "--info", "127.0.0.1::" + silent.getLocalPort());
            assertEquals(1, run.status());
            assertTrue(run.err().contains("has not finished the handshake within 20 seconds"), run.err());
        }
    }
}
