package org.xvpproxy.viewer.ui.window;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real VNC server (TigerVNC's Xvnc) whose whole screen is one window that writes down its key and button events. */
final class RemoteDesktop implements AutoCloseable {
    static final String[] NEEDS = {"Xvnc", "xev", "xclip", "xsetroot", "import"};
    private static final Pattern KEY_PRESS = Pattern.compile("KeyPress event.*?keysym 0x([0-9a-f]+),", Pattern.DOTALL);
    private static final Pattern KEY = Pattern.compile("Key(Press|Release) event.*?keycode (\\d+) ", Pattern.DOTALL);
    private static final Pattern BUTTON = Pattern.compile("Button(Press|Release) event.*?root:\\((\\d+,\\d+)\\).*?button (\\d+)", Pattern.DOTALL);

    private final List<Process> processes = new ArrayList<>();
    private final int port = Programs.freePort();
    private final Map<String, String> environment;
    private final Path events;

    RemoteDesktop(Path folder, String name, String size) throws IOException, InterruptedException {
        Process server = Programs.start(Map.of("HOME", folder.toString()), "Xvnc", "-displayfd", "1", "-geometry", size,
                "-depth", "24", "-rfbport", "" + port, "-SecurityTypes", "None", "-localhost=1", "-AlwaysShared",
                "-desktop", name);
        processes.add(server);
        environment = Map.of("DISPLAY", Programs.display(server), "HOME", folder.toString());
        Programs.await("Xvnc listens", this::isListening);
        events = folder.resolve("events-" + port);
        ProcessBuilder xev = new ProcessBuilder("stdbuf", "-oL", "xev", "-geometry", size + "+0+0", "-event", "keyboard", "-event", "button")
                .redirectOutput(events.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        xev.environment().putAll(environment);
        processes.add(xev.start());
        // Without stdbuf, xev would keep its lines to itself when it writes into a file.
        Programs.await("xev runs", () -> Files.exists(events));
    }

    private boolean isListening() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** For the viewer's command line. */
    String address() {
        return "127.0.0.1::" + port;
    }

    int port() {
        return port;
    }

    private String log() {
        try {
            return Files.readString(events, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All keysyms pressed so far. */
    List<Integer> pressed() {
        List<Integer> keysyms = new ArrayList<>();
        Matcher matcher = KEY_PRESS.matcher(log());
        while (matcher.find()) {
            keysyms.add(Integer.parseInt(matcher.group(1), 16));
        }
        return keysyms;
    }

    /** The keys that are down now; by key, because the server names a release by the modifiers of that moment. */
    Set<String> down() {
        Set<String> down = new HashSet<>();
        Matcher matcher = KEY.matcher(log());
        while (matcher.find()) {
            if (matcher.group(1).equals("Press")) {
                down.add(matcher.group(2));
            } else {
                down.remove(matcher.group(2));
            }
        }
        return down;
    }

    /** All button events so far: "Press 1 at 20,30". */
    List<String> buttons() {
        List<String> found = new ArrayList<>();
        Matcher matcher = BUTTON.matcher(log());
        while (matcher.find()) {
            found.add(matcher.group(1) + " " + matcher.group(3) + " at " + matcher.group(2));
        }
        return found;
    }

    /** Makes room for new characters: Xvnc finds a key for some twenty that its layout lacks, then no more. */
    void freshKeyboard() throws IOException, InterruptedException {
        Programs.run(environment, "setxkbmap", "-layout", "us");
    }

    void copy(String text) throws IOException {
        Clip.copy(environment, text);
    }

    String paste() {
        try {
            return Programs.run(environment, "xclip", "-selection", "clipboard", "-o");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Starts a program on this desktop. */
    void run(String... command) throws IOException {
        processes.add(Programs.start(environment, command));
    }

    /** The picture, read without VNC. */
    BufferedImage look() throws IOException, InterruptedException {
        return Desk.picture(environment);
    }

    @Override
    public void close() {
        Programs.end(processes);
    }
}
