package org.xvpproxy.viewer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.xvpproxy.viewer.net.ProxyChoice;
import org.xvpproxy.viewer.net.Trust;
import org.xvpproxy.viewer.rfb.VncAuth;

/** Reads the three forms of the command line: an access URL, HOST[:DISPLAY|::PORT], or pairs NAME VALUE. */
final class CommandLine {

    private static final int MOST_URL_BYTES = 8192;

    private interface Setter {
        void set(Draft draft, String value) throws Misuse, IOException;
    }

    private static final Map<String, Setter> FLAGS = flags();
    private static final Map<String, Setter> VALUES = values();

    private final Map<String, String> environment;
    private final InputStream input;
    private final Draft draft = new Draft();

    CommandLine(Map<String, String> environment, InputStream input) {
        this.environment = environment;
        this.input = input;
    }

    /** What to warn the user of before anything else, or null. */
    String warning() {
        return draft.warning;
    }

    /** @throws Misuse with a sentence for the user; @throws IOException if a file given cannot be read */
    Options parse(String... arguments) throws Misuse, IOException {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.equals("-h") || argument.startsWith("--") && argument.length() > 2) {
                i += option(argument, i + 1 < arguments.length ? arguments[i + 1] : null);
            } else {
                words.add(argument);
            }
        }
        if (draft.mode == Options.Mode.HELP || draft.mode == Options.Mode.VERSION) {
            return draft.finish();
        }
        if (words.size() % 2 == 1) {
            draft.address = words.remove(0);
        }
        NamedParameters.apply(words, draft);
        if ("-".equals(draft.address)) {
            draft.address = firstLine(input, "standard input");
        }
        password();
        return draft.finish();
    }

    /** Returns how many further arguments the option took. */
    private int option(String argument, String next) throws Misuse, IOException {
        int equals = argument.indexOf('=');
        String name = (equals < 0 ? argument : argument.substring(0, equals)).replaceFirst("^--?", "");
        Setter flag = FLAGS.get(name);
        if (flag != null && equals < 0) {
            flag.set(draft, "");
            return 0;
        }
        Setter value = VALUES.get(name);
        if (value == null) {
            List<String> known = new ArrayList<>(FLAGS.keySet());
            known.addAll(VALUES.keySet());
            throw flag != null ? new Misuse("--" + name + " takes no value.")
                    : Misuse.unknown("option", "--" + name, known.stream().map(n -> "--" + n).toList());
        }
        if (equals < 0 && next == null) {
            throw new Misuse("--" + name + " needs a value.");
        }
        try {
            value.set(draft, equals < 0 ? next : argument.substring(equals + 1));
        } catch (IllegalArgumentException e) {
            throw new Misuse("--" + name + ": " + e.getMessage());
        }
        return equals < 0 ? 1 : 0;
    }

    private static Map<String, Setter> flags() {
        Map<String, Setter> all = new LinkedHashMap<>();
        all.put("help", (d, v) -> d.mode = Options.Mode.HELP);
        all.put("h", (d, v) -> d.mode = Options.Mode.HELP);
        all.put("version", (d, v) -> d.mode = Options.Mode.VERSION);
        all.put("info", (d, v) -> d.mode = Options.Mode.INFO);
        all.put("settle", (d, v) -> d.settle = true);
        all.put("view-only", (d, v) -> d.viewOnly = true);
        all.put("exclusive", (d, v) -> d.shared = false);
        all.put("anonymous-tls", (d, v) -> d.anonymousTls = true);
        return all;
    }

    private static Map<String, Setter> values() {
        Map<String, Setter> all = new LinkedHashMap<>();
        all.put("snapshot", (d, v) -> d.snapshot = Path.of(v));
        all.put("after", (d, v) -> d.afterSeconds = seconds(v));
        all.put("replay", (d, v) -> d.recording = Path.of(v));
        all.put("bench", (d, v) -> {
            d.recording = Path.of(v);
            d.mode = Options.Mode.BENCH;
        });
        all.put("reconnect", (d, v) -> d.reconnect = NamedParameters.number("--reconnect", v, 0, 1_000_000));
        all.put("proxy", (d, v) -> d.proxy = ProxyChoice.parse(v));
        all.put("cacert", (d, v) -> d.caFile = Path.of(v));
        all.put("fingerprint", (d, v) -> d.fingerprint = Trust.checkFingerprint(v));
        all.put("password-file", (d, v) -> d.passwordFile = Path.of(v));
        all.put("user", (d, v) -> d.user = v);
        all.put("encoding", (d, v) -> d.encoding = NamedParameters.encoding(v));
        all.put("compression", (d, v) -> d.compression = NamedParameters.number("--compression", v, 0, 9));
        all.put("quality", (d, v) -> d.quality =
                v.equals("off") ? -1 : NamedParameters.number("--quality", v, 0, 9));
        all.put("scale", (d, v) -> d.scalePercent = NamedParameters.scale("--scale", v));
        all.put("log", (d, v) -> d.logLevel = logLevel(v));
        return all;
    }

    private static double seconds(String value) throws Misuse {
        if (!value.matches("\\d{1,6}(\\.\\d{1,6})?")) {
            throw new Misuse("The value of --after is a number of seconds.");
        }
        return Double.parseDouble(value);
    }

    private static String logLevel(String value) throws Misuse {
        List<String> levels = List.of("off", "error", "warning", "info", "debug");
        String level = value.toLowerCase(Locale.ROOT);
        if (!levels.contains(level)) {
            throw Misuse.unknown("log level", value, levels);
        }
        return level;
    }

    /** The command line's password wins over the file's, the file's over the environment's. */
    private void password() throws Misuse, IOException {
        if (draft.password != null) {
            return;
        }
        if (draft.passwordFile != null) {
            draft.password = passwordFrom(draft.passwordFile);
        } else if (environment.get("VNC_PASSWORD") != null) {
            draft.password = environment.get("VNC_PASSWORD").toCharArray();
        }
    }

    /** The first line, or what vncpasswd wrote: eight bytes of which some are no text. */
    private static char[] passwordFrom(Path file) throws Misuse, IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(1024);
        } catch (IOException e) {
            throw new Misuse("The password file " + file + " cannot be read.");
        }
        String hex = java.util.HexFormat.of().formatHex(bytes);
        if (bytes.length == 8 && hex.matches("(..)*([01].|7f|[89a-f].)(..)*")) {
            return VncAuth.reveal(hex);
        }
        return new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse("").toCharArray();
    }

    private static String firstLine(InputStream in, String where) throws Misuse, IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
            if (line.length() > MOST_URL_BYTES) {
                throw new Misuse("The access URL on " + where + " is too long to be one.");
            }
        }
        if (line.toString().isBlank()) {
            throw new Misuse("There is no access URL on " + where + ".");
        }
        return line.toString();
    }
}
