package org.xvpproxy.viewer.rfb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xvpproxy.viewer.BufferScreen;
import org.xvpproxy.viewer.MemoryTransport;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.ServerBytes;

/** Versions and security types, both sides byte by byte. */
class HandshakeTest {

    private static final String CHALLENGE = "000102030405060708090a0b0c0d0e0f";
    private static final String ANSWER = "adcd997f8e16fee575e973f93c2b62b4";

    /** What the viewer sends up to ClientInit when the server says this. */
    private static String talk(Settings settings, String password, ServerBytes server) throws IOException {
        MemoryTransport transport = new MemoryTransport(server.init(PixelFormat.RGB888, 1, 1).toBytes());
        ServerFeatures features = new ServerFeatures();
        new Handshake(transport, settings, Play.password(password), features).run();
        return HexFormat.of().formatHex(transport.sent()).replaceFirst("^524642203030332e30303(.)0a", "v$1 ");
    }

    private static String talk(ServerBytes server) throws IOException {
        return talk(Settings.DEFAULT, "secret12", server);
    }

    private static ServerBytes version(String version) {
        return new ServerBytes().text("RFB " + version + "\n");
    }

    @ParameterizedTest
    @CsvSource({"003.003, v3 01", "003.005, v3 01", "003.006, v3 01", "003.004, v3 01"})
    void oldServersGet33(String version, String expected) throws IOException {
        assertEquals(expected, talk(version(version).u32(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"003.008", "003.889", "004.000", "004.001", "005.000"})
    void newServersGet38(String version) throws IOException {
        assertEquals("v8 0101", talk(version(version).u8(1, 1).u32(0)));
    }

    @Test
    void noResultForNoneBefore38() throws IOException {
        assertEquals("v7 0101", talk(version("003.007").u8(1, 1)));
    }

    @Test
    void vncAuthenticationInEveryVersion() throws IOException {
        assertEquals("v3 " + ANSWER + "01", talk(version("003.003").u32(2).hex(CHALLENGE).u32(0)));
        assertEquals("v7 02" + ANSWER + "01", talk(version("003.007").u8(1, 2).hex(CHALLENGE).u32(0)));
        assertEquals("v8 02" + ANSWER + "01", talk(version("003.008").u8(2, 5, 2).hex(CHALLENGE).u32(0)));
    }

    @Test
    void exclusiveAccessIsAskedFor() throws IOException {
        Settings alone = new Settings(false, null, -1, 6, true, true, Settings.Colours.FULL, false, false, true, null,
                null, 20);
        assertEquals("v3 00", talk(alone, null, version("003.003").u32(1)));
    }

    @Test
    void tightWithTunnelsAndCapabilities() throws IOException {
        ServerBytes server = version("003.008").u8(2, 2, 16)
                .u32(1).u32(0).text("TGHTNOTUNNEL")
                .u32(2).u32(129).text("TGHTULGNAUTH").u32(2).text("STDVVNCAUTH_")
                .hex(CHALLENGE).u32(0).init(PixelFormat.RGB888, 3, 2)
                .u16(1, 1, 0, 0).bytes(new byte[32])
                .update(1).rect(0, 0, 1, 1, 0).u32(0);
        MemoryTransport transport = new MemoryTransport(server.toBytes());
        Play play = Play.open(Play.AS_SERVED, transport).toEnd();
        assertEquals(1, play.screen.updates, "the capabilities behind ServerInit were taken");
        assertTrue(HexFormat.of().formatHex(transport.sent())
                .contains("10" + "00000000" + "00000002" + ANSWER + "01"));
        assertEquals("Tight VncAuth", play.session().features().security());
    }

    @Test
    void tightWithoutAuthentication() throws IOException {
        MemoryTransport transport = new MemoryTransport(version("003.008").u8(1, 16).u32(0).u32(0).u32(0)
                .init(PixelFormat.RGB888, 1, 1).u16(0, 0, 0, 0).toBytes());
        Play.open(Play.AS_SERVED, transport).toEnd();
        assertTrue(HexFormat.of().formatHex(transport.sent()).contains("0a10" + "01"));
    }

    @Test
    void xvpSendsUserAndVmFirst() throws IOException {
        Settings settings = new Settings(true, null, -1, 6, true, true, Settings.Colours.FULL, false, false, true,
                "joe", "vm\u00e9", 20);
        assertEquals("v8 16" + "0304" + "6a6f65" + "766dc3a9" + ANSWER + "01",
                talk(settings, "secret12", version("003.008").u8(2, 2, 22).hex(CHALLENGE).u32(0)));
    }

    @Test
    void vencryptPlain() throws IOException {
        assertEquals("v8 13" + "0002" + "00000100" + "00000003" + "00000008" + "6a6f65" + "7365637265743132" + "01",
                talk(version("003.008").u8(1, 19, 0, 2, 0, 1).u32(256).u32(0)));
    }

    @Test
    void vencryptWithAnonymousTlsOnlyIsRefusedUnlessAskedFor() {
        RfbException refused = assertThrows(RfbException.class,
                () -> talk(version("003.008").u8(1, 19, 0, 2, 0, 1).u32(257)));
        assertTrue(refused.getMessage().contains("--anonymous-tls"));
    }

    @Test
    void dataInTheClearBeforeTlsIsRefused() {
        RfbException refused = assertThrows(RfbException.class,
                () -> talk(version("003.008").u8(1, 19, 0, 2, 0, 1).u32(260).u8(1).text("injected")));
        assertTrue(refused.getMessage().contains("in the clear"));
    }

    @Test
    void refusalsShowTheReason() {
        assertRefused("no room", version("003.003").u32(0).u32(7).text("no room"));
        assertRefused("no room", version("003.008").u8(0).u32(7).text("no room"));
        assertRefused("no room", version("003.008").u8(1, 1).u32(1).u32(7).text("no room"));
        assertRefused("Diffie-Hellman, type 200", version("003.008").u8(2, 30, 200));
        assertRefused("does not speak VNC", new ServerBytes().text("HTTP/1.1 400 Bad"));
        assertRefused("closed the connection during the handshake", version("003.008").u8(1, 1));
        assertRefused("a reason of 4294967295 bytes", version("003.008").u8(0).u32(-1));
        assertRefused("too old", version("003.008").u8(1, 19, 0, 1));
    }

    private static void assertRefused(String part, ServerBytes server) {
        RfbException refused = assertThrows(RfbException.class, () -> {
            MemoryTransport transport = new MemoryTransport(server.toBytes());
            RfbSession.open(transport, Settings.DEFAULT, Play.password("x"), new BufferScreen());
        });
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
        assertTrue(refused.getMessage().endsWith("."), refused.getMessage());
    }

    @Test
    void wrongAndMissingPasswordsAreToldApart() {
        AuthenticationFailed wrong = assertThrows(AuthenticationFailed.class, () -> talk(Settings.DEFAULT, "secret12",
                version("003.008").u8(1, 2).hex(CHALLENGE).u32(1).u32(4).text("nope")));
        assertFalse(wrong.cancelled());
        assertEquals("The console refused the password: nope.", wrong.getMessage());
        AuthenticationFailed often = assertThrows(AuthenticationFailed.class, () -> talk(Settings.DEFAULT, "secret12",
                version("003.007").u8(1, 2).hex(CHALLENGE).u32(2)));
        assertEquals("The console refused the password: Too many attempts.", often.getMessage());
        AuthenticationFailed none = assertThrows(AuthenticationFailed.class, () -> talk(Settings.DEFAULT, null,
                version("003.008").u8(1, 2).hex(CHALLENGE)));
        assertTrue(none.cancelled());
    }

    @Test
    void aServerThatDripsIsTimedOutInAll() {
        byte[] server = version("003.008").u8(0).u32(60_000).bytes(new byte[60_000]).toBytes();
        MemoryTransport transport = MemoryTransport.of(new java.io.ByteArrayInputStream(server) {
            @Override
            public int read(byte[] to, int start, int count) {
                try {
                    Thread.sleep(5);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.read(to, start, 1);
            }
        });
        Settings quick = new Settings(true, null, -1, 6, true, true, Settings.Colours.FULL, false, false, true, null,
                null, 1);
        RfbException refused = assertThrows(RfbException.class,
                () -> RfbSession.open(transport, quick, Play.password("x"), new BufferScreen()));
        assertEquals("The console has not finished the handshake within 1 seconds.", refused.getMessage());
    }

    @Test
    void namesAreUtf8OrLatin1() throws IOException {
        assertEquals("\u00e9", named("c3a9"));
        assertEquals("\u00e9", named("e9"));
    }

    private static String named(String hex) throws IOException {
        byte[] name = HexFormat.of().parseHex(hex);
        ServerBytes server = new ServerBytes().text("RFB 003.003\n").u32(1).u16(1, 1)
                .hex("20180001 00ff 00ff 00ff 100800 000000").u32(name.length).bytes(name);
        Play play = Play.open(Play.AS_SERVED, new MemoryTransport(server.toBytes()));
        assertEquals("name " + play.session().features().name(), play.screen.events.get(1));
        return new String(play.session().features().name().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
