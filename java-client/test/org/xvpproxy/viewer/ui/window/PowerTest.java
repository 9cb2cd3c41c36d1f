package org.xvpproxy.viewer.ui.window;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power control of a real machine: QEMU speaks xvp, and tells of resets on its own control channel. */
class PowerTest {
    private static final String MENUS = "ctrl+alt+shift+m";

    @TempDir
    static Path folder;
    private static final List<String> EVENTS = new CopyOnWriteArrayList<>();
    private static Desk desk;
    private static Process machine;

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        Programs.require(Desk.NEEDS);
        Programs.require("qemu-system-x86_64");
        desk = new Desk(folder);
        int port = Programs.freePort();
        while (port < 5900) {
            port = Programs.freePort();
        }
        machine = Programs.start(Map.of(), "qemu-system-x86_64", "-name", "db-7", "-display", "none", "-m", "32", "-net",
                "none", "-vnc", "127.0.0.1:" + (port - 5900) + ",power-control=on", "-qmp", "stdio");
        machine.getOutputStream().write("{\"execute\":\"qmp_capabilities\"}\n".getBytes(StandardCharsets.US_ASCII));
        machine.getOutputStream().flush();
        Thread listener = new Thread(PowerTest::listen);
        listener.setDaemon(true);
        listener.start();
        Programs.await("QEMU runs", () -> EVENTS.stream().anyMatch(line -> line.contains("return")));
        desk.viewer("127.0.0.1::" + port);
        desk.goTo(desk.window("db-7"));
    }

    private static void listen() {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(machine.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                EVENTS.add(line);
            }
        } catch (IOException e) {
            // The machine was ended.
            return;
        }
    }

    @AfterAll
    static void close() {
        if (machine != null) {
            Programs.end(List.of(machine));
        }
        if (desk != null) {
            desk.close();
        }
    }

    /** Resets that a viewer asked for: firmware that finds nothing to boot from resets by itself every minute. */
    private static long resets() {
        return EVENTS.stream().filter(line -> line.contains("\"RESET\"") && line.contains("\"guest\": false")).count();
    }

    /** Opens the Power menu (the last but one) and goes to its last item, Reset, or the one above it, Reboot. */
    private static void choose(boolean reset) throws InterruptedException {
        Thread.sleep(1000);
        desk.hands("key", "--delay", "150", MENUS, "Left", "Left", "Up");
        if (!reset) {
            desk.hands("key", "Up");
        }
        Thread.sleep(150);
        desk.hands("key", "Return");
    }

    @Test
    void resetAsksFirstAndThenResetsTheMachine() throws InterruptedException {
        long before = resets();
        choose(true);
        desk.dialog("^Reset$");
        desk.hands("key", "Return");
        Programs.await("Return means no", () -> !desk.hasWindow("^Reset$"));
        assertTrue(resets() == before, "Cancel must not reset");
        choose(true);
        desk.dialog("^Reset$");
        desk.hands("key", "--delay", "150", "Tab", "space");
        Programs.await("the machine is reset", () -> resets() > before);
    }

    /** QEMU answers every Reboot with a refusal: it knows Shutdown and Reset only. */
    @Test
    void aRebootThatTheMachineRefusesIsOfferedAsAReset() throws InterruptedException {
        long before = resets();
        choose(false);
        desk.dialog("^Reboot$");
        desk.hands("key", "--delay", "150", "Tab", "space");
        desk.dialog("^Reset$");
        desk.hands("key", "Return");
        Programs.await("Return means no", () -> !desk.hasWindow("^Reset$"));
        assertTrue(resets() == before, "Cancel must not reset");
        choose(false);
        desk.dialog("^Reboot$");
        desk.hands("key", "--delay", "150", "Tab", "space");
        desk.dialog("^Reset$");
        desk.hands("key", "--delay", "150", "Tab", "space");
        Programs.await("the machine is rebooted", () -> resets() > before);
    }
}
