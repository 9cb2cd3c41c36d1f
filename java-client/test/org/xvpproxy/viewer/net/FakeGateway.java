package org.xvpproxy.viewer.net;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A socket server that takes a request up to its empty line and answers with literal bytes. */
final class FakeGateway implements Closeable {

    private final ServerSocket listener;
    private final byte[] answer;
    private final boolean staysOpen;
    final List<String> requests = new CopyOnWriteArrayList<>();

    FakeGateway(String answer) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer, false);
    }

    /** @param staysOpen whether the connection is held after the answer until the viewer leaves */
    FakeGateway(ServerSocket listener, String answer, boolean staysOpen) {
        this.listener = listener;
        this.answer = answer.getBytes(StandardCharsets.ISO_8859_1);
        this.staysOpen = staysOpen;
        Thread thread = new Thread(this::serve, "fake gateway");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    private void serve() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread thread = new Thread(() -> answer(socket), "fake gateway connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return;
                }
                request.append((char) next);
            }
            requests.add(request.toString());
            socket.getOutputStream().write(answer);
            socket.getOutputStream().flush();
            if (staysOpen) {
                in.transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            requests.add(e.toString());
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
