package org.xvpproxy.viewer.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way to the first byte of RFB, against a gateway of literal bytes. */
@Timeout(60)
class DialerTest {

    private static final Trust NOBODY = new Trust(null, null, new Pins(Path.of("build", "no-pins")), null);

    private static Transport open(FakeGateway gateway) throws IOException {
        return open(gateway.port(), ProxyChoice.system(), Timeouts.DEFAULT);
    }

    private static Transport open(int port, ProxyChoice proxy, Timeouts timeouts) throws IOException {
        return new Dialer(NOBODY, proxy, timeouts)
                .open(Target.parse("http://127.0.0.1:" + port + "/console?token=SECRET"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Y: z\r\nServer: s\r\n\r\n", "HTTP/1.1 200 OK\n\n"})
    void keepsTheBytesBehindTheEmptyLine(String head) throws IOException {
        try (FakeGateway gateway = new FakeGateway(head + "RFB 003.008\n"); Transport transport = open(gateway)) {
            assertArrayEquals("RFB 003.008\n".getBytes(StandardCharsets.US_ASCII), transport.in().readNBytes(12));
            assertEquals(List.of("CONNECT /console?token=SECRET HTTP/1.0\r\n\r\n"), gateway.requests);
            assertFalse(transport.encrypted());
        }
    }

    @Test
    void refusalsCarryEverythingTheGatewaySaid() throws IOException {
        String reply = "HTTP/1.1 401 Not Authorized\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n"
                + "X-Request-Id: req-7\r\nConnection: close\r\n\r\nThe token is stale.\nand more";
        try (FakeGateway gateway = new FakeGateway(reply)) {
            TunnelRefused refused = assertThrows(TunnelRefused.class, () -> open(gateway));
            assertEquals(401, refused.status());
            assertEquals("Not Authorized", refused.reason());
            assertEquals("The token is stale.", refused.body());
            assertEquals("req-7", refused.requestId());
            assertFalse(refused.retryMayHelp());
            assertTrue(refused.advice().contains("new access URL"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 204, 301, 400, 401, 403, 404, 407, 408, 409, 429, 431, 500, 502, 503, 504, 999})
    void everyOtherStatusIsARefusalWithAdvice(int status) throws IOException {
        try (FakeGateway gateway = new FakeGateway("HTTP/1.1 " + status + " Some Reason\r\n\r\n")) {
            TunnelRefused refused = assertThrows(TunnelRefused.class, () -> open(gateway));
            assertEquals(status, refused.status());
            assertTrue(refused.sentence().endsWith("."));
            assertTrue(refused.advice().endsWith(".") && refused.advice().length() > 10);
            assertFalse((refused.getMessage() + refused.sentence() + refused.advice()).contains("SECRET"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n"})
    void repliesThatAreNotHttp(String reply) throws IOException {
        try (FakeGateway gateway = new FakeGateway(reply)) {
            IOException failed = assertThrows(IOException.class, () -> open(gateway));
            assertFalse(failed instanceof TunnelRefused, failed.toString());
            assertTrue(failed.getMessage().endsWith("."), failed.getMessage());
        }
    }

    @Test
    void endlessHeadsAreCutOff() throws IOException {
        String endless = "HTTP/1.1 200 OK\r\n" + "X-Filler: abcdefghijklmnopqrstuvwxyz\r\n".repeat(1000);
        try (FakeGateway gateway = new FakeGateway(endless)) {
            assertTrue(assertThrows(IOException.class, () -> open(gateway)).getMessage().contains("8192"));
        }
    }

    @Test
    void silenceIsTimedOut() throws IOException {
        ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        try (FakeGateway gateway = new FakeGateway(listener, "HTTP/1.1 200", true)) {
            IOException failed = assertThrows(IOException.class,
                    () -> open(gateway.port(), ProxyChoice.system(), new Timeouts(5, 5, 1)));
            assertEquals("The gateway has not answered within 1 seconds.", failed.getMessage());
        }
    }

    @Test
    void aWaitingDialerCanBeCancelled() throws Exception {
        ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        try (FakeGateway gateway = new FakeGateway(listener, "HTTP/1.1 200", true)) {
            Dialer dialer = new Dialer(NOBODY, ProxyChoice.system(), Timeouts.DEFAULT);
            Target target = Target.parse("http://127.0.0.1:" + gateway.port() + "/console?token=SECRET");
            Thread canceller = new Thread(() -> {
                while (gateway.requests.isEmpty()) {
                    Thread.onSpinWait();
                }
                dialer.cancel();
            });
            canceller.start();
            assertThrows(IOException.class, () -> dialer.open(target));
            canceller.join();
            IOException later = assertThrows(IOException.class, () -> dialer.open(target));
            assertEquals("Connecting was cancelled.", later.getMessage());
        }
    }

    @Test
    void silentTlsIsTimedOut() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Target target = Target.parse("https://127.0.0.1:" + listener.getLocalPort() + "/?token=T");
            Dialer dialer = new Dialer(NOBODY, ProxyChoice.system(), new Timeouts(5, 1, 5));
            IOException failed = assertThrows(IOException.class, () -> dialer.open(target));
            assertTrue(failed.getMessage().contains("not done within 1 seconds"), failed.getMessage());
        }
    }

    @Test
    void refusedConnectionsAndUnknownHostsSaySo() throws IOException {
        int closed;
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = listener.getLocalPort();
        }
        IOException refused = assertThrows(IOException.class,
                () -> open(closed, ProxyChoice.system(), Timeouts.DEFAULT));
        assertEquals("Nothing listens at 127.0.0.1:" + closed + " (connection refused).", refused.getMessage());
        IOException unknown = assertThrows(IOException.class, () -> new Dialer(NOBODY, ProxyChoice.system(),
                Timeouts.DEFAULT).open(Target.parse("http://no-such-host.invalid/?token=SECRET")));
        assertEquals("The host name no-such-host.invalid cannot be resolved.", unknown.getMessage());
    }

    @Test
    void webSocketUrlsAreNamedAsSuch() {
        IOException failed = assertThrows(IOException.class, () -> new Dialer(NOBODY, ProxyChoice.system(),
                Timeouts.DEFAULT).open(Target.parse("http://127.0.0.1:1/vnc_lite.html?path=?token=SECRET")));
        assertTrue(failed.getMessage().contains("not available in this version"));
    }

    @Test
    void goesThroughAnHttpProxy() throws IOException {
        // The same fake answers as the proxy and then, through itself, as the gateway's RFB side.
        try (FakeGateway proxy = new FakeGateway("HTTP/1.1 200 Connection established\r\n\r\nRFB 003.008\n")) {
            ProxyChoice choice = ProxyChoice.parse("http://me:pw@127.0.0.1:" + proxy.port());
            Transport transport = new Dialer(NOBODY, choice, Timeouts.DEFAULT).open(Target.parse("console.invalid:7"));
            try (transport) {
                assertArrayEquals("RFB 0".getBytes(StandardCharsets.US_ASCII), transport.in().readNBytes(5));
            }
            assertEquals("CONNECT console.invalid:5907 HTTP/1.0\r\nProxy-Authorization: Basic bWU6cHc=\r\n\r\n",
                    proxy.requests.get(0));
        }
    }

    @Test
    void aProxysRefusalIsNotTheGateways() throws IOException {
        try (FakeGateway proxy = new FakeGateway("HTTP/1.1 403 Forbidden\r\n\r\n")) {
            IOException failed = assertThrows(IOException.class,
                    () -> open(9, ProxyChoice.parse("127.0.0.1:" + proxy.port()), Timeouts.DEFAULT));
            assertFalse(failed instanceof TunnelRefused);
            assertTrue(failed.getMessage().startsWith("The proxy 127.0.0.1:" + proxy.port() + " refused"));
        }
    }

    @Test
    void systemPropertiesChooseAProxy() throws IOException {
        try (FakeGateway proxy = new FakeGateway("HTTP/1.1 502 No\r\n\r\n")) {
            System.setProperty("https.proxyHost", "127.0.0.1");
            System.setProperty("https.proxyPort", "" + proxy.port());
            Dialer dialer = new Dialer(NOBODY, ProxyChoice.system(), Timeouts.DEFAULT);
            assertThrows(IOException.class, () -> dialer.open(Target.parse("https://gateway.invalid/?token=SECRET")));
            assertEquals("CONNECT gateway.invalid:443 HTTP/1.0\r\n\r\n", proxy.requests.get(0));
        } finally {
            System.clearProperty("https.proxyHost");
            System.clearProperty("https.proxyPort");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://h:1", "http://", "http://h:1 2", "socks://u:p@h:1"})
    void proxiesWithoutSense(String url) {
        assertThrows(IllegalArgumentException.class, () -> ProxyChoice.parse(url));
    }

    @Test
    void goesThroughASocksProxy() throws IOException {
        try (FakeSocks proxy = new FakeSocks()) {
            ProxyChoice choice = ProxyChoice.parse("socks://127.0.0.1:" + proxy.port());
            Transport transport = new Dialer(NOBODY, choice, Timeouts.DEFAULT).open(Target.parse("console.invalid:7"));
            try (transport) {
                assertArrayEquals("RFB 0".getBytes(StandardCharsets.US_ASCII), transport.in().readNBytes(5));
            }
            assertEquals("console.invalid:5907", proxy.asked());
        }
    }
}
