package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The built jar run as a user runs it, without a display. */
record ViewerRun(int status, String out, String err) {

    static ViewerRun of(Path home, Map<String, String> environment, String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", "VncViewer.jar"));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(home, "out", "");
        Path err = Files.createTempFile(home, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("DISPLAY");
        builder.environment().put("XDG_CONFIG_HOME", home.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        assertTrue(process.waitFor(90, TimeUnit.SECONDS), "the viewer hangs: " + String.join(" ", arguments));
        return new ViewerRun(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    static ViewerRun of(Path home, String... arguments) throws IOException, InterruptedException {
        return of(home, Map.of(), "", arguments);
    }
}
