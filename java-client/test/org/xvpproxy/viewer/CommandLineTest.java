package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.rfb.Settings;

/** The three forms of the command line, and everything people get wrong. */
class CommandLineTest {

    private static final String URL = "http://h:6081/console?token=SECRET";

    @TempDir
    Path folder;

    private static Options parse(String... arguments) throws Misuse, IOException {
        return line("").parse(arguments);
    }

    private static CommandLine line(String input) {
        return new CommandLine(Map.of(), new ByteArrayInputStream(input.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void anAccessUrlAlone() throws Exception {
        Options options = parse(URL);
        assertEquals(Options.Mode.WINDOW, options.mode());
        assertEquals(Target.parse(URL), options.target());
        assertEquals(Settings.DEFAULT, options.settings());
        assertFalse(options.toString().contains("SECRET"));
        assertNull(parse().target(), "the window asks");
    }

    @Test
    void urlAsAParameter() throws Exception {
        Options options = parse("URL", URL, "View only", "Yes", "Show controls", "no");
        assertEquals("h:6081", options.target().display());
        assertTrue(options.settings().viewOnly());
        assertFalse(options.window().showControls());
        assertTrue(parse(URL, "view only", "yes").settings().viewOnly());
    }

    @Test
    void hostAndPortAsParametersOrInOne() throws Exception {
        assertEquals("h:5901", parse("HOST", "h", "PORT", "5901").target().display());
        assertEquals("h:5900", parse("host", "h").target().display());
        assertEquals("h:5901", parse("h:1").target().display());
    }

    @Test
    void theUrlFromStandardInput() throws Exception {
        assertEquals(Target.parse(URL), line(URL + "\nmore").parse("-").target());
        assertThrows(Misuse.class, () -> line("").parse("-"));
        assertThrows(Misuse.class, () -> line("x".repeat(9000)).parse("-"));
    }

    @Test
    void tightVncParameters() throws Exception {
        Options options = parse("HOST", "h", "Encoding", "Hextile", "Compression level", "7", "JPEG image quality",
                "JPEG off", "Cursor shape updates", "Ignore", "Use CopyRect", "No", "Restricted colors", "Yes",
                "Mouse buttons 2 and 3", "Reversed", "Scale remote cursor", "150%", "Share desktop", "No",
                "Scaling factor", "auto", "Offer relogin", "No", "Show offline desktop", "No", "xvpreset", "No",
                "Open new window", "Yes", "Defer screen updates", "20", "USER", "joe", "VM", "UTF-8:c3:a9");
        Settings settings = options.settings();
        assertEquals(new Settings(false, "Hextile", 7, -1, false, true, Settings.Colours.RESTRICTED, false, false,
                true, "joe", "\u00e9", 20), settings);
        assertEquals(new Options.Window(0, 150, true, false, false, true, false, Set.of("reset")), options.window());
    }

    @Test
    void passwordsFromEverywhere() throws Exception {
        assertArrayEquals("pw".toCharArray(), parse("HOST", "h", "PASSWORD", "pw").password());
        assertArrayEquals("secret12".toCharArray(),
                parse("HOST", "h", "ENCPASSWORD", "24b5ae4ce15503c6", "PASSWORD", "pw").password());
        assertArrayEquals("AB".toCharArray(), parse("HOST", "h", "XVPPASSWORD", "4142000000000000").password());
        Path plain = Files.writeString(folder.resolve("plain"), "p\u00e4ss word\nsecond line\n");
        assertArrayEquals("p\u00e4ss word".toCharArray(), parse("--password-file", plain.toString(), "h").password());
        Path vncpasswd = Files.write(folder.resolve("vncpasswd"), HexFormat.of().parseHex("24b5ae4ce15503c6"));
        assertArrayEquals("secret12".toCharArray(), parse("--password-file=" + vncpasswd, "h").password());
        Path eight = Files.writeString(folder.resolve("eight"), "password");
        assertArrayEquals("password".toCharArray(), parse("--password-file", eight.toString(), "h").password());
        CommandLine environment = new CommandLine(Map.of("VNC_PASSWORD", "env"), new ByteArrayInputStream(new byte[0]));
        assertArrayEquals("env".toCharArray(), environment.parse("h").password());
        assertNull(environment.warning());
    }

    @Test
    void passwordOnTheCommandLineWarns() throws Exception {
        CommandLine line = line("");
        line.parse("HOST", "h", "PASSWORD", "SECRET");
        assertTrue(line.warning().contains("--password-file") && !line.warning().contains("SECRET"));
    }

    @Test
    void headlessModes() throws Exception {
        Options snapshot = parse("--snapshot", "a.png", "--after", "1.5", "h");
        assertEquals(Options.Mode.SNAPSHOT, snapshot.mode());
        assertEquals(1.5, snapshot.waiting().afterSeconds());
        assertEquals(-1, snapshot.settings().quality(), "exact unless JPEG is asked for");
        assertEquals(4, parse("--snapshot", "a.png", "--quality", "4", "h").settings().quality());
        Options replay = parse("--replay", "x.fbs", "--snapshot", "a.png");
        assertEquals(Settings.Colours.SERVER, replay.settings().colours());
        assertEquals(Options.Mode.BENCH, parse("--bench", "x.fbs.gz").mode());
        assertEquals(Options.Mode.INFO, parse("--info", "h").mode());
        assertEquals(Options.Mode.HELP, parse("--help").mode());
        assertEquals(Options.Mode.VERSION, parse("--version").mode());
        assertEquals(Options.Mode.WINDOW, parse("--replay", "x.fbs").mode());
    }

    @ParameterizedTest
    @CsvSource({"--snapshut x h, --snapshot", "--recconect 3 h, --reconnect", "--help-me h, --help",
        "HOST h Pasword x, password", "HOST h Encoding Hextle, Hextile", "--log loud h, log level"})
    void unknownNamesSuggestTheNearest(String arguments, String nearest) {
        Misuse misuse = assertThrows(Misuse.class, () -> parse(arguments.split(" ")));
        assertTrue(misuse.getMessage().contains(nearest), misuse.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--snapshot", "--after 3 h", "--settle h", "--after x --snapshot a h", "--snapshot a",
        "--snapshot a --after 1 --settle h", "--snapshot a --info h", "--info", "--replay a h", "--info --replay a",
        "HOST h PORT", "HOST h PORT 0", "HOST h PORT x", "URL http://h/ HOST h", "--reconnect -1 h", "--help=x",
        "HOST h ENCPASSWORD xyz", "--fingerprint 12 h", "--proxy ftp://x h", "--password-file /no/such/file h",
        "HOST h Encoding CopyRect", "http://h/?token=SECRET http://h/?token=SECRET", "--quality 10 h", "--info=1 h",
        "h:77777", "--token=SECRET h"})
    void misuseIsExplained(String arguments) {
        Misuse misuse = assertThrows(Misuse.class, () -> parse(arguments.split(" ")));
        assertTrue(misuse.getMessage().matches("[A-Z-].*[.?]"), misuse.getMessage());
        assertFalse(misuse.getMessage().contains("SECRET"), misuse.getMessage());
    }
}
