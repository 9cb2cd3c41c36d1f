package org.xvpproxy.viewer.ui.window;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.Assumptions;

/** Other programs: which are there, starting and ending them, and waiting for what they do. */
final class Programs {
    private static final int PATIENCE_SECONDS = 40;

    private Programs() {
    }

    /** Skips the test, by name, when a program is missing (run-tests makes that a failure in CI). */
    static void require(String... names) {
        for (String name : names) {
            boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                    .anyMatch(folder -> new File(folder, name).canExecute());
            Assumptions.assumeTrue(found, name + " is not installed");
        }
    }

    /** Starts a program; the caller ends it. */
    static Process start(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs a program to its end and returns what it printed. */
    static String run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Process process = start(environment, command);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), command[0] + " does not end");
        return output;
    }

    /** Ends processes that were started here, the last first. */
    static void end(List<Process> processes) {
        List<Process> reversed = new ArrayList<>(processes);
        Collections.reverse(reversed);
        for (Process process : reversed) {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Reads the display number that an X server prints with {@code -displayfd 1} once it is ready. */
    static String display(Process server) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII));
        String number = reader.readLine();
        assertTrue(number != null, "the X server did not start");
        return ":" + number.strip();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits for something that must happen. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("never happened: " + what);
            }
            Thread.sleep(50);
        }
    }
}
