package org.xvpproxy.viewer.ui.window;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real window on a real desktop, with a real server behind it. */
class WindowTest {
    private static final String MENUS = "ctrl+alt+shift+m";

    @TempDir
    static Path folder;
    private static Desk desk;
    private static RemoteDesktop remote;
    private static Gateway gateway;
    private Process viewer;

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        Programs.require(Desk.NEEDS);
        Programs.require(RemoteDesktop.NEEDS);
        desk = new Desk(folder);
        // As large as the desk's monitor, so that full screen shows it pixel by pixel.
        remote = new RemoteDesktop(folder, "VM Console - web-01", "1280x900");
        gateway = new Gateway(remote.port(), null);
    }

    @AfterAll
    static void close() throws IOException {
        if (gateway != null) {
            gateway.close();
        }
        if (remote != null) {
            remote.close();
        }
        if (desk != null) {
            desk.close();
        }
    }

    @AfterEach
    void endViewer() throws InterruptedException {
        if (viewer != null) {
            viewer.destroy();
            viewer.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private String connect(String title, String... arguments) throws IOException, InterruptedException {
        viewer = desk.viewer(arguments);
        String window = desk.window(title);
        desk.goTo(window);
        return window;
    }

    @Test
    void clicksAndWheelArriveWhereTheyWereMeant() throws IOException, InterruptedException {
        connect("^web-01$", gateway.accessUrl());
        int before = remote.buttons().size();
        desk.hands("key", "F11");
        Thread.sleep(1000);
        desk.hands("mousemove", "321", "456", "click", "1", "click", "3", "click", "5", "click", "7");
        Programs.await("four clicks", () -> remote.buttons().size() >= before + 8);
        assertEquals(List.of("Press 1 at 321,456", "Release 1 at 321,456", "Press 3 at 321,456", "Release 3 at 321,456",
                "Press 5 at 321,456", "Release 5 at 321,456", "Press 7 at 321,456", "Release 7 at 321,456"),
                remote.buttons().subList(before, before + 8));
    }

    @Test
    void fullScreenShowsEveryPixelAsItIs() throws IOException, InterruptedException {
        connect("^web-01$", gateway.accessUrl());
        remote.run("xsetroot", "-mod", "5", "7", "-fg", "orange", "-bg", "steelblue");
        desk.hands("mousemove", "640", "899", "key", "F11");
        Programs.await("both show the same", () -> samePixels(40));
        desk.hands("key", "F11");
        Programs.await("it is a window again", () -> !samePixels(40));
    }

    /** Compares below the bar at the top edge, and left of the pointer at the bottom. */
    private static boolean samePixels(int fromY) {
        try {
            BufferedImage here = desk.look();
            BufferedImage there = remote.look();
            for (int y = fromY; y < 860; y++) {
                for (int x = 0; x < 1280; x++) {
                    if ((here.getRGB(x, y) & 0xffffff) != (there.getRGB(x, y) & 0xffffff)) {
                        return false;
                    }
                }
            }
            return true;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theClipboardTravelsBothWays() throws IOException, InterruptedException {
        String window = connect("^web-01$", gateway.accessUrl());
        remote.copy("Grüße € ж 漢 von drüben");
        Programs.await("the console's text arrives", () -> desk.paste().equals("Grüße € ж 漢 von drüben"));
        desk.copy("Привет, zurück");
        desk.goTo(window);
        Programs.await("the text is there", () -> remote.paste().equals("Привет, zurück"));
    }

    @Test
    void theClipboardIsTypedAsKeys() throws IOException, InterruptedException {
        connect("^web-01$", gateway.accessUrl());
        desk.copy("Pa$$w0rd~\n");
        int before = remote.pressed().size();
        desk.hands("key", "ctrl+alt+shift+v");
        desk.dialog("^Type text$");
        desk.hands("key", "Return");
        Programs.await("all is typed", () -> plainKeys(before).equals("Pa$$w0rd~\r"));
        Programs.await("the dialog closes", () -> !desk.hasWindow("^Type text$"));
    }

    private static String plainKeys(int before) {
        StringBuilder text = new StringBuilder();
        List<Integer> pressed = remote.pressed();
        for (int keysym : pressed.subList(before, pressed.size())) {
            if (keysym < 0xff00) {
                text.append((char) keysym);
            } else if (keysym == 0xff0d) {
                text.append('\r');
            }
        }
        return text.toString();
    }

    @Test
    void viewOnlyTouchesNothingAndSaysSo() throws IOException, InterruptedException {
        connect("^web-01 \\[view only\\]$", "--view-only", gateway.accessUrl());
        int keys = remote.pressed().size();
        int buttons = remote.buttons().size();
        desk.hands("key", "a", "b");
        desk.hands("click", "1");
        desk.hands("key", MENUS, "Escape", "Escape");
        Thread.sleep(1000);
        assertEquals(keys, remote.pressed().size());
        assertEquals(buttons, remote.buttons().size());
    }

    @Test
    void aRefusalIsShownAndTheTokenIsNot() throws IOException, InterruptedException {
        try (Gateway closed = new Gateway(0, "401 Not Authorized")) {
            String window = connect("^127.0.0.1:", closed.accessUrl());
            Programs.await("the reason", () -> messages().contains("401 Not Authorized"));
            assertFalse(messages().contains("canary"), messages());
            assertFalse(desk.hands("getwindowname", window).contains("canary"));
            desk.hands("key", "ctrl+alt+shift+q");
            assertTrue(viewer.waitFor(20, TimeUnit.SECONDS));
            assertEquals(1, viewer.exitValue());
        }
    }

    private static String messages() {
        try {
            return desk.messages();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void itReconnectsByItselfIfAskedTo() throws IOException, InterruptedException {
        connect("^web-01$", "--reconnect", "3", gateway.accessUrl());
        Thread.sleep(1000);
        gateway.drop();
        Programs.await("the loss is told", () -> messages().contains("The console is gone"));
        Thread.sleep(4000);
        int before = remote.pressed().size();
        desk.hands("key", "z");
        Programs.await("keys arrive again", () -> plainKeys(before).equals("z"));
        desk.hands("key", "ctrl+alt+shift+q");
        assertTrue(viewer.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, viewer.exitValue());
    }

    @Test
    void anIdleConnectionCostsNoProcessorTime() throws IOException, InterruptedException {
        connect("^web-01$", gateway.accessUrl());
        // Start-up work, the compiler's included, has to come to rest first.
        Thread.sleep(8000);
        // A tick is 10 ms; the JVM's own housekeeping takes one or two in ten seconds, now and then more on a busy
        // machine. Whatever polls does so in every ten seconds.
        long used = Long.MAX_VALUE;
        for (int looks = 0; looks < 3 && used > 5; looks++) {
            long before = processorTicks();
            Thread.sleep(10_000);
            used = Math.min(used, processorTicks() - before);
        }
        assertTrue(used <= 5, used + " ticks in ten seconds");
    }

    private long processorTicks() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + viewer.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
