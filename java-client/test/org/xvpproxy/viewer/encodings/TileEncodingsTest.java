package org.xvpproxy.viewer.encodings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.ServerBytes;
import org.xvpproxy.viewer.rfb.PixelFormat;
import org.xvpproxy.viewer.rfb.RfbException;

/** ZRLE and TRLE byte by byte: what no recorded stream holds. */
class TileEncodingsTest {

    private static final PixelFormat HIGH = new PixelFormat(32, 24, false, true, 255, 255, 255, 24, 16, 8);

    private static String zrle(PixelFormat format, int w, int h, String tiles) throws IOException {
        byte[] packed = ServerBytes.zlib(HexFormat.of().parseHex(tiles.replace(" ", "")));
        return Play.show(ServerBytes.session(format, w, h).update(1).rect(0, 0, w, h, 16).u32(packed.length)
                .bytes(packed)).picture();
    }

    private static String trle(int w, int h, String tiles) throws IOException {
        return Play.show(ServerBytes.session(PixelFormat.BGR233, w, h).update(1).rect(0, 0, w, h, 15).hex(tiles))
                .picture();
    }

    @Test
    void plainRunsCrossRows() throws IOException {
        assertEquals("112233 112233/112233 445566", zrle(PixelFormat.RGB888, 2, 2, "80 332211 02 665544 00"));
    }

    @Test
    void runsLongerThan255() throws IOException {
        // 1 + 255 + 255 + 1 = 512 pixels of the first colour, 88 of the second.
        String picture = zrle(PixelFormat.BGR233, 60, 10, "80 07 ff ff 01 38 57");
        assertEquals(512, picture.split("ff0000", -1).length - 1);
        assertEquals(88, picture.split("00ff00", -1).length - 1);
    }

    @Test
    void compactPixelsTakeTheThreeBytesThatCount() throws IOException {
        assertEquals("332211", zrle(HIGH, 1, 1, "01 112233"));
        PixelFormat bigEndian = new PixelFormat(32, 24, true, true, 255, 255, 255, 16, 8, 0);
        assertEquals("112233", zrle(bigEndian, 1, 1, "01 112233"));
        PixelFormat highBigEndian = new PixelFormat(32, 24, true, true, 255, 255, 255, 24, 16, 8);
        assertEquals("112233", zrle(highBigEndian, 1, 1, "01 112233"));
        PixelFormat deep = new PixelFormat(32, 32, false, true, 255, 255, 255, 16, 8, 0);
        assertEquals("112233", zrle(deep, 1, 1, "01 33221100"));
    }

    @Test
    void packedPaletteRowsBeginOnBytes() throws IOException {
        assertEquals("ff0000 00ff00 ff0000/00ff00 ff0000 00ff00", trle(3, 2, "02 07 38 40 a0"));
        assertEquals("0000ff 00ff00 ff0000", trle(3, 1, "03 07 38 c0 90"));
        assertEquals("0000ff 00ff00 ff0000", trle(3, 1, "05 07 38 c0 00 00 21 00"));
    }

    @Test
    void paletteRunsAndReuse() throws IOException {
        String first = "82 07 38 00 81 0e";
        // Tile 1: palette RLE, one pixel red and fifteen green; tile 2 reuses it packed, tile 3 with runs.
        String picture = trle(36, 1, first + "7f 5555" + "81 80 02 01");
        assertEquals("ff0000 " + "00ff00 ".repeat(15) + "ff0000 00ff00 ".repeat(8) + "ff0000 ff0000 ff0000 00ff00",
                picture);
    }

    @Test
    void trleRawSolidAndPlainRuns() throws IOException {
        assertEquals("ff0000 00ff00", trle(2, 1, "00 07 38"));
        assertEquals("ff0000 ff0000", trle(2, 1, "01 07"));
        assertEquals("ff0000 ff0000 00ff00", trle(3, 1, "80 07 01 38 00"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"11", "7e", "7f 00", "81 00", "80 07 ff 00", "80 07 04", "03 07 38 c0 ff", "82 07 38 02",
        "82 07 38 80 03"})
    void nonsenseIsRefused(String tile) {
        assertThrows(RfbException.class, () -> trle(3, 1, tile));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7f 00", "81 00"})
    void zrleHasNoReuse(String tile) {
        assertThrows(RfbException.class, () -> zrle(PixelFormat.BGR233, 66, 1, "02 07 38 0000000000000000" + tile));
    }

    @Test
    void compressedDataMustBeEnough() {
        assertThrows(RfbException.class, () -> zrle(PixelFormat.RGB888, 2, 2, "80 332211 02"));
    }
}
