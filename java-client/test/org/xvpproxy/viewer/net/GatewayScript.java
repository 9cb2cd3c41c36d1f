package org.xvpproxy.viewer.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A gateway of literal bytes for tests outside this package. */
public final class GatewayScript implements Closeable {

    private final FakeGateway gateway;

    public GatewayScript(String answer) throws IOException {
        // Held open: a gateway that hangs up at once may reset what the viewer has not read yet.
        gateway = new FakeGateway(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer, true);
    }

    public int port() {
        return gateway.port();
    }

    public int requests() {
        return gateway.requests.size();
    }

    @Override
    public void close() throws IOException {
        gateway.close();
    }
}
