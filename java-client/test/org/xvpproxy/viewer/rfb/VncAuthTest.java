package org.xvpproxy.viewer.rfb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DES with mirrored key bits, against known values. */
class VncAuthTest {

    @ParameterizedTest
    @CsvSource({
        "password, b866924125c8eebb9debc1db61c538e2",
        "secret12, adcd997f8e16fee575e973f93c2b62b4",
        "abc, 9c22b4f2088c3465a1562c4b9d6edb04",
        "'', 491e890de9ace932838a49792f2213f3",
        "longerpassword, e643133ce9c50a862501251cc33e1e39"})
    void answersAChallenge(String password, String expected) {
        byte[] challenge = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        assertEquals(expected, HexFormat.of().formatHex(VncAuth.response(password.toCharArray(), challenge)));
    }

    @ParameterizedTest
    @CsvSource({"dbd83cfd727a1458, password", "24b5ae4ce15503c6, secret12", "9c0a172d3482e122, abc",
        "494015f9a35e8b22, 123456"})
    void revealsObfuscatedPasswords(String hex, String expected) {
        assertEquals(expected, new String(VncAuth.reveal(hex)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "24b5ae4ce15503cg", "24b5ae4ce15503c6ff"})
    void refusesWhatIsNotSixteenHexDigits(String hex) {
        assertThrows(IllegalArgumentException.class, () -> VncAuth.reveal(hex));
        assertThrows(IllegalArgumentException.class, () -> VncAuth.raw(hex));
    }
}
