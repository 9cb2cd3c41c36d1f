package org.xvpproxy.viewer.rfb;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;

import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** VNC authentication: DES with a key of eight password bytes, the bits of each mirrored. */
public final class VncAuth {

    private static final byte[] OBFUSCATION = {23, 82, 107, 6, 35, 78, 88, 7};

    private VncAuth() {
    }

    /** The 16 bytes to answer a 16-byte challenge with. Only the first eight bytes of the password count. */
    static byte[] response(char[] password, byte[] challenge) {
        ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(CharBuffer.wrap(password));
        byte[] key = new byte[8];
        bytes.get(key, 0, Math.min(8, bytes.remaining()));
        Arrays.fill(bytes.array(), (byte) 0);
        return des(Cipher.ENCRYPT_MODE, key, challenge);
    }

    /**
     * Undoes the obfuscation of ENCPASSWORD and of vncpasswd files.
     *
     * @throws IllegalArgumentException unless it is 16 hex digits
     */
    public static char[] reveal(String hex) {
        return latin1(des(Cipher.DECRYPT_MODE, OBFUSCATION.clone(), block(hex)));
    }

    /**
     * Eight raw bytes given as 16 hex digits: a one-time password of XVP's.
     *
     * @throws IllegalArgumentException unless it is 16 hex digits
     */
    public static char[] raw(String hex) {
        return latin1(block(hex));
    }

    private static byte[] block(String hex) {
        if (!hex.matches("[0-9a-fA-F]{16}")) {
            throw new IllegalArgumentException("An encoded password is 16 hex digits.");
        }
        return HexFormat.of().parseHex(hex);
    }

    private static char[] latin1(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        char[] text = new char[length];
        for (int i = 0; i < length; i++) {
            text[i] = (char) (bytes[i] & 0xff);
        }
        return text;
    }

    private static byte[] des(int mode, byte[] key, byte[] data) {
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (Integer.reverse(key[i]) >>> 24);
        }
        try {
            Cipher cipher = Cipher.getInstance("DES/ECB/NoPadding");
            cipher.init(mode, new SecretKeySpec(key, "DES"));
            return cipher.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java runtime has no DES, which VNC authentication needs.", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
