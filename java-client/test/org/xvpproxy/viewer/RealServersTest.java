package org.xvpproxy.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;

import javax.imageio.ImageIO;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xvpproxy.viewer.net.Dialer;
import org.xvpproxy.viewer.net.Pins;
import org.xvpproxy.viewer.net.ProxyChoice;
import org.xvpproxy.viewer.net.Target;
import org.xvpproxy.viewer.net.Timeouts;
import org.xvpproxy.viewer.net.Trust;
import org.xvpproxy.viewer.rfb.Framebuffer;
import org.xvpproxy.viewer.rfb.MessageWriter;
import org.xvpproxy.viewer.rfb.RfbSession;
import org.xvpproxy.viewer.rfb.Settings;

/** The jar against real servers: what it shows is what they show. */
@Timeout(240)
class RealServersTest {

    @TempDir
    Path folder;
    private Peers peers;
    private int port;

    @BeforeEach
    void prepare() throws IOException {
        peers = new Peers(folder);
        port = Peers.freePort();
    }

    @AfterEach
    void end() throws InterruptedException {
        peers.stop();
    }

    private int xvnc(String... security) throws Exception {
        Peers.need("Xvnc", "tigervnc-standalone-server");
        Peers.need("xlogo", "x11-apps");
        Peers.need("xwdtopnm", "netpbm");
        int display = Peers.freeDisplay();
        String[] common = {"Xvnc", ":" + display, "-geometry", "500x400", "-depth", "24", "-rfbport", "" + port,
            "-localhost=1", "-AlwaysShared", "-nocursor", "-BlacklistThreshold=1000", "-SecurityTypes"};
        String[] command = java.util.Arrays.copyOf(common, common.length + security.length);
        System.arraycopy(security, 0, command, common.length, security.length);
        peers.start(command);
        Peers.awaitListening(port);
        return display;
    }

    private Path passwordFile() throws IOException {
        return Files.write(folder.resolve("passwd"), HexFormat.of().parseHex("24b5ae4ce15503c6"));
    }

    private ViewerRun view(String... arguments) throws Exception {
        return ViewerRun.of(folder, arguments);
    }

    private void assertShows(Framebuffer expected, String... arguments) throws Exception {
        Path file = folder.resolve("shot.png");
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--snapshot";
        all[arguments.length + 1] = file.toString();
        ViewerRun run = view(all);
        assertEquals("", run.err());
        assertEquals(0, run.status());
        assertEquals(expected.sha256(), picture(file).sha256());
    }

    private static Framebuffer picture(Path png) throws IOException {
        BufferedImage shown = ImageIO.read(png.toFile());
        Framebuffer copy = new Framebuffer(shown.getWidth(), shown.getHeight());
        shown.getRGB(0, 0, copy.width(), copy.height(), copy.pixels(), 0, copy.width());
        return copy;
    }

    private String address() {
        return "127.0.0.1::" + port;
    }

    @Test
    void tigervncInEveryEncoding() throws Exception {
        int display = xvnc("None");
        peers.draw(display);
        Framebuffer screen = peers.screenOf(display);
        for (String encoding : new String[] {"Tight", "ZRLE", "Hextile", "RRE", "Raw"}) {
            assertShows(screen, address(), "--encoding", encoding);
        }
        assertShows(screen, "HOST", "127.0.0.1", "PORT", "" + port, "Encoding", "auto");
        assertShows(screen, "--settle", address());
        ViewerRun info = view("--info", address());
        assertTrue(info.out().contains("500x400") && info.out().contains("RFB 3.8"), info.out());
        assertTrue(info.out().matches("(?s).*continuous updates +yes.*"), info.out());
    }

    @Test
    void tigervncChangesWhileWatched() throws Exception {
        int display = xvnc("None");
        Path file = folder.resolve("later.png");
        Thread painter = new Thread(() -> {
            try {
                Thread.sleep(2500);
                peers.draw(display);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        painter.start();
        ViewerRun run = view("--snapshot", file.toString(), "--after", "7", address());
        painter.join();
        assertEquals(0, run.status(), run.err());
        assertEquals(peers.screenOf(display).sha256(), picture(file).sha256());
    }

    @Test
    void tigervncWithPassword() throws Exception {
        xvnc("VncAuth", "-PasswordFile", passwordFile().toString());
        assertEquals(0, ViewerRun.of(folder, Map.of("VNC_PASSWORD", "secret12"), "", "--info", address()).status());
        assertEquals(0, view("--password-file", passwordFile().toString(), "--info", address()).status());
        ViewerRun pair = view("--info", "HOST", "127.0.0.1", "PORT", "" + port, "PASSWORD", "secret12");
        assertEquals(0, pair.status());
        assertTrue(pair.err().contains("can be seen by other users") && !pair.err().contains("secret12"));
        ViewerRun wrong = ViewerRun.of(folder, Map.of("VNC_PASSWORD", "wrong"), "", "--info", address());
        assertEquals(1, wrong.status());
        assertTrue(wrong.err().contains("refused the password"), wrong.err());
        ViewerRun none = view("--info", address());
        assertEquals(1, none.status());
        assertTrue(none.err().contains("--password-file"), none.err());
    }

    @Test
    void tigervncWithCertificate() throws Exception {
        Peers.need("openssl", "openssl");
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        Peers.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key.toString(), "-out",
                certificate.toString(), "-days", "30", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1");
        int display = xvnc("X509None,X509Vnc", "-PasswordFile", passwordFile().toString(), "-X509Cert",
                certificate.toString(), "-X509Key", key.toString());
        peers.draw(display);
        ViewerRun refused = view("--info", address());
        assertEquals(1, refused.status());
        String fingerprint = refused.err().replaceFirst("(?s).*--fingerprint ([0-9A-F:]+).*", "$1");
        assertEquals(95, fingerprint.length(), refused.err());
        assertShows(peers.screenOf(display), "--cacert", certificate.toString(), address());
        assertShows(peers.screenOf(display), "--fingerprint", fingerprint, address());
    }

    @Test
    void tigervncWithAnonymousTls() throws Exception {
        xvnc("TLSNone");
        ViewerRun refused = view("--info", address());
        assertTrue(refused.err().contains("--anonymous-tls"), refused.err());
        ViewerRun accepted = view("--info", "--anonymous-tls", address());
        assertTrue(accepted.out().matches("(?s).*encrypted +yes.*"), accepted.out() + accepted.err());
    }

    @Test
    void tightvncInEveryEncoding() throws Exception {
        Peers.need("Xtightvnc", "tightvncserver");
        Peers.need("xlogo", "x11-apps");
        Peers.need("xwdtopnm", "netpbm");
        int display = Peers.freeDisplay();
        peers.start("Xtightvnc", ":" + display, "-geometry", "500x400", "-depth", "24", "-rfbport", "" + port,
                "-localhost", "-fp", "/usr/share/fonts/X11/misc");
        Peers.awaitListening(port);
        peers.draw(display);
        Framebuffer screen = peers.screenOf(display);
        for (String encoding : new String[] {"Tight", "CoRRE", "Zlib", "Hextile", "Raw"}) {
            assertShows(screen, address(), "--encoding", encoding);
        }
        assertTrue(view("--info", address()).out().contains("Tight None"), "security type 16");
    }

    @Test
    void x11vncOnXvfb() throws Exception {
        Peers.need("x11vnc", "x11vnc");
        Peers.need("Xvfb", "xvfb");
        Peers.need("xwdtopnm", "netpbm");
        int display = Peers.freeDisplay();
        peers.start("Xvfb", ":" + display, "-screen", "0", "500x400x24", "-noreset");
        Peers.awaitDisplay(display);
        peers.draw(display);
        peers.start("x11vnc", "-display", ":" + display, "-rfbport", "" + port, "-localhost", "-nopw", "-forever",
                "-shared", "-nocursor", "-noxrecord");
        Peers.awaitListening(port);
        Framebuffer screen = peers.screenOf(display);
        for (String encoding : new String[] {"Tight", "ZRLE", "TightPNG"}) {
            assertShows(screen, "--settle", address(), "--encoding", encoding);
        }
    }

    @Test
    void qemuIsResetByXvp() throws Exception {
        Peers.need("qemu-system-x86_64", "qemu-system-x86");
        Path control = folder.resolve("qmp");
        peers.start("qemu-system-x86_64", "-display", "none", "-vnc", "127.0.0.1:" + (port - 5900)
                + ",power-control=on", "-m", "64", "-net", "none", "-qmp", "unix:" + control + ",server=on,wait=off");
        Peers.awaitListening(port);
        ViewerRun info = view("--info", address());
        assertTrue(info.out().matches("(?s).*xvp\\) +version 1.*"), info.out() + info.err());
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(control));
            channel.write(ByteBuffer.wrap("{\"execute\": \"qmp_capabilities\"}\n".getBytes(StandardCharsets.US_ASCII)));
            reset();
            String events = "";
            ByteBuffer block = ByteBuffer.allocate(4096);
            while (!events.contains("\"RESET\"")) {
                block.clear();
                assertTrue(channel.read(block) > 0, events);
                events += new String(block.array(), 0, block.position(), StandardCharsets.UTF_8);
            }
        }
    }

    private void reset() throws Exception {
        BufferScreen screen = new BufferScreen();
        Trust trust = new Trust(null, null, new Pins(folder.resolve("pins")), null);
        Dialer dialer = new Dialer(trust, ProxyChoice.system(), Timeouts.DEFAULT);
        try (RfbSession session = RfbSession.open(dialer.open(Target.parse(address())), Settings.DEFAULT,
                Play.password(null), screen)) {
            Thread reader = new Thread(() -> {
                try {
                    session.run();
                } catch (IOException e) {
                    screen.events.add(e.getMessage());
                }
            });
            reader.start();
            for (int i = 0; i < 300 && session.features().xvpVersion() == 0; i++) {
                Thread.sleep(50);
            }
            session.writer().xvp(MessageWriter.XVP_RESET);
            Thread.sleep(1000);
        }
    }
}
