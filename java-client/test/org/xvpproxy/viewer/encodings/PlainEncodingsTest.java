package org.xvpproxy.viewer.encodings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.ServerBytes;
import org.xvpproxy.viewer.rfb.PixelFormat;

/** Raw, CopyRect, RRE, CoRRE, Hextile and Zlib byte by byte, and the pixel formats they come in. */
class PlainEncodingsTest {

    private static final PixelFormat RGB565_BE = new PixelFormat(16, 16, true, true, 31, 63, 31, 11, 5, 0);
    private static final PixelFormat RGB101010 = new PixelFormat(32, 30, false, true, 1023, 1023, 1023, 20, 10, 0);
    private static final PixelFormat BGR_HIGH = new PixelFormat(32, 24, true, true, 255, 255, 255, 8, 16, 24);
    private static final PixelFormat MAPPED = new PixelFormat(8, 8, false, false, 0, 0, 0, 0, 0, 0);

    private static String shown(PixelFormat format, int w, int h, int encoding, String data) throws IOException {
        return Play.show(ServerBytes.session(format, w, h).update(1).rect(0, 0, w, h, encoding).hex(data)).picture();
    }

    @Test
    void rawInEveryByteOrder() throws IOException {
        assertEquals("112233 445566", shown(PixelFormat.RGB888, 2, 1, 0, "332211ff 66554400"));
        assertEquals("ff0000 00ff00 0000ff", shown(RGB565_BE, 3, 1, 0, "f800 07e0 001f"));
        assertEquals("112233", shown(BGR_HIGH, 1, 1, 0, "33221100"));
    }

    @Test
    void channelsAreWidenedToTheNearestByte() throws IOException {
        assertEquals("ffffff 249255", shown(PixelFormat.BGR233, 2, 1, 0, "ff 61"));
        assertEquals("ff8000", shown(RGB101010, 1, 1, 0, "0008f83f"));
    }

    @Test
    void rawLooksColoursUpInTheMap() throws IOException {
        ServerBytes server = ServerBytes.session(MAPPED, 2, 1)
                .u8(1, 0).u16(7, 2).u16(0xffff, 0x8080, 0x0000).u16(0x1234, 0x5678, 0x9abc)
                .update(1).rect(0, 0, 2, 1, 0).hex("07 08");
        assertEquals("ff8000 12569a", Play.show(server).picture());
    }

    @Test
    void copyRectMovesOverlappingAreas() throws IOException {
        ServerBytes server = ServerBytes.session(PixelFormat.BGR233, 4, 1).update(2)
                .rect(0, 0, 4, 1, 0).hex("00 07 38 c0")
                .rect(1, 0, 3, 1, 1).u16(0, 0);
        assertEquals("000000 000000 ff0000 00ff00", Play.show(server).picture());
        ServerBytes down = ServerBytes.session(PixelFormat.BGR233, 1, 4).update(2)
                .rect(0, 0, 1, 4, 0).hex("00 07 38 c0")
                .rect(0, 1, 1, 3, 1).u16(0, 0);
        assertEquals("000000/000000/ff0000/00ff00", Play.show(down).picture());
    }

    @Test
    void rreAndCorreFillSubrectangles() throws IOException {
        assertEquals("000000 ff0000/000000 ff0000",
                shown(PixelFormat.BGR233, 2, 2, 2, "00000001 00 07 0001 0000 0001 0002"));
        assertEquals("000000 ff0000/000000 ff0000",
                shown(PixelFormat.BGR233, 2, 2, 4, "00000001 00 07 01 00 01 02"));
    }

    @Test
    void hextileKeepsColoursFromTileToTile() throws IOException {
        // Two tiles: background and foreground given, then both taken over.
        String data = "0e 38 07 01 00 00" + "08 01 10 00";
        String picture = shown(PixelFormat.BGR233, 18, 1, 5, data);
        assertEquals("ff0000 " + "00ff00 ".repeat(15) + "00ff00 ff0000", picture);
    }

    @Test
    void hextileRawAndColouredTiles() throws IOException {
        assertEquals("ff0000 00ff00", shown(PixelFormat.BGR233, 2, 1, 5, "01 07 38"));
        assertEquals("ff0000 00ff00", shown(PixelFormat.BGR233, 2, 1, 5, "1a 07 01 38 10 00"));
    }

    @Test
    void zlibGoesOnFromRectangleToRectangle() throws IOException {
        byte[] packed = ServerBytes.zlib(new byte[] {7, 0x38, (byte) 0xc0, 0});
        ServerBytes server = ServerBytes.session(PixelFormat.BGR233, 4, 1).update(1)
                .rect(0, 0, 4, 1, 6).u32(packed.length).bytes(packed);
        assertEquals("ff0000 00ff00 0000ff 000000", Play.show(server).picture());
    }

    @Test
    void emptyRectanglesAreFine() throws IOException {
        ServerBytes server = ServerBytes.session(PixelFormat.BGR233, 1, 1).update(3)
                .rect(0, 0, 0, 0, 0).rect(1, 1, 0, 0, 5).rect(0, 0, 1, 1, 0).hex("07");
        assertEquals("ff0000", Play.show(server).picture());
    }
}
