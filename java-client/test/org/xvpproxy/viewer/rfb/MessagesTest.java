package org.xvpproxy.viewer.rfb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.xvpproxy.viewer.BufferScreen;
import org.xvpproxy.viewer.MemoryTransport;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.ServerBytes;

/** Every message both ways, byte by byte. */
class MessagesTest {

    private static ServerBytes server() {
        return ServerBytes.session(PixelFormat.BGR233, 4, 2);
    }

    private static Play play(ServerBytes server) throws IOException, InterruptedException {
        return Play.live(server);
    }

    @Test
    void beginsWithFormatEncodingsAndAFullRequest() throws IOException, InterruptedException {
        MemoryTransport transport = new MemoryTransport(server().toBytes());
        Play play = Play.open(Settings.DEFAULT, transport);
        play.expectLast("03 00 0000 0000 0004 0002");
        String sent = HexFormat.of().formatHex(transport.sent());
        assertTrue(sent.contains("00000000" + "20180001" + "00ff00ff00ff" + "100800" + "000000" + "0200"), sent);
        assertTrue(sent.contains("00000001" + "00000007" + "00000010"), "CopyRect, Tight, ZRLE first");
    }

    @Test
    void settingsOrderTheEncodings() {
        List<Integer> list = EncodingList.of(Settings.DEFAULT.withEncoding("hextile").withQuality(3)
                .withCompression(2));
        assertEquals(List.of(1, 5, 7, 16), list.subList(0, 4));
        assertTrue(list.containsAll(List.of(-29, -254, -239, -240, -314, -258, -309, -312, -313, -316, 0xc0a1e5ce)));
        List<Integer> plain = EncodingList.of(new Settings(true, null, -1, -1, false, false, Settings.Colours.FULL,
                false, false, false, null, null, 20));
        assertFalse(plain.contains(1) || plain.contains(-239) || plain.contains(-258));
        assertTrue(plain.stream().noneMatch(n -> n <= -23 && n >= -32 || n <= -247 && n >= -256));
        assertTrue(EncodingList.of(Settings.DEFAULT.withCompression(0)).contains(-317));
    }

    @Test
    void asksForMoreAfterEachUpdate() throws IOException, InterruptedException {
        play(server().update(1).rect(0, 0, 1, 1, 0).u8(7)).expectLast("03 01 0000 0000 0004 0002");
    }

    @Test
    void bellNameLedsAndPointer() throws IOException, InterruptedException {
        BufferScreen screen = play(server().u8(2)
                .update(5).rect(0, 0, 0, 0, -307).u32(3).text("new")
                .rect(0, 0, 0, 0, -261).u8(5)
                .rect(3, 1, 0, 0, -232).rect(2, 1, 0, 0, -225)
                .rect(0, 0, 0, 0, -257)).screen;
        assertEquals(List.of("size 4x2", "name test", "bell", "name new", "leds 5", "pointer 3,1", "pointer 2,1",
                "relative"), screen.events);
    }

    @Test
    void fenceIsAnsweredWithItsKnownFlags() throws IOException, InterruptedException {
        play(server().u8(248, 0, 0, 0).u32(0x80000005 | 0x100).u8(3).text("abc"))
                .expectLast("f8 000000 00000005 03 616263");
    }

    @Test
    void ownFenceMeasuresTheRoundTrip() throws IOException, InterruptedException {
        Play play = play(server().u8(248, 0, 0, 0).u32(0x80000000).u8(0).update(1).rect(0, 0, 1, 1, 0).u8(7));
        play.expect("f8 000000 80000001 08");
        assertTrue(Double.isNaN(play.session().stats().roundTripMillis()));
    }

    @Test
    void continuousUpdatesAreSwitchedOnForTheWholeScreen() throws IOException, InterruptedException {
        play(server().u8(150)).expectLast("96 01 0000 0000 0004 0002");
    }

    @Test
    void newSizeIsRequestedOnceAndOnlyWhenItChanged() throws IOException, InterruptedException {
        Play play = play(server().update(2).rect(0, 0, 4, 2, 0).hex("07070707 07070707").rect(0, 0, 5, 3, -223));
        play.expectLast("03 00 0000 0000 0005 0003");
        assertEquals("ff0000 ff0000 ff0000 ff0000 000000/ff0000 ff0000 ff0000 ff0000 000000"
                + "/000000 000000 000000 000000 000000", play.screen.picture());
        play(server().update(1).rect(0, 0, 4, 2, -223)).expectLast("03 01 0000 0000 0004 0002");
    }

    @Test
    void extendedSizeKeepsTheScreensForTheRequest() throws IOException, InterruptedException {
        Play play = play(server().update(1).rect(0, 0, 6, 2, -308).u8(1, 0, 0, 0).u32(77).u16(0, 0, 6, 2)
                .u32(0x55));
        play.session().writer().desktopSize(8, 9);
        play.expectLast("fb 00 0008 0009 01 00 0000004d 0000 0000 0008 0009 00000055");
        assertEquals("size 6x2", play.screen.events.get(2));
        BufferScreen refused = play(server().update(1).rect(1, 3, 9, 9, -308).u8(0, 0, 0, 0)).screen;
        assertEquals("resize refused 3", refused.events.get(2));
        assertEquals(4, refused.framebuffer.width());
    }

    @Test
    void keysGoOutWithScanCodesWhereTheyAreUnderstood() throws IOException, InterruptedException {
        Play plain = play(server());
        plain.session().writer().key(0x61, 0x1e, true);
        plain.expectLast("04 01 0000 00000061");
        Play extended = play(server().update(1).rect(0, 0, 0, 0, -258));
        extended.session().writer().key(0xff0d, 0x1c, false);
        extended.expectLast("ff 00 0000 0000ff0d 0000001c");
        extended.session().writer().key(0x20ac, 0, true);
        extended.expectLast("04 01 0000 000020ac");
    }

    @Test
    void pointerStaysInsideAndKnowsExtraButtons() throws IOException, InterruptedException {
        Play plain = play(server());
        plain.session().writer().pointer(0x81, 99, -3);
        plain.expectLast("05 81 0003 0000");
        plain.session().writer().pointer(0x100, 1, 1);
        plain.expectLast("05 00 0001 0001");
        Play extended = play(server().update(1).rect(0, 0, 0, 0, -316));
        extended.session().writer().pointer(0x181, 1, 1);
        extended.expectLast("05 81 0001 0001 03");
    }

    @Test
    void relativePointersGetMovements() throws IOException, InterruptedException {
        Play play = play(server().update(1).rect(0, 0, 0, 0, -257));
        play.session().writer().pointer(0, 2, 1);
        play.session().writer().pointer(0, 5, 0);
        play.expectLast("05 00 8002 7ffe");
    }

    @Test
    void xvpIsSentOnlyAfterTheServerOfferedIt() throws IOException, InterruptedException {
        Play play = play(server());
        play.session().writer().xvp(MessageWriter.XVP_RESET);
        play.session().writer().refresh();
        play.expectLast("03 00 0000 0000 0004 0002");
        Play offered = play(server().u8(250, 0, 1, 1).u8(250, 0, 1, 0));
        assertEquals(List.of("xvp 1", "xvp failed"), offered.screen.events.subList(2, 4));
        offered.session().writer().xvp(MessageWriter.XVP_REBOOT);
        offered.expectLast("fa 00 01 03");
    }

    @Test
    void viewOnlySendsNothingOfTheUsers() throws IOException, InterruptedException {
        Play play = play(server().u8(250, 0, 1, 1));
        MessageWriter writer = play.session().writer();
        writer.viewOnly(true);
        writer.key(0x61, 0, true);
        writer.pointer(1, 1, 1);
        writer.clipboard("x");
        writer.xvp(MessageWriter.XVP_RESET);
        writer.refresh();
        play.expectLast("03 00 0000 0000 0004 0002" + "03 00 0000 0000 0004 0002");
        writer.viewOnly(false);
        writer.key(0x61, 0, true);
        play.expectLast("04 01 0000 00000061");
    }

    @Test
    void plainClipboardIsLatin1WithVisibleReplacements() throws IOException, InterruptedException {
        Play play = play(server().u8(3, 0, 0, 0).u32(4).hex("e9 0d 0a 78"));
        assertEquals("clipboard \u00e9\nx", play.screen.events.get(2));
        play.session().writer().clipboard("a\u20ac\u00e9\n");
        play.expectLast("06 000000 00000004 61 3f e9 0a");
    }

    @Test
    void oversizedClipboardIsSkipped() throws IOException, InterruptedException {
        int length = ClipboardExchange.MOST_BYTES + 100;
        BufferScreen screen = play(server().u8(3, 0, 0, 0).u32(length).bytes(new byte[length]).u8(2)).screen;
        assertEquals("bell", screen.events.get(2));
    }

    @Test
    void extendedClipboardNotifiesRequestsAndProvides() throws IOException, InterruptedException {
        ServerBytes caps = server().u8(3, 0, 0, 0).u32(-8).u32(0x1f000001).u32(1000);
        Play play = play(caps);
        play.expectLast("06 000000 fffffff8 1f000001 00a00000");
        assertTrue(play.session().features().unicodeClipboard());
        play.session().writer().clipboard("\u20ac");
        play.expectLast("06 000000 fffffffc 08000001");

        play(server().u8(3, 0, 0, 0).u32(-4).u32(0x08000001)).expectLast("06 000000 fffffffc 02000001");
    }

    @Test
    void extendedClipboardBringsUnicode() throws IOException, InterruptedException {
        byte[] text = "\u20ac\r\nx\0".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] packed = ServerBytes.zlib(new ServerBytes().u32(text.length).bytes(text).toBytes());
        BufferScreen screen = play(server().u8(3, 0, 0, 0).u32(-4 - packed.length).u32(0x10000001).bytes(packed))
                .screen;
        assertEquals("clipboard \u20ac\nx", screen.events.get(2));
    }

    @Test
    void providedTextCanBeReadBack() throws IOException {
        ClipboardExchange ours = new ClipboardExchange(unicode());
        byte[] offer = ours.offer("h\u00e9\u20ac\nx").get(0);
        RfbInput in = new RfbInput(new java.io.ByteArrayInputStream(offer));
        in.skip(8);
        assertEquals("h\u00e9\u20ac\nx", ours.receive(in, offer.length - 8, null));
    }

    private static ServerFeatures unicode() {
        ServerFeatures features = new ServerFeatures();
        features.unicodeClipboard = true;
        return features;
    }

    @Test
    void colourMapsRedrawTheScreen() throws IOException, InterruptedException {
        play(server().u8(1, 0).u16(0, 1).u16(1, 2, 3)).expectLast("03 00 0000 0000 0004 0002");
    }
}
