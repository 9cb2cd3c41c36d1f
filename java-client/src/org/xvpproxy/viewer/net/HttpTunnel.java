package org.xvpproxy.viewer.net;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The CONNECT request and its reply. */
final class HttpTunnel {

    private static final int MOST_HEAD_BYTES = 8192;
    private static final int MOST_BODY_BYTES = 4096;
    private static final int BODY_MILLIS = 1000;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: (.*))?");
    private static final Pattern REQUEST_ID = Pattern.compile("(?im)^x-request-id:[ \\t]*([\\x21-\\x7e]{1,100})");
    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length:[ \\t]*(\\d{1,9})[ \\t]*$");

    private HttpTunnel() {
    }

    /**
     * Sends the request and takes the reply's head, not a byte more.
     *
     * @param request path and query, or host:port for a proxy
     * @param headers further header lines, each ended by CR LF
     * @throws TunnelRefused if the status is not 200
     */
    static void connect(Socket socket, String request, String headers) throws IOException {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        out.write(("CONNECT " + request + " HTTP/1.0\r\n" + headers + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        String head = head(in);
        String first = head.lines().findFirst().orElse("");
        Matcher status = STATUS_LINE.matcher(first);
        if (!status.matches()) {
            throw new IOException("What answers there is no console gateway: its reply is not HTTP.");
        }
        int code = Integer.parseInt(status.group(1));
        if (code != 200) {
            String reason = status.group(2) == null ? "" : printable(status.group(2));
            // The refusal is known: its text may be missing, and is not worth a long wait.
            socket.setSoTimeout(BODY_MILLIS);
            Matcher id = REQUEST_ID.matcher(head);
            throw new TunnelRefused(code, reason, body(in, head), id.find() ? id.group(1) : "");
        }
    }

    /** Byte by byte: what follows the empty line belongs to RFB. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int lineLength = 0;
        while (head.size() < MOST_HEAD_BYTES) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException(head.size() == 0
                        ? "The gateway closed the connection without an answer."
                        : "The gateway closed the connection in the middle of its answer.");
            }
            head.write(next);
            if (next == '\n') {
                if (lineLength == 0) {
                    return head.toString(StandardCharsets.ISO_8859_1);
                }
                lineLength = 0;
            } else if (next != '\r') {
                lineLength++;
            }
        }
        throw new IOException("The gateway's answer has no end within " + MOST_HEAD_BYTES + " bytes.");
    }

    /** The first bytes of the refusal's text; what cannot be read is not missed. */
    private static String body(InputStream in, String head) {
        Matcher length = LENGTH.matcher(head);
        int most = Math.min(MOST_BODY_BYTES, length.find() ? Integer.parseInt(length.group(1)) : MOST_BODY_BYTES);
        byte[] bytes = new byte[most];
        int have = 0;
        try {
            while (have < most) {
                int got = in.read(bytes, have, most - have);
                if (got < 0) {
                    break;
                }
                have += got;
            }
        } catch (IOException e) {
            System.getLogger(HttpTunnel.class.getName()).log(System.Logger.Level.DEBUG, "reading a refusal", e);
        }
        return printable(new String(bytes, 0, have, StandardCharsets.UTF_8));
    }

    private static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}&&[^\\n]]", "").strip();
    }
}
