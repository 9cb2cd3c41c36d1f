package org.xvpproxy.viewer.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom the viewer believes, against real TLS servers with certificates made for the occasion. */
@Timeout(60)
class TlsTest {

    private static final char[] STORE_PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    @TempDir
    Path home;

    private final List<UntrustedCertificate> asked = new ArrayList<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        make("good", "san=dns:localhost,ip:127.0.0.1", "-validity", "30");
        make("other", "san=dns:localhost,ip:127.0.0.1", "-validity", "30");
        make("elsewhere", "san=dns:elsewhere.example", "-validity", "30");
        make("expired", "san=dns:localhost,ip:127.0.0.1", "-startdate", "-30d", "-validity", "1");
    }

    private static void make(String name, String alternative, String... validity) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool")
                .toString(), "-genkeypair", "-alias", "key", "-keyalg", "EC", "-dname", "CN=" + name, "-ext",
                alternative, "-keystore", folder.resolve(name).toString(), "-storepass", "changeit"));
        command.addAll(List.of(validity));
        run(command);
        run(List.of(command.get(0), "-exportcert", "-rfc", "-alias", "key", "-file",
                folder.resolve(name + ".pem").toString(), "-keystore", folder.resolve(name).toString(), "-storepass",
                "changeit"));
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    private static KeyStore store(String name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            store.load(in, STORE_PASSWORD);
        }
        return store;
    }

    private static FakeGateway server(String name, int port) throws IOException, GeneralSecurityException {
        return server(name, port, "HTTP/1.1 200 OK\r\n\r\nRFB 003.008\n");
    }

    private static FakeGateway server(String name, int port, String answer)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(name), STORE_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        ServerSocket listener = context.getServerSocketFactory()
                .createServerSocket(port, 50, InetAddress.getLoopbackAddress());
        return new FakeGateway(listener, answer, true);
    }

    private static String fingerprint(String name) throws IOException, GeneralSecurityException {
        return Trust.fingerprint((X509Certificate) store(name).getCertificate("key"));
    }

    private Pins pins() {
        return new Pins(home.resolve("config").resolve("viewer-pins"));
    }

    private void open(FakeGateway gateway, Trust trust) throws IOException {
        Target target = Target.parse("https://127.0.0.1:" + gateway.port() + "/console?token=SECRET");
        try (Transport transport = new Dialer(trust, ProxyChoice.system(), Timeouts.DEFAULT).open(target)) {
            assertArrayEquals("RFB 003.008\n".getBytes(StandardCharsets.US_ASCII), transport.in().readNBytes(12));
            assertTrue(transport.encrypted());
        }
    }

    private CertificateQuestion answering(boolean answer) {
        return certificate -> {
            asked.add(certificate);
            return answer;
        };
    }

    @Test
    void aCaFileIsTrustedForTheRightNameOnly() throws Exception {
        try (FakeGateway good = server("good", 0); FakeGateway elsewhere = server("elsewhere", 0)) {
            open(good, new Trust(folder.resolve("good.pem"), null, pins(), null));
            CertificateRefused refused = assertThrows(CertificateRefused.class,
                    () -> open(elsewhere, new Trust(folder.resolve("elsewhere.pem"), null, pins(), null)));
            assertTrue(refused.getMessage().startsWith("The certificate is not made out to 127.0.0.1."));
            assertTrue(elsewhere.requests.stream().noneMatch(r -> r.contains("SECRET")), "nothing was sent");
        }
    }

    @Test
    void withoutAnybodyToAskTheFingerprintIsNamed() throws Exception {
        try (FakeGateway gateway = server("good", 0)) {
            CertificateRefused refused = assertThrows(CertificateRefused.class,
                    () -> open(gateway, new Trust(null, null, pins(), null)));
            assertTrue(refused.getMessage().contains("signed by nobody"), refused.getMessage());
            assertTrue(refused.getMessage().contains("--fingerprint " + fingerprint("good")));
            assertTrue(gateway.requests.stream().noneMatch(r -> r.contains("SECRET")), "nothing was sent");
        }
    }

    @Test
    void aFingerprintTrustsExactlyOneCertificate() throws Exception {
        try (FakeGateway expired = server("expired", 0)) {
            open(expired, new Trust(null, fingerprint("expired").replace(":", "").toLowerCase(), pins(), null));
            assertThrows(CertificateRefused.class,
                    () -> open(expired, new Trust(null, fingerprint("good"), pins(), answering(true))));
        }
        try (FakeGateway good = server("good", 0)) {
            assertThrows(CertificateRefused.class, () -> open(good,
                    new Trust(folder.resolve("good.pem"), fingerprint("other"), pins(), answering(true))));
        }
        assertTrue(asked.isEmpty());
    }

    @Test
    void theUserIsAskedOnceAndThePinHolds() throws Exception {
        int port;
        try (FakeGateway gateway = server("good", 0)) {
            port = gateway.port();
            assertThrows(CertificateRefused.class,
                    () -> open(gateway, new Trust(null, null, pins(), answering(false))));
            assertNull(pins().get("127.0.0.1", port));
            open(gateway, new Trust(null, null, pins(), answering(true)));
            open(gateway, new Trust(null, null, pins(), null));
        }
        assertEquals(2, asked.size());
        assertEquals(fingerprint("good"), asked.get(1).sha256());
        assertNull(asked.get(1).changedFrom());
        assertEquals("CN=good", asked.get(1).subject());

        try (FakeGateway changed = server("other", port)) {
            open(changed, new Trust(null, null, pins(), answering(true)));
        }
        assertEquals(fingerprint("good"), asked.get(2).changedFrom());
        assertEquals(fingerprint("other"), pins().get("127.0.0.1", port));
    }

    @Test
    void silenceInsideTlsIsTimedOut() throws Exception {
        try (FakeGateway gateway = server("good", 0, "HTTP/1.1 200 OK")) {
            Target target = Target.parse("https://127.0.0.1:" + gateway.port() + "/");
            Trust trust = new Trust(folder.resolve("good.pem"), null, pins(), null);
            Dialer dialer = new Dialer(trust, ProxyChoice.system(), new Timeouts(5, 5, 1));
            IOException failed = assertThrows(IOException.class, () -> dialer.open(target));
            assertEquals("The gateway has not answered within 1 seconds.", failed.getMessage());
        }
    }

    @Test
    void theReasonIsTold() throws Exception {
        try (FakeGateway expired = server("expired", 0)) {
            open(expired, new Trust(null, null, pins(), answering(true)));
        }
        assertEquals("The certificate has expired.", asked.get(0).reason());
    }

    @Test
    void pinsAreTheUsersOwn() throws IOException {
        pins().put("Host", 1, "AA");
        pins().put("host", 2, "BB");
        pins().put("HOST", 1, "CC");
        assertEquals(List.of("host:2 BB", "host:1 CC"), Files.readAllLines(pins().file()));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(pins().file())));
        assertEquals("rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(pins().file().getParent())));
    }

    @Test
    void caFilesThatAreNone() throws Exception {
        Path empty = Files.writeString(home.resolve("empty.pem"), "not a certificate\n");
        try (FakeGateway gateway = server("good", 0)) {
            for (Path file : List.of(empty, home.resolve("missing.pem"))) {
                IOException failed = assertThrows(IOException.class,
                        () -> open(gateway, new Trust(file, null, pins(), null)));
                assertTrue(failed.getMessage().contains(file.toString()), failed.getMessage());
            }
        }
    }

    @Test
    void aServerWithoutTlsIsNamed() throws IOException {
        try (FakeGateway plain = new FakeGateway("HTTP/1.1 400 Bad\r\n\r\n\r\n\r\n")) {
            Timeouts quick = new Timeouts(5, 2, 5);
            Target target = Target.parse("https://127.0.0.1:" + plain.port() + "/");
            IOException failed = assertThrows(IOException.class,
                    () -> new Dialer(new Trust(null, null, pins(), null), ProxyChoice.system(), quick).open(target));
            assertTrue(failed.getMessage().startsWith("The TLS handshake with 127.0.0.1:" + plain.port()));
        }
    }
}
