package org.xvpproxy.viewer.encodings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.ServerBytes;
import org.xvpproxy.viewer.rfb.PixelFormat;
import org.xvpproxy.viewer.rfb.RfbException;

/** Tight, its relatives, and the parts no recorded stream holds. */
class TightTest {

    private static final PixelFormat RGB565 = new PixelFormat(16, 16, false, true, 31, 63, 31, 11, 5, 0);

    private static ServerBytes rect(PixelFormat format, int w, int h, int encoding) {
        return ServerBytes.session(format, w, h).update(1).rect(0, 0, w, h, encoding);
    }

    private static ServerBytes withLength(ServerBytes server, byte[] data) {
        int length = data.length;
        if (length < 128) {
            return server.u8(length).bytes(data);
        }
        return length < 16384 ? server.u8(length & 127 | 128, length >> 7).bytes(data)
                : server.u8(length & 127 | 128, length >> 7 & 127 | 128, length >> 14).bytes(data);
    }

    @Test
    void fillIsRedGreenBlueWhateverTheShifts() throws IOException {
        assertEquals("112233", Play.show(rect(PixelFormat.RGB888, 1, 1, 7).hex("80 112233")).picture());
        PixelFormat bgr = new PixelFormat(32, 24, true, true, 255, 255, 255, 0, 8, 16);
        assertEquals("112233", Play.show(rect(bgr, 1, 1, 7).hex("80 112233")).picture());
        assertEquals("ff0000", Play.show(rect(RGB565, 1, 1, 7).hex("80 00f8")).picture());
    }

    @Test
    void lessThanTwelveBytesAreNotCompressed() throws IOException {
        assertEquals("112233 445566", Play.show(rect(PixelFormat.RGB888, 2, 1, 7).hex("00 112233 445566")).picture());
        assertEquals("112233 445566", Play.show(rect(PixelFormat.RGB888, 2, 1, 7)
                .hex("40 01 01 112233 445566 40")).picture());
    }

    @Test
    void paletteOverSixteenBitPixels() throws IOException {
        assertEquals("ff0000 00ff00 0000ff", Play.show(rect(RGB565, 3, 1, 7)
                .hex("40 01 02 00f8 e007 1f00 000102")).picture());
    }

    @Test
    void aPaletteOfOneColour() throws IOException {
        assertEquals("112233 112233", Play.show(rect(PixelFormat.RGB888, 2, 1, 7)
                .hex("40 01 00 112233 0000")).picture());
    }

    @Test
    void withoutZlib() throws IOException {
        assertEquals("112233 445566", Play.show(rect(PixelFormat.RGB888, 2, 1, 7).hex("a0 112233 445566")).picture());
        assertEquals("010203 010203 010203 010203", Play.show(rect(PixelFormat.RGB888, 4, 1, 7)
                .hex("a0 0c 010203 010203 010203 010203")).picture());
        String indices = "00010001000100010001 0001";
        assertEquals("112233 445566 ".repeat(6).strip(), Play.show(rect(PixelFormat.RGB888, 12, 1, 7)
                .hex("e0 01 02 112233 445566 778899 0c" + indices)).picture());
    }

    @Test
    void gradientOverSixteenBitPixels() throws IOException {
        // Red 1, then the guess (left) plus 1: 2; below: up 1 + left 0 - upleft 0.
        assertEquals("080000 100000/080000 100000", Play.show(rect(RGB565, 2, 2, 7)
                .hex("40 02 0008 0008 0000 0000")).picture());
    }

    @Test
    void aStreamIsResetBeforeUse() throws IOException {
        byte[] packed = ServerBytes.zlib(new byte[36]);
        ServerBytes server = ServerBytes.session(PixelFormat.RGB888, 12, 1).update(2);
        withLength(server.rect(0, 0, 12, 1, 7).u8(0x00), packed);
        withLength(server.rect(0, 0, 12, 1, 7).u8(0x01), packed);
        assertEquals("000000 ".repeat(12).strip(), Play.show(server).picture());
    }

    @Test
    void lengthsOfThreeBytes() throws IOException {
        byte[] noise = new byte[100 * 100 * 3];
        new java.util.Random(5).nextBytes(noise);
        ServerBytes server = withLength(rect(PixelFormat.RGB888, 100, 100, 7).u8(0), ServerBytes.zlib(noise));
        String last = String.format("%02x%02x%02x", noise[29997], noise[29998], noise[29999]);
        assertEquals(last, Play.show(server).picture().replaceFirst(".*[ /]", ""));
    }

    @Test
    void pngPictures() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x112233);
        image.setRGB(1, 0, 0xfedcba);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        ServerBytes server = withLength(rect(PixelFormat.RGB888, 2, 1, -260).u8(0xa0), png.toByteArray());
        assertEquals("112233 fedcba", Play.show(server).picture());
        ServerBytes wrongSize = withLength(rect(PixelFormat.RGB888, 1, 1, -260).u8(0xa0), png.toByteArray());
        assertThrows(RfbException.class, () -> Play.show(wrongSize));
        ServerBytes cut = withLength(rect(PixelFormat.RGB888, 2, 1, -260).u8(0xa0),
                java.util.Arrays.copyOf(png.toByteArray(), 40));
        assertThrows(RfbException.class, () -> Play.show(cut));
    }

    @ParameterizedTest
    @ValueSource(strings = {"b0", "c0", "d0", "f0", "40 03 00", "90 03 ffd8ff", "90 00", "a0 0b 00",
        "40 01 01 112233 445566", "00 05 ffffffffff", "40 01 02 112233 445566 778899 03"})
    void nonsenseIsRefused(String data) {
        assertThrows(IOException.class, () -> Play.show(rect(PixelFormat.RGB888, 4, 1, 7).hex(data)));
    }

    @Test
    void tooMuchCompressedDataIsRefused() {
        ServerBytes server = withLength(rect(PixelFormat.RGB888, 4, 1, 7).u8(0), ServerBytes.zlib(new byte[200_000]));
        assertThrows(RfbException.class, () -> Play.show(server));
    }
}
