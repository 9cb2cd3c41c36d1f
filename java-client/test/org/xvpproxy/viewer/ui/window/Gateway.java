package org.xvpproxy.viewer.ui.window;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A gateway on the loopback address that lets everybody in, or answers everybody the same refusal. */
final class Gateway implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final int console;
    private final String refusal;

    /**
     * Starts listening.
     *
     * @param console port on the loopback address to connect to
     * @param refusal status and reason to refuse with instead, or null
     */
    Gateway(int console, String refusal) throws IOException {
        this.console = console;
        this.refusal = refusal;
        background(this::accept);
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void background(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // The other side left, or the test is over.
                return;
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket viewer = listener.accept();
            open.add(viewer);
            background(() -> serve(viewer));
        }
    }

    private void serve(Socket viewer) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = viewer.getInputStream().read();
            if (c < 0) {
                return;
            }
            head.append((char) c);
        }
        if (refusal != null) {
            String body = "Nothing to see for you.\n";
            say(viewer, "HTTP/1.1 " + refusal + "\r\nContent-Type: text/plain\r\nContent-Length: " + body.length()
                    + "\r\nConnection: close\r\nX-Request-Id: req-42\r\n\r\n" + body);
            viewer.close();
            return;
        }
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), console);
        open.add(upstream);
        say(viewer, "HTTP/1.1 200 OK\r\n\r\n");
        background(() -> copy(upstream, viewer));
        copy(viewer, upstream);
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void copy(Socket from, Socket to) throws IOException {
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        }
    }

    /** An access URL with a token that must appear nowhere. */
    String accessUrl() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/console?token=3e1b5a2c-canary";
    }

    /** Ends all sessions; new ones are welcome. */
    void drop() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        open.clear();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        drop();
    }
}
