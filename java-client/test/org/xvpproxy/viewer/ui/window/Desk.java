package org.xvpproxy.viewer.ui.window;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.imageio.ImageIO;

/** A desk to work at: an X server without a monitor, a window manager, the viewer on it, and hands (xdotool). */
final class Desk implements AutoCloseable {
    static final String[] NEEDS = {"Xvfb", "openbox", "xdotool", "import", "xclip", "setxkbmap", "xmodmap"};

    private static final int[] UNUSED_KEYS = {93, 97, 103, 120, 132, 149, 154, 168, 178, 183, 184, 197};

    private final Path home;
    private final List<Process> processes = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    /** @param home an empty folder for everything programs write */
    Desk(Path home) throws IOException {
        this.home = home;
        Process server = Programs.start(Map.of(), "Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-noreset");
        processes.add(server);
        environment.put("DISPLAY", Programs.display(server));
        environment.put("HOME", home.toString());
        environment.put("XDG_CONFIG_HOME", home.resolve("config").toString());
        // Dead keys are composed by the C library's locale.
        environment.put("LC_ALL", "C.UTF-8");
        // Without key bindings of its own, as Debian's has for Print and Alt-Tab.
        Path bindings = Files.writeString(home.resolve("openbox.xml"), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                + "<openbox_config xmlns=\"http://openbox.org/3.4/rc\"><keyboard/></openbox_config>");
        processes.add(Programs.start(environment, "openbox", "--config-file", bindings.toString()));
    }

    /** Starts the viewer; its messages go to {@link #messages}. */
    Process viewer(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", "VncViewer.jar"));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(new File("").getAbsoluteFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(log().toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private Path log() {
        return home.resolve("viewer.log");
    }

    /** What the viewer wrote to standard error. */
    String messages() throws IOException {
        return Files.readString(log());
    }

    /** Waits for a window whose title matches a regular expression, and returns its X id. */
    String window(String title) throws InterruptedException {
        String[] found = {""};
        Programs.await("a window titled " + title, () -> {
            found[0] = hands("search", "--onlyvisible", "--name", title).strip();
            return !found[0].isEmpty();
        });
        return found[0].lines().reduce((first, second) -> second).orElseThrow();
    }

    /** Waits for a dialog and until it has the keyboard. */
    void dialog(String title) throws InterruptedException {
        String window = window(title);
        Programs.await("the keyboard is with " + title, () -> hands("getactivewindow").strip().equals(window));
        // Inside the window, Swing passes the keyboard on by itself.
        Thread.sleep(500);
    }

    boolean hasWindow(String title) {
        return !hands("search", "--onlyvisible", "--name", title).isBlank();
    }

    /** Moves the mouse over a window's middle and makes it active, as a click on its title would. */
    void goTo(String window) throws InterruptedException {
        hands("windowactivate", "--sync", window);
        hands("mousemove", "--window", window, "300", "350");
        Thread.sleep(300);
    }

    /** Does something with xdotool. */
    String hands(String... arguments) {
        return runHere(prefixed("xdotool", arguments));
    }

    /**
     * Puts capital letters of Latin-1 on unused keys, each above its small letter: an X server gives a key that is made up
     * for a capital alone its small letter first.
     */
    void teachCapitals(String capitals) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("xmodmap"));
        for (int i = 0; i < capitals.length(); i++) {
            command.add("-e");
            command.add("keycode " + UNUSED_KEYS[i] + " = " + keysym(capitals.charAt(i) + 0x20) + " "
                    + keysym(capitals.charAt(i)));
        }
        runHere("setxkbmap", "-layout", "us");
        runHere(command.toArray(new String[0]));
        Thread.sleep(300);
    }

    private static String keysym(int latin1) {
        return "0x" + Integer.toHexString(latin1);
    }

    private static String[] prefixed(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(Arrays.asList(arguments));
        return command.toArray(new String[0]);
    }

    /** Runs a program on this desk. */
    String runHere(String... command) {
        try {
            return Programs.run(environment, command);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Puts text into the clipboard, as the user's other programs do. */
    void copy(String text) throws IOException {
        Clip.copy(environment, text);
    }

    String paste() {
        return runHere("xclip", "-selection", "clipboard", "-o");
    }

    /** What the monitor would show. */
    BufferedImage look() throws IOException, InterruptedException {
        return picture(environment);
    }

    static BufferedImage picture(Map<String, String> environment) throws IOException, InterruptedException {
        Process process = Programs.start(environment, "import", "-window", "root", "png:-");
        byte[] png = process.getInputStream().readAllBytes();
        process.waitFor();
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    @Override
    public void close() {
        Programs.end(processes);
    }
}
