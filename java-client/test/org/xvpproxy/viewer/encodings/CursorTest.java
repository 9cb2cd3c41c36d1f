package org.xvpproxy.viewer.encodings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;

import org.junit.jupiter.api.Test;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.ServerBytes;
import org.xvpproxy.viewer.rfb.CursorShape;
import org.xvpproxy.viewer.rfb.PixelFormat;
import org.xvpproxy.viewer.rfb.RfbException;

/** The pointer's shape in its three forms. */
class CursorTest {

    private static CursorShape cursor(int x, int y, int w, int h, int encoding, String data) throws IOException {
        return Play.show(ServerBytes.session(PixelFormat.RGB888, 10, 10).update(1).rect(x, y, w, h, encoding)
                .hex(data)).cursor;
    }

    @Test
    void richCursorIsOpaqueWhereItsMaskSays() throws IOException {
        CursorShape shape = cursor(1, 0, 2, 1, -239, "332211aa 66554400 40");
        assertEquals(1, shape.hotX());
        assertArrayEquals(new int[] {0, 0xff445566}, shape.argb());
    }

    @Test
    void twoColourCursor() throws IOException {
        // Primary red, secondary blue; of three pixels primary, secondary, transparent.
        CursorShape shape = cursor(0, 0, 3, 1, -240, "ff0000 0000ff 80 c0");
        assertArrayEquals(new int[] {0xffff0000, 0xff0000ff, 0}, shape.argb());
    }

    @Test
    void alphaCursorIsDividedByItsAlpha() throws IOException {
        CursorShape shape = cursor(0, 0, 3, 1, -314, "00000000 40200080 102030ff 00000000");
        assertArrayEquals(new int[] {0x80804000, 0xff102030, 0}, shape.argb());
    }

    @Test
    void alphaCursorInAnotherEncoding() throws IOException {
        byte[] packed = ServerBytes.zlib(new byte[] {1, 0x10, 0x20, 0x30, (byte) 0xff});
        CursorShape shape = Play.show(ServerBytes.session(PixelFormat.RGB888, 10, 10).update(1)
                .rect(0, 0, 1, 2, -314).u32(16).u32(packed.length).bytes(packed)).cursor;
        assertArrayEquals(new int[] {0xff102030, 0xff102030}, shape.argb());
    }

    @Test
    void emptyCursorsAreHidden() throws IOException {
        for (int encoding : new int[] {-239, -240}) {
            assertTrue(cursor(0, 0, 0, 0, encoding, "").hidden());
        }
        assertTrue(cursor(0, 0, 0, 0, -314, "00000000").hidden());
    }

    @Test
    void hugeCursorsAreRefusedBeforeTheyAreAllocated() {
        for (int encoding : new int[] {-239, -240}) {
            assertThrows(RfbException.class, () -> cursor(0, 0, 65535, 65535, encoding, ""));
        }
        assertThrows(RfbException.class, () -> cursor(0, 0, 65535, 65535, -314, "00000000"));
    }
}
