package org.xvpproxy.viewer.rfb;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.xvpproxy.viewer.Play;
import org.xvpproxy.viewer.ServerBytes;

/** Lengths, sizes and counts that lie end the session with one sentence, before anything is allocated. */
class HostileServerTest {

    private static void assertRefused(ServerBytes server) {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            IOException refused = assertThrows(IOException.class, () -> Play.show(server));
            assertTrue(refused instanceof RfbException || refused instanceof SessionEnded, refused.toString());
            assertTrue(refused.getMessage().matches("[A-Z][^\\n]*\\."), refused.getMessage());
        });
    }

    private static ServerBytes server() {
        return ServerBytes.session(PixelFormat.RGB888, 100, 100);
    }

    @Test
    void hugeScreens() {
        assertRefused(ServerBytes.session(PixelFormat.RGB888, 65535, 65535));
        assertRefused(server().update(1).rect(0, 0, 65535, 65535, -223));
        assertRefused(server().update(1).rect(0, 0, 65535, 65535, -308).u8(0, 0, 0, 0));
    }

    @Test
    void rectanglesOutside() {
        for (int encoding : new int[] {0, 1, 2, 4, 5, 6, 7, 15, 16, -260}) {
            assertRefused(server().update(1).rect(99, 0, 2, 1, encoding).bytes(new byte[100]));
            assertRefused(server().update(1).rect(0, 65535, 1, 1, encoding).bytes(new byte[100]));
        }
        assertRefused(server().update(1).rect(0, 0, 50, 50, 1).u16(51, 0));
    }

    @Test
    void subrectanglesOutside() {
        assertRefused(server().update(1).rect(0, 0, 9, 9, 2).u32(1, 0, 0).u16(9, 0, 1, 1));
        assertRefused(server().update(1).rect(0, 0, 9, 9, 4).u32(1, 0, 0).u8(0, 0, 1, 10));
        assertRefused(server().update(1).rect(0, 0, 9, 9, 5).u8(10).u32(0).u8(1, 0x80, 0x10));
    }

    @Test
    void countsWithoutEnd() {
        assertRefused(server().update(1).rect(0, 0, 9, 9, 2).u32(-1, 0).bytes(new byte[5000]));
        assertRefused(server().update(65535).rect(0, 0, 1, 1, 0).u32(0));
    }

    @Test
    void lengthsOfGigabytes() {
        assertRefused(server().update(1).rect(0, 0, 9, 9, 6).u32(-1).bytes(ServerBytes.zlib(new byte[324])));
        assertRefused(server().update(1).rect(0, 0, 9, 9, 16).u32(0x7fffffff).bytes(new byte[50]));
        assertRefused(server().update(1).rect(0, 0, 0, 0, -307).u32(-1));
        assertRefused(server().u8(3, 0, 0, 0).u32(0x7fffffff));
        assertRefused(server().u8(3, 0, 0, 0).u32(0x80000000L));
        assertRefused(server().u8(3, 0, 0, 0).u32(-2).u16(0));
        assertRefused(server().u8(1, 0).u16(65535, 2).bytes(new byte[12]));
        assertRefused(server().u8(248, 0, 0, 0).u32(1).u8(65).bytes(new byte[65]));
    }

    @Test
    void clipboardBombs() {
        byte[] bomb = ServerBytes.zlib(new ServerBytes().u32(9 << 20).bytes(new byte[1000]).toBytes());
        assertRefused(server().u8(3, 0, 0, 0).u32(-4 - bomb.length).u32(0x10000001).bytes(bomb));
        assertRefused(server().u8(3, 0, 0, 0).u32(-8).u32(0x10000001).hex("00112233"));
    }

    @Test
    void unknownMessagesAndEncodings() {
        assertRefused(server().u8(77));
        assertRefused(server().update(1).rect(0, 0, 1, 1, 21));
        assertRefused(server().update(1).rect(0, 0, 1, 1, -314).u32(1));
    }

    @Test
    void pixelFormatsWithoutSense() {
        assertRefused(ServerBytes.session(new PixelFormat(24, 24, false, true, 255, 255, 255, 16, 8, 0), 1, 1));
        assertRefused(ServerBytes.session(new PixelFormat(8, 8, false, true, 255, 255, 255, 16, 8, 0), 1, 1));
        assertRefused(ServerBytes.session(new PixelFormat(32, 24, false, true, 0, 255, 255, 16, 8, 0), 1, 1));
        assertRefused(ServerBytes.session(new PixelFormat(32, 24, false, true, 255, 255, 255, 16, 8, 200), 1, 1));
    }
}
