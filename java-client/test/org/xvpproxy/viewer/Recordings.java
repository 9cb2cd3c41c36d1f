package org.xvpproxy.viewer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The recorded streams and what they must end in. */
final class Recordings {

    record Recording(String name, String sha256, boolean lossy, int updates) {

        Path path() {
            return folder().resolve(name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final Pattern ENTRY = Pattern.compile("\"file\": \"([^\"]+)\".*?\"updates\": (\\d+)"
            + ".*?\"rgbSha256\": \"([0-9a-f]{64})\".*?\"lossy\": (true|false)", Pattern.DOTALL);

    private Recordings() {
    }

    static Path folder() {
        return Path.of("..", "tests", "vectors", "rfb");
    }

    static List<Recording> all() throws IOException {
        List<Recording> all = new ArrayList<>();
        Matcher entry = ENTRY.matcher(Files.readString(folder().resolve("index.json")));
        while (entry.find()) {
            all.add(new Recording(entry.group(1), entry.group(3), Boolean.parseBoolean(entry.group(4)),
                    Integer.parseInt(entry.group(2))));
        }
        return all;
    }
}
