package org.xvpproxy.viewer.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A TCP connection, or TLS over one, with the gateway's preamble behind it. */
final class SocketTransport implements Transport {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Target target;
    private final boolean encrypted;
    private final Trust trust;
    private final Timeouts timeouts;

    SocketTransport(Socket socket, Target target, boolean encrypted, Trust trust, Timeouts timeouts)
            throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.target = target;
        this.encrypted = encrypted;
        this.trust = trust;
        this.timeouts = timeouts;
    }

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public OutputStream out() {
        return out;
    }

    @Override
    public Target target() {
        return target;
    }

    @Override
    public boolean encrypted() {
        return encrypted;
    }

    @Override
    public Transport startTls(boolean anonymous) throws IOException {
        Tls tls = Dialer.handshake(socket, target, trust, timeouts, anonymous);
        if (!anonymous) {
            tls.judge(trust);
        }
        return new SocketTransport(tls.socket(), target, true, trust, timeouts);
    }

    @Override
    public void readTimeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
