package org.xvpproxy.viewer.rfb;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Numbers and names of RFB security types. */
final class SecurityType {

    static final int NONE = 1;
    static final int VNC = 2;
    static final int TIGHT = 16;
    static final int VENCRYPT = 19;
    static final int XVP = 22;

    private static final Map<Integer, String> NAMES = Map.ofEntries(Map.entry(NONE, "None"), Map.entry(VNC, "VncAuth"),
            Map.entry(5, "RA2"), Map.entry(6, "RA2ne"), Map.entry(TIGHT, "Tight"), Map.entry(17, "Ultra"),
            Map.entry(18, "TLS"), Map.entry(VENCRYPT, "VeNCrypt"), Map.entry(20, "SASL"), Map.entry(21, "MD5"),
            Map.entry(XVP, "xvp"), Map.entry(30, "Diffie-Hellman"), Map.entry(113, "MSLogonII"),
            Map.entry(129, "RA2-256"), Map.entry(130, "RA2ne-256"), Map.entry(256, "Plain"),
            Map.entry(257, "TLSNone"), Map.entry(258, "TLSVnc"), Map.entry(259, "TLSPlain"),
            Map.entry(260, "X509None"), Map.entry(261, "X509Vnc"), Map.entry(262, "X509Plain"),
            Map.entry(263, "TLSSASL"), Map.entry(264, "X509SASL"));

    private SecurityType() {
    }

    static String name(int type) {
        return NAMES.getOrDefault(type, "type " + type);
    }

    static String names(List<Integer> types) {
        return types.stream().map(SecurityType::name).collect(Collectors.joining(", "));
    }
}
