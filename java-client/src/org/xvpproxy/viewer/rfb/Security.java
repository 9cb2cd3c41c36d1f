package org.xvpproxy.viewer.rfb;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which security type to take, and the talk each one needs. */
final class Security {

    private static final int MOST_CAPABILITIES = 1 << 12;
    private static final int PLAIN = 256;
    private static final List<Integer> TLS_ANONYMOUS = List.of(257, 258, 259);
    private static final List<Integer> TLS_X509 = List.of(260, 261, 262);

    private final Settings settings;
    private final Credentials credentials;
    private boolean insideVencrypt;

    Security(Settings settings, Credentials credentials) {
        this.settings = settings;
        this.credentials = credentials;
    }

    /** @throws RfbException if none of the types is known to us */
    int choose(List<Integer> types) throws RfbException {
        List<Integer> wanted = new ArrayList<>(List.of(SecurityType.VENCRYPT));
        if (settings.vm() != null) {
            wanted.add(SecurityType.XVP);
        }
        wanted.addAll(List.of(SecurityType.TIGHT, SecurityType.NONE, SecurityType.VNC, SecurityType.XVP));
        return first(wanted, types);
    }

    private static int first(List<Integer> wanted, List<Integer> types) throws RfbException {
        for (int type : wanted) {
            if (types.contains(type)) {
                return type;
            }
        }
        throw new RfbException("The console offers only security this viewer does not know ("
                + SecurityType.names(types) + ").");
    }

    boolean insideVencrypt() {
        return insideVencrypt;
    }

    String name(int type) {
        return (insideVencrypt ? "VeNCrypt " : "") + SecurityType.name(type);
    }

    static boolean anonymous(int subType) {
        return TLS_ANONYMOUS.contains(subType);
    }

    static boolean wantsTls(int subType) {
        return anonymous(subType) || TLS_X509.contains(subType);
    }

    /** VeNCrypt's version and sub-type, up to where TLS begins. */
    int chooseVencrypt(RfbInput in, OutputStream out) throws IOException {
        int version = in.readU16();
        if (version < 2) {
            throw new RfbException("The console speaks VeNCrypt 0." + version + ", which is too old.");
        }
        out.write(new byte[] {0, 2});
        out.flush();
        if (in.readU8() != 0) {
            throw new RfbException("The console refused VeNCrypt 0.2.");
        }
        List<Integer> types = new ArrayList<>();
        for (int count = in.readU8(); count > 0; count--) {
            types.add(in.readS32());
        }
        List<Integer> wanted = new ArrayList<>(TLS_X509);
        if (settings.anonymousTls()) {
            wanted.addAll(TLS_ANONYMOUS);
        } else if (types.stream().allMatch(Security::anonymous)) {
            throw new RfbException("The console offers TLS without a certificate only, which a man in the middle can"
                    + " undo; --anonymous-tls accepts it.");
        }
        wanted.addAll(List.of(SecurityType.NONE, SecurityType.VNC, PLAIN));
        int type = first(wanted, types);
        insideVencrypt = true;
        out.write(ByteBuffer.allocate(4).putInt(type).array());
        out.flush();
        if (wantsTls(type) && in.readU8() != 1) {
            throw new RfbException("The console could not start TLS.");
        }
        return type;
    }

    /** Proves who we are; returns the scheme in force in the end: None, VncAuth or Plain. */
    int authenticate(int type, RfbInput in, OutputStream out) throws IOException {
        switch (type) {
            case SecurityType.NONE, 257, 260 -> {
                return SecurityType.NONE;
            }
            case SecurityType.VNC, 258, 261 -> {
                vnc(in, out);
                return SecurityType.VNC;
            }
            case PLAIN, 259, 262 -> {
                plain(out);
                return PLAIN;
            }
            case SecurityType.TIGHT -> {
                return authenticate(tight(in, out), in, out);
            }
            case SecurityType.XVP -> {
                xvp(out);
                vnc(in, out);
                return SecurityType.VNC;
            }
            default -> throw new RfbException("The console wants security " + SecurityType.name(type) + ".");
        }
    }

    private void vnc(RfbInput in, OutputStream out) throws IOException {
        byte[] challenge = in.readBytes(16);
        char[] password = credentials.password("VNC authentication");
        if (password == null) {
            throw new AuthenticationFailed("The console wants a password.", true);
        }
        out.write(VncAuth.response(password, challenge));
        out.flush();
        Arrays.fill(password, '\0');
    }

    private void plain(OutputStream out) throws IOException {
        UserPassword answer = credentials.userAndPassword("user name and password");
        if (answer == null) {
            throw new AuthenticationFailed("The console wants a user name and a password.", true);
        }
        byte[] user = answer.user().getBytes(StandardCharsets.UTF_8);
        ByteBuffer password = StandardCharsets.UTF_8.encode(CharBuffer.wrap(answer.password()));
        ByteBuffer message = ByteBuffer.allocate(8 + user.length + password.remaining());
        message.putInt(user.length).putInt(password.remaining()).put(user).put(password);
        out.write(message.array());
        out.flush();
        Arrays.fill(message.array(), (byte) 0);
        Arrays.fill(password.array(), (byte) 0);
        Arrays.fill(answer.password(), '\0');
    }

    /** The xvp viewer sends whom it wants to see before ordinary VNC authentication. */
    private void xvp(OutputStream out) throws IOException {
        byte[] user = shortText(settings.user(), "user name");
        byte[] vm = shortText(settings.vm(), "VM name");
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(user.length);
        message.write(vm.length);
        message.write(user);
        message.write(vm);
        out.write(message.toByteArray());
        out.flush();
    }

    private static byte[] shortText(String text, String what) throws RfbException {
        byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 255) {
            throw new RfbException("The " + what + " is longer than the 255 bytes xvp allows.");
        }
        return bytes;
    }

    /** Tunnels and authentication of the Tight type; returns the ordinary type to go on with. */
    private static int tight(RfbInput in, OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        List<Integer> tunnels = capabilities(in);
        if (!tunnels.isEmpty()) {
            if (!tunnels.contains(0)) {
                throw new RfbException("The console wants a tunnel this viewer does not know.");
            }
            data.writeInt(0);
            data.flush();
        }
        List<Integer> types = capabilities(in);
        if (types.isEmpty()) {
            return SecurityType.NONE;
        }
        int type = first(List.of(SecurityType.NONE, SecurityType.VNC), types);
        data.writeInt(type);
        data.flush();
        return type;
    }

    private static List<Integer> capabilities(RfbInput in) throws IOException {
        long count = in.readU32();
        if (count > MOST_CAPABILITIES) {
            throw new RfbException("The console announces " + count + " Tight capabilities.");
        }
        List<Integer> codes = new ArrayList<>();
        for (; count > 0; count--) {
            int code = in.readS32();
            String name = new String(in.readBytes(12), StandardCharsets.ISO_8859_1);
            boolean known = switch (code) {
                case 0 -> name.equals("TGHTNOTUNNEL");
                case SecurityType.NONE -> name.equals("STDVNOAUTH__");
                case SecurityType.VNC -> name.equals("STDVVNCAUTH_");
                default -> true;
            };
            codes.add(known ? code : -1);
        }
        return codes;
    }
}
