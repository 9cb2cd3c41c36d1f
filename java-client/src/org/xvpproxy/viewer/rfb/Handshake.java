package org.xvpproxy.viewer.rfb;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.xvpproxy.viewer.net.Transport;

/** From the server's version to ServerInit. */
final class Handshake {

    private static final int MOST_REASON_BYTES = 1 << 16;

    private final Settings settings;
    private final ServerFeatures features;
    private final Security security;
    private Transport transport;
    private BoundedWait wait;
    private RfbInput in;
    private int minor;

    Handshake(Transport transport, Settings settings, Credentials credentials, ServerFeatures features) {
        this.settings = settings;
        this.features = features;
        this.security = new Security(settings, credentials);
        connected(transport);
    }

    private void connected(Transport next) {
        transport = next;
        wait = new BoundedWait(next, settings.handshakeSeconds());
        in = new RfbInput(wait);
    }

    /** The stream to go on with; TLS may have replaced the one given. */
    Transport transport() {
        return transport;
    }

    RfbInput in() {
        return in;
    }

    ServerInit run() throws IOException {
        try {
            ServerInit init = talk();
            wait.lift();
            return init;
        } catch (SocketTimeoutException e) {
            throw new RfbException("The console has not finished the handshake within "
                    + settings.handshakeSeconds() + " seconds.", e);
        } catch (EOFException e) {
            throw new RfbException("The console closed the connection during the handshake.", e);
        } catch (SocketException e) {
            throw new RfbException("The connection broke during the handshake: " + e.getMessage() + ".", e);
        }
    }

    private ServerInit talk() throws IOException {
        version();
        int type = chooseType();
        if (type == SecurityType.VENCRYPT) {
            type = vencrypt();
        }
        String name = security.name(type);
        boolean tight = type == SecurityType.TIGHT;
        int scheme = security.authenticate(type, in, transport.out());
        if (scheme != type) {
            name += " " + SecurityType.name(scheme);
        }
        features.security = name;
        boolean silent = minor < 8 && scheme == SecurityType.NONE && !security.insideVencrypt();
        if (!silent) {
            securityResult(scheme);
        }
        transport.out().write(settings.shared() ? 1 : 0);
        transport.out().flush();
        ServerInit init = ServerInit.read(in);
        if (tight) {
            skipTightCapabilities();
        }
        features.protocolVersion = "3." + minor;
        features.name = init.name();
        return init;
    }

    private void version() throws IOException {
        byte[] banner = in.readBytes(12);
        String text = new String(banner, StandardCharsets.ISO_8859_1);
        if (!text.matches("RFB \\d{3}\\.\\d{3}\n")) {
            throw new RfbException("What answers there does not speak VNC (RFB).");
        }
        int major = Integer.parseInt(text.substring(4, 7));
        int theirs = Integer.parseInt(text.substring(8, 11));
        if (major < 3) {
            throw new RfbException("The console speaks RFB " + major + "." + theirs + ", which is too old.");
        }
        minor = major > 3 || theirs >= 8 ? 8 : theirs == 7 ? 7 : 3;
        transport.out().write(("RFB 003.00" + minor + "\n").getBytes(StandardCharsets.US_ASCII));
        transport.out().flush();
    }

    private int chooseType() throws IOException {
        if (minor == 3) {
            long type = in.readU32();
            if (type == 0) {
                throw refused();
            }
            return security.choose(List.of((int) Math.min(type, 255)));
        }
        int count = in.readU8();
        if (count == 0) {
            throw refused();
        }
        List<Integer> offered = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            offered.add(in.readU8());
        }
        int type = security.choose(offered);
        transport.out().write(type);
        transport.out().flush();
        return type;
    }

    /** VeNCrypt up to the end of its TLS handshake; returns the sub-type. */
    private int vencrypt() throws IOException {
        int subType = security.chooseVencrypt(in, transport.out());
        if (Security.wantsTls(subType)) {
            if (in.available() > 0) {
                throw new RfbException("The console sent data in the clear where TLS should begin.");
            }
            connected(transport.startTls(Security.anonymous(subType)));
        }
        return subType;
    }

    private void securityResult(int scheme) throws IOException {
        long result = in.readU32();
        if (result == 0) {
            return;
        }
        String reason = result == 2 ? "Too many attempts." : "";
        if (minor >= 8) {
            reason = printable(in.readText(MOST_REASON_BYTES, "a reason"));
        }
        if (scheme == SecurityType.NONE) {
            throw new RfbException("The console refused the connection" + because(reason));
        }
        throw new AuthenticationFailed("The console refused the password" + because(reason), false);
    }

    private RfbException refused() throws IOException {
        return new RfbException("The console refused the connection"
                + because(printable(in.readText(MOST_REASON_BYTES, "a reason"))));
    }

    private static String because(String reason) {
        return reason.isEmpty() ? "." : ": " + reason + (reason.endsWith(".") ? "" : ".");
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }

    private void skipTightCapabilities() throws IOException {
        long count = in.readU16() + in.readU16() + (long) in.readU16();
        in.skip(2 + 16 * count);
    }
}
