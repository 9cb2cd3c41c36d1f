package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.xvpproxy.viewer.rfb.Framebuffer;

/** Real VNC servers and programs, started for one test and ended with it. */
final class Peers {

    private final Path folder;
    private final List<Process> running = new ArrayList<>();

    Peers(Path folder) {
        this.folder = folder;
    }

    /** Skips the test, naming program and package, if it is not installed. */
    static void need(String program, String debianPackage) {
        boolean found = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
        assumeTrue(found, program + " is missing (package " + debianPackage + ")");
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /** A display number nobody uses. */
    static int freeDisplay() {
        for (int display = 200 + (int) (Math.random() * 300);; display++) {
            if (!Files.exists(Path.of("/tmp/.X" + display + "-lock"))
                    && !Files.exists(Path.of("/tmp/.X11-unix/X" + display))) {
                return display;
            }
        }
    }

    Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve(Path.of(command[0]).getFileName() + ".log").toFile());
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        running.add(process);
        return process;
    }

    static void awaitListening(int port) throws Exception {
        for (int i = 0; i < 300; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                Thread.sleep(100);
            }
        }
        fail("nothing listens on port " + port);
    }

    static void awaitDisplay(int display) throws Exception {
        Path socket = Path.of("/tmp/.X11-unix/X" + display);
        for (int i = 0; i < 300 && !Files.exists(socket); i++) {
            Thread.sleep(100);
        }
    }

    /** Draws something with edges and colours. */
    void draw(int display) throws Exception {
        run("xsetroot", "-display", ":" + display, "-solid", "steelblue");
        start("xlogo", "-display", ":" + display, "-geometry", "200x150+40+30", "-fg", "orange");
        start("xlogo", "-display", ":" + display, "-geometry", "100x100+350+250", "-bg", "darkgreen");
        Thread.sleep(1500);
    }

    /** The X server's own view of its screen, read without VNC. */
    Framebuffer screenOf(int display) throws Exception {
        Path dump = folder.resolve("screen.xwd");
        run("xwd", "-silent", "-root", "-display", ":" + display, "-out", dump.toString());
        Process process = new ProcessBuilder("xwdtopnm", dump.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        byte[] ppm = process.getInputStream().readAllBytes();
        assertEquals(0, process.waitFor());
        return ppm(ppm);
    }

    static Framebuffer ppm(byte[] file) throws IOException {
        String[] head = new String(file, 0, Math.min(40, file.length), StandardCharsets.ISO_8859_1).split("\\s+", 5);
        int width = Integer.parseInt(head[1]);
        int height = Integer.parseInt(head[2]);
        Framebuffer picture = new Framebuffer(width, height);
        int at = file.length - width * height * 3;
        for (int i = 0; i < width * height; i++, at += 3) {
            picture.pixels()[i] = (file[at] & 0xff) << 16 | (file[at + 1] & 0xff) << 8 | file[at + 2] & 0xff;
        }
        return picture;
    }

    static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + said);
    }

    void stop() throws InterruptedException {
        for (int i = running.size() - 1; i >= 0; i--) {
            Process process = running.get(i);
            process.destroy();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
