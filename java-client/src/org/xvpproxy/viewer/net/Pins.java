package org.xvpproxy.viewer.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Remembers the certificate fingerprint the user trusted, per host and port: lines "host:port fingerprint". */
public final class Pins {

    private static final int MOST_BYTES = 1 << 20;
    private static final boolean POSIX = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final Path file;

    public Pins(Path file) {
        this.file = file;
    }

    /** The file in the user's configuration directory. */
    public static Pins ofUser() {
        return new Pins(configuration().resolve("xvpproxy").resolve("viewer-pins"));
    }

    private static Path configuration() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        Path home = Path.of(System.getProperty("user.home", "."));
        String variable = os.startsWith("windows") ? "APPDATA" : "XDG_CONFIG_HOME";
        String chosen = System.getenv(variable);
        if (chosen != null && Path.of(chosen).isAbsolute()) {
            return Path.of(chosen);
        }
        return os.startsWith("mac") ? home.resolve("Library").resolve("Application Support")
                : home.resolve(".config");
    }

    public Path file() {
        return file;
    }

    /** The pinned fingerprint, or null. @throws IOException if the file is there and cannot be read */
    public String get(String host, int port) throws IOException {
        String key = key(host, port);
        for (String line : lines()) {
            if (line.startsWith(key)) {
                return line.substring(key.length()).strip();
            }
        }
        return null;
    }

    /** Replaces the file as a whole, so that a crash leaves the old or the new one. */
    public void put(String host, int port, String sha256) throws IOException {
        String key = key(host, port);
        List<String> lines = new ArrayList<>(lines());
        lines.removeIf(line -> line.startsWith(key));
        lines.add(key + sha256);
        Files.createDirectories(file.getParent(), mode("rwx------"));
        Path fresh = Files.createTempFile(file.getParent(), "viewer-pins", ".new", mode("rw-------"));
        try {
            Files.write(fresh, lines, StandardCharsets.UTF_8);
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private List<String> lines() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("The pins file " + file + " is too large to be one.");
        }
        return Files.readAllLines(file, StandardCharsets.UTF_8);
    }

    private static String key(String host, int port) {
        return Target.authority(host.toLowerCase(Locale.ROOT), port) + " ";
    }

    private static FileAttribute<?>[] mode(String permissions) {
        return POSIX ? new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }
}
