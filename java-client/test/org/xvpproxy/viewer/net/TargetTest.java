package org.xvpproxy.viewer.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access URLs and hosts as people paste them. */
class TargetTest {

    @ParameterizedTest
    @CsvSource({
        "http://h/console?token=T, h:80, false, /console?token=T, CONNECT",
        "https://h/console?token=T, h:443, true, /console?token=T, CONNECT",
        "HTTPS://h:6081/console?token=T, h:6081, true, /console?token=T, CONNECT",
        "http://[::1]:6081/console?token=T, [::1]:6081, false, /console?token=T, CONNECT",
        "http://h:6081?token=T, h:6081, false, /?token=T, CONNECT",
        "http://h/a%20b?token=%41&x=y, h:80, false, /a%20b?token=%41&x=y, CONNECT",
        "http://h:6080/vnc_lite.html?path=%3Ftoken%3DT, h:6080, false, /vnc_lite.html?path=%3Ftoken%3DT, WEBSOCKET",
        "http://h:6080/vnc_auto.html?token=T&title=x, h:6080, false, /vnc_auto.html?token=T&title=x, WEBSOCKET",
        "https://h/?a=b&path=?token=T, h:443, true, /?a=b&path=?token=T, WEBSOCKET",
        "wss://h/x?token=T, h:443, true, /x?token=T, WEBSOCKET"})
    void accessUrls(String url, String display, boolean tls, String path, Target.Kind kind) {
        Target target = Target.parse(" " + url + "\n");
        assertEquals(display, target.display());
        assertEquals(tls, target.tls());
        assertEquals(path, target.requestPath());
        assertEquals(kind, target.kind());
        assertFalse(target.toString().contains("token"), "the token is never printed");
    }

    @ParameterizedTest
    @CsvSource({"h, h:5900", "h:1, h:5901", "h:99, h:5999", "h:5901, h:5901", "h::5901, h:5901", "h::1, h:1",
        "[::1]:2, [::1]:5902", "[::1]::7, [::1]:7", "10.0.0.1:0, 10.0.0.1:5900", "vnc://h::7/, h:7"})
    void plainServers(String text, String display) {
        Target target = Target.parse(text);
        assertEquals(display, target.display());
        assertEquals(Target.Kind.PLAIN_VNC, target.kind());
        assertNull(target.requestPath());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http:///console?token=SECRET", "http://h:99999/?token=SECRET", "ftp://h/?token=SECRET",
        "http://u:SECRET@h/?token=SECRET", "http://h/ ?token=SECRET", "http://h/?token=SECRET%zz",
        "h/console?token=SECRET", "http://h/?token=SECRET\u00e9", "http://h_x/?token=SECRET", "SECRET://token=SECRET",
        "", "h:", "h:x", "a b", "h::70000", "h::0"})
    void nonsenseIsRefusedWithoutRepeatingTheToken(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Target.parse(text));
        assertFalse(refused.getMessage().toUpperCase().contains("SECRET"), refused.getMessage());
    }

    @Test
    void headerInjectionIsImpossible() {
        assertThrows(IllegalArgumentException.class, () -> Target.parse("http://h/?token=T\r\nX: y"));
    }
}
