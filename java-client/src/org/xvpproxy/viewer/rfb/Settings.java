package org.xvpproxy.viewer.rfb;

/**
 * The user's wishes for a session.
 *
 * @param shared leave other viewers connected
 * @param encoding the preferred one, by name; null = automatic
 * @param compression 0-9, -1 = the server's default
 * @param quality JPEG 0-9, -1 = no JPEG
 * @param localCursor ask for the pointer's shape instead of having it drawn into the picture
 * @param anonymousTls allow TLS without certificates, which a man in the middle can undo
 * @param extendedKeys send scan codes beside keysyms where the server takes them
 * @param user for security types that want a name, or null
 * @param vm the xvp target, or null
 * @param handshakeSeconds how long the console may take in all from its version to ServerInit
 */
public record Settings(boolean shared, String encoding, int compression, int quality, boolean copyRect,
        boolean localCursor, Colours colours, boolean viewOnly, boolean anonymousTls, boolean extendedKeys,
        String user, String vm, int handshakeSeconds) {

    /** Which pixels to ask for. */
    public enum Colours {
        /** 32 bits, the framebuffer's own layout. */
        FULL,
        /** 8 bits: bgr233, for thin lines. */
        RESTRICTED,
        /** Whatever the server proposes; what a recording holds. */
        SERVER
    }

    public static final Settings DEFAULT = new Settings(true, null, -1, 6, true, true, Colours.FULL, false, false,
            true, null, null, 20);

    public Settings withEncoding(String name) {
        return new Settings(shared, name, compression, quality, copyRect, localCursor, colours, viewOnly,
                anonymousTls, extendedKeys, user, vm, handshakeSeconds);
    }

    public Settings withCompression(int level) {
        return new Settings(shared, encoding, level, quality, copyRect, localCursor, colours, viewOnly,
                anonymousTls, extendedKeys, user, vm, handshakeSeconds);
    }

    public Settings withQuality(int level) {
        return new Settings(shared, encoding, compression, level, copyRect, localCursor, colours, viewOnly,
                anonymousTls, extendedKeys, user, vm, handshakeSeconds);
    }

    public Settings withColours(Colours wanted) {
        return new Settings(shared, encoding, compression, quality, copyRect, localCursor, wanted, viewOnly,
                anonymousTls, extendedKeys, user, vm, handshakeSeconds);
    }

    public Settings withViewOnly(boolean on) {
        return new Settings(shared, encoding, compression, quality, copyRect, localCursor, colours, on,
                anonymousTls, extendedKeys, user, vm, handshakeSeconds);
    }
}
