package org.xvpproxy.viewer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.xvpproxy.viewer.encodings.Encodings;
import org.xvpproxy.viewer.rfb.VncAuth;

/** Pairs NAME VALUE as the TightVNC and XVP viewers take them. */
final class NamedParameters {

    private interface Setter {
        void set(Draft draft, String value) throws Misuse;
    }

    private static final Map<String, Setter> ALL = all();

    private NamedParameters() {
    }

    /** @param words names and values in turn */
    static void apply(List<String> words, Draft draft) throws Misuse {
        for (int i = 0; i < words.size(); i += 2) {
            String name = words.get(i);
            Setter setter = ALL.get(name.toLowerCase(Locale.ROOT));
            if (setter == null) {
                throw Misuse.unknown("parameter", name, ALL.keySet());
            }
            if (i + 1 == words.size()) {
                throw new Misuse("The parameter " + name + " needs a value.");
            }
            setter.set(draft, words.get(i + 1));
        }
    }

    private static Map<String, Setter> all() {
        Map<String, Setter> all = new LinkedHashMap<>();
        all.put("url", (d, v) -> d.address = v);
        all.put("host", (d, v) -> d.host = v);
        all.put("port", (d, v) -> d.port = number("PORT", v, 1, 65535));
        all.put("password", (d, v) -> secret(d, v.toCharArray(), false));
        all.put("encpassword", (d, v) -> secret(d, decoded("ENCPASSWORD", v, true), true));
        all.put("xvppassword", (d, v) -> secret(d, decoded("XVPPASSWORD", v, false), true));
        all.put("user", (d, v) -> d.user = v);
        all.put("vm", (d, v) -> d.vm = vmName(v));
        all.put("encoding", (d, v) -> d.encoding = encoding(v));
        all.put("compression level", (d, v) -> d.compression =
                v.equalsIgnoreCase("default") ? -1 : number("Compression level", v, 0, 9));
        all.put("jpeg image quality", (d, v) -> d.quality =
                v.equalsIgnoreCase("jpeg off") ? -1 : number("JPEG image quality", v, 0, 9));
        all.put("cursor shape updates", NamedParameters::cursor);
        all.put("use copyrect", (d, v) -> d.copyRect = yes("Use CopyRect", v));
        all.put("restricted colors", (d, v) -> d.restrictedColours = yes("Restricted colors", v));
        all.put("mouse buttons 2 and 3", (d, v) -> d.swapButtons =
                choice("Mouse buttons 2 and 3", v, "Normal", "Reversed") == 1);
        all.put("view only", (d, v) -> d.viewOnly = yes("View only", v));
        all.put("read only", (d, v) -> {
            d.viewOnly = yes("Read Only", v);
            d.showControls = !d.viewOnly;
        });
        all.put("scale remote cursor", (d, v) -> d.cursorScalePercent =
                v.equalsIgnoreCase("no") ? 100 : number("Scale remote cursor", v.replace("%", ""), 25, 400));
        all.put("share desktop", (d, v) -> d.shared = yes("Share desktop", v));
        all.put("scaling factor", (d, v) -> d.scalePercent = scale("Scaling factor", v));
        all.put("show controls", (d, v) -> d.showControls = yes("Show controls", v));
        all.put("offer relogin", (d, v) -> d.offerRelogin = yes("Offer relogin", v));
        all.put("show offline desktop", (d, v) -> d.keepPicture = yes("Show offline desktop", v));
        all.put("xvpshutdown", (d, v) -> hide(d, "shutdown", v));
        all.put("xvpreboot", (d, v) -> hide(d, "reboot", v));
        all.put("xvpreset", (d, v) -> hide(d, "reset", v));
        all.put("proxyhost1", (d, v) -> d.proxyHost = v);
        all.put("proxyport1", (d, v) -> d.proxyPort = number("PROXYPORT1", v, 1, 65535));
        addWithoutMeaning(all);
        return all;
    }

    /** Applet or debugging parameters: old command lines keep working, and there is nothing left to set. */
    private static void addWithoutMeaning(Map<String, Setter> all) {
        for (String name : List.of("open new window", "socketfactory", "defer screen updates",
                "defer cursor updates", "defer update requests", "debug_xu", "debug_cu")) {
            all.put(name, (d, v) -> System.getLogger(NamedParameters.class.getName())
                    .log(System.Logger.Level.INFO, "the parameter {0} has no meaning here", name));
        }
    }

    private static void secret(Draft draft, char[] password, boolean encoded) {
        draft.warning = "A password on the command line can be seen by other users of this computer;"
                + " use --password-file or the variable VNC_PASSWORD.";
        // Whatever the order, an encoded one wins over PASSWORD.
        if (encoded || !draft.passwordEncoded) {
            draft.password = password;
            draft.passwordEncoded = encoded;
        }
    }

    private static char[] decoded(String name, String hex, boolean obfuscated) throws Misuse {
        try {
            return obfuscated ? VncAuth.reveal(hex) : VncAuth.raw(hex);
        } catch (IllegalArgumentException e) {
            throw new Misuse(name + " is not 16 hex digits.");
        }
    }

    /** A plain name, or UTF-8:hh:hh:... for names a shell or page could not hold. */
    private static String vmName(String value) throws Misuse {
        if (!value.toUpperCase(Locale.ROOT).startsWith("UTF-8:")) {
            return value;
        }
        String hex = value.substring("UTF-8:".length()).replace(":", "");
        if (!hex.matches("([0-9a-fA-F]{2})*")) {
            throw new Misuse("VM is not of the form UTF-8:hh:hh:...");
        }
        return new String(java.util.HexFormat.of().parseHex(hex), java.nio.charset.StandardCharsets.UTF_8);
    }

    static String encoding(String value) throws Misuse {
        if (value.equalsIgnoreCase("auto")) {
            return null;
        }
        if (Encodings.number(value) == null || value.equalsIgnoreCase("copyrect")) {
            throw Misuse.unknown("encoding", value, Encodings.all());
        }
        return value;
    }

    /** Percent, or 0 for "auto" and "fit". */
    static int scale(String name, String value) throws Misuse {
        boolean fit = value.equalsIgnoreCase("auto") || value.equalsIgnoreCase("fit");
        return fit ? 0 : number(name, value.replace("%", ""), 1, 1000);
    }

    private static void cursor(Draft draft, String value) throws Misuse {
        int choice = choice("Cursor shape updates", value, "Enable", "Ignore", "Disable");
        draft.localCursor = choice < 2;
        draft.drawCursor = choice == 0;
    }

    private static void hide(Draft draft, String operation, String value) throws Misuse {
        if (yes("xvp" + operation, value)) {
            draft.hidden.remove(operation);
        } else {
            draft.hidden.add(operation);
        }
    }

    private static boolean yes(String name, String value) throws Misuse {
        return choice(name, value, "Yes", "No") == 0;
    }

    private static int choice(String name, String value, String... choices) throws Misuse {
        for (int i = 0; i < choices.length; i++) {
            if (choices[i].equalsIgnoreCase(value)) {
                return i;
            }
        }
        throw new Misuse("The value of " + name + " is one of " + String.join(", ", choices) + ".");
    }

    static int number(String name, String value, int least, int most) throws Misuse {
        if (value.matches("\\d{1,9}")) {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new Misuse("The value of " + name + " is a number from " + least + " to " + most + ".");
    }
}
