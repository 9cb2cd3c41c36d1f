package org.xvpproxy.viewer.net;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** SOCKS 5 as far as one connection by name needs it; the far end says "RFB 003.008". */
final class FakeSocks implements Closeable {

    private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private volatile String asked;

    FakeSocks() throws IOException {
        Thread thread = new Thread(this::serve, "fake socks");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    String asked() {
        return asked;
    }

    private void serve() {
        try (Socket socket = listener.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readByte();
            in.readFully(new byte[in.readUnsignedByte()]);
            socket.getOutputStream().write(new byte[] {5, 0});
            in.readFully(new byte[4]);
            byte[] name = new byte[in.readUnsignedByte()];
            in.readFully(name);
            asked = new String(name, StandardCharsets.US_ASCII) + ":" + in.readUnsignedShort();
            socket.getOutputStream().write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 1});
            socket.getOutputStream().write("RFB 003.008\n".getBytes(StandardCharsets.US_ASCII));
            in.read();
        } catch (IOException e) {
            if (!listener.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
