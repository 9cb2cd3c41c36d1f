package org.xvpproxy.viewer.rfb;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Cut text both ways: plain Latin-1, or Unicode by the extended clipboard once the server has sent its capabilities.
 * There an owner notifies, the other side requests, the owner provides.
 */
final class ClipboardExchange {

    /** More text than anybody pastes into a console. */
    static final int MOST_BYTES = 10 << 20;

    private static final int TEXT = 1;
    private static final int CAPS = 1 << 24;
    private static final int REQUEST = 1 << 25;
    private static final int PEEK = 1 << 26;
    private static final int NOTIFY = 1 << 27;
    private static final int PROVIDE = 1 << 28;
    private static final int OURS = TEXT | CAPS | REQUEST | PEEK | NOTIFY | PROVIDE;

    private final ServerFeatures features;
    private int serverActions;
    private String offered;

    ClipboardExchange(ServerFeatures features) {
        this.features = features;
    }

    /** The messages that offer our text to the server. */
    synchronized List<byte[]> offer(String text) {
        if (!features.unicodeClipboard()) {
            return List.of(plain(text));
        }
        offered = text;
        boolean notifiable = (serverActions & NOTIFY) != 0;
        return List.of(notifiable ? extended(NOTIFY | TEXT, new byte[0]) : provide());
    }

    /** Plain cut text as it came. */
    static String text(byte[] latin1) {
        return new String(latin1, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
    }

    /**
     * Takes an extended message and queues what it calls for.
     *
     * @param in stands behind the length
     * @param length bytes of the message, at least 4
     * @return the server's text, or null if it sent none
     */
    synchronized String receive(RfbInput in, int length, MessageWriter writer) throws IOException {
        if (length < 4) {
            throw new RfbException("The console sent an extended clipboard message of " + length + " bytes.");
        }
        int flags = in.readS32();
        byte[] data = in.readBytes(length - 4);
        if ((flags & CAPS) != 0) {
            serverActions = flags;
            features.unicodeClipboard = (flags & TEXT) != 0;
            writer.cutText(extended(OURS, ByteBuffer.allocate(4).putInt(MOST_BYTES).array()));
        } else if ((flags & TEXT) == 0) {
            return null;
        } else if ((flags & PROVIDE) != 0) {
            return provided(data);
        } else if ((flags & NOTIFY) != 0) {
            writer.cutText(extended(REQUEST | TEXT, new byte[0]));
        } else if ((flags & PEEK) != 0) {
            writer.cutText(extended(NOTIFY | (offered == null ? 0 : TEXT), new byte[0]));
        } else if ((flags & REQUEST) != 0 && offered != null) {
            writer.cutText(provide());
        }
        return null;
    }

    private static String provided(byte[] data) throws RfbException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(data);
            byte[] head = new byte[4];
            inflate(inflater, head);
            int size = ByteBuffer.wrap(head).getInt();
            if (size < 0 || size > MOST_BYTES) {
                return null;
            }
            // A small message may announce much: grow with what really comes.
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] block = new byte[1 << 13];
            while (text.size() < size) {
                byte[] part = size - text.size() < block.length ? new byte[size - text.size()] : block;
                inflate(inflater, part);
                text.write(part, 0, part.length);
            }
            String string = text.toString(StandardCharsets.UTF_8);
            int end = string.indexOf('\0');
            return (end < 0 ? string : string.substring(0, end)).replace("\r\n", "\n");
        } catch (DataFormatException e) {
            throw new RfbException("The console sent a damaged clipboard.", e);
        } finally {
            inflater.end();
        }
    }

    private static void inflate(Inflater inflater, byte[] to) throws DataFormatException, RfbException {
        for (int have = 0; have < to.length;) {
            int got = inflater.inflate(to, have, to.length - have);
            if (got == 0) {
                throw new RfbException("The console sent a clipboard that is shorter than announced.");
            }
            have += got;
        }
    }

    private byte[] provide() {
        byte[] text = (offered.replace("\r\n", "\n").replace("\n", "\r\n") + "\0").getBytes(StandardCharsets.UTF_8);
        Deflater deflater = new Deflater();
        deflater.setInput(ByteBuffer.allocate(4 + text.length).putInt(text.length).put(text).array());
        deflater.finish();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] block = new byte[1 << 13];
        while (!deflater.finished()) {
            packed.write(block, 0, deflater.deflate(block));
        }
        deflater.end();
        return extended(PROVIDE | TEXT, packed.toByteArray());
    }

    private static byte[] extended(int flags, byte[] data) {
        return ByteBuffer.allocate(12 + data.length).putInt(6 << 24).putInt(-4 - data.length).putInt(flags).put(data)
                .array();
    }

    private static byte[] plain(String text) {
        StringBuilder latin1 = new StringBuilder();
        text.replace("\r\n", "\n").codePoints().forEach(c -> latin1.append(c < 256 ? (char) c : '?'));
        byte[] bytes = latin1.toString().getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(8 + bytes.length).putInt(6 << 24).putInt(bytes.length).put(bytes).array();
    }
}
