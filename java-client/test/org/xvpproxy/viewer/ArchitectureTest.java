package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** Rules about the sources that no compiler checks. */
class ArchitectureTest {

    private static List<Path> sources(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    @Test
    void onlyTheWindowImportsAwtAndSwing() throws IOException {
        for (Path file : sources("src")) {
            boolean window = file.toString().contains("/ui/") || file.endsWith("PictureCodec.java");
            long imports = Files.readString(file).lines()
                    .filter(line -> line.contains("java.awt") && !line.contains("java.awt.headless")
                            || line.contains("javax.swing") || line.contains("javax.imageio"))
                    .count();
            assertEquals(0, window ? 0 : imports, file.toString());
        }
    }

    @Test
    void importsPointDownwards() throws IOException {
        for (Path file : sources("src")) {
            String text = Files.readString(file);
            boolean core = !file.toString().contains("/ui/");
            assertEquals(false, core && !file.endsWith("Viewer.java") && text.contains("import org.xvpproxy.viewer.ui"),
                    file + " imports the window");
            assertEquals(false, file.toString().contains("/encodings/") && text.contains("import org.xvpproxy.viewer.net"),
                    file + " knows of connections");
        }
    }

    @Test
    void filesStaySmall() throws IOException {
        for (String folder : List.of("src", "test")) {
            for (Path file : sources(folder)) {
                long lines = Files.readString(file).lines().count();
                assertEquals(true, lines < 300, file + " has " + lines + " lines");
            }
        }
    }
}
