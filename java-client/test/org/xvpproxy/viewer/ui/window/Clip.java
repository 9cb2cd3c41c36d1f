package org.xvpproxy.viewer.ui.window;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The clipboard of an X server. */
final class Clip {

    private Clip() {
    }

    static void copy(Map<String, String> environment, String text) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("xclip", "-selection", "clipboard", "-i")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
