package org.xvpproxy.viewer.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

/** Opens a connection up to the first byte of RFB. */
public final class Dialer {

    private static final System.Logger LOG = System.getLogger(Dialer.class.getName());

    private final Trust trust;
    private final ProxyChoice proxies;
    private final Timeouts timeouts;
    private Socket pending;
    private boolean cancelled;

    public Dialer(Trust trust, ProxyChoice proxies, Timeouts timeouts) {
        this.trust = trust;
        this.proxies = proxies;
        this.timeouts = timeouts;
    }

    /**
     * Blocks until the stream is ready for RFB.
     *
     * @throws TunnelRefused if the gateway says no
     * @throws CertificateRefused if its certificate is not trusted
     * @throws IOException with one sentence for anything else
     */
    public Transport open(Target target) throws IOException {
        if (target.kind() == Target.Kind.WEBSOCKET) {
            throw new IOException("This access URL is for browsers (WebSocket), which is not available in this"
                    + " version; ask for one of type xvpvnc.");
        }
        Transport transport = attempt(target);
        if (transport == null) {
            transport = attempt(target);
        }
        if (transport == null) {
            throw new IOException("The certificate of " + target.display() + " changed while it was looked at.");
        }
        return transport;
    }

    /** Makes an {@link #open} in progress, and every later one, fail at once. Any thread may call. */
    public synchronized void cancel() {
        cancelled = true;
        if (pending != null) {
            try {
                pending.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "cancelling", e);
            }
        }
    }

    private synchronized Socket watched(Socket socket) throws IOException {
        if (cancelled) {
            socket.close();
            throw new IOException("Connecting was cancelled.");
        }
        pending = socket;
        return socket;
    }

    /** Null if the user was asked about the certificate: the gateway does not wait that long, so dial anew. */
    private Transport attempt(Target target) throws IOException {
        LOG.log(System.Logger.Level.INFO, "connecting to {0}", target.display());
        Socket socket = dial(target);
        try {
            if (target.tls()) {
                Tls tls = handshake(socket, target, trust, timeouts, false);
                if (tls.judge(trust)) {
                    socket.close();
                    return null;
                }
                socket = tls.socket();
            }
            if (target.kind() == Target.Kind.CONNECT) {
                tunnel(socket, target.requestPath(), "", "The gateway");
            }
            return new SocketTransport(socket, target, target.tls(), trust, timeouts);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    static Tls handshake(Socket socket, Target target, Trust trust, Timeouts timeouts, boolean anonymous)
            throws IOException {
        Deadline deadline = new Deadline(socket, timeouts.tlsSeconds(), "The TLS handshake with "
                + target.display() + " was not done within " + timeouts.tlsSeconds() + " seconds.");
        try (deadline) {
            return Tls.handshake(socket, target.host(), target.port(), trust, anonymous);
        } catch (IOException e) {
            throw deadline.explain(e);
        }
    }

    private void tunnel(Socket socket, String request, String headers, String who) throws IOException {
        Deadline deadline = new Deadline(socket, timeouts.replySeconds(),
                who + " has not answered within " + timeouts.replySeconds() + " seconds.");
        try (deadline) {
            HttpTunnel.connect(socket, request, headers);
        } catch (IOException e) {
            throw deadline.explain(e);
        }
    }

    private Socket dial(Target target) throws IOException {
        Proxy proxy = proxies.proxyFor(target);
        switch (proxy.type()) {
            case HTTP -> {
                InetSocketAddress address = (InetSocketAddress) proxy.address();
                Socket socket = direct(address.getHostString(), address.getPort(), "the proxy ");
                try {
                    String login = proxies.authorization();
                    tunnel(socket, target.display(),
                            login == null ? "" : "Proxy-Authorization: " + login + "\r\n", "The proxy");
                    return socket;
                } catch (IOException e) {
                    socket.close();
                    throw e instanceof TunnelRefused refused ? proxyRefused(address, target, refused) : e;
                }
            }
            case SOCKS -> {
                return connect(new Socket(proxy), InetSocketAddress.createUnresolved(target.host(), target.port()),
                        target.display() + " through the SOCKS proxy");
            }
            default -> {
                return direct(target.host(), target.port(), "");
            }
        }
    }

    /** The proxy's refusal is not the gateway's: the advice would be wrong. */
    private static IOException proxyRefused(InetSocketAddress proxy, Target target, TunnelRefused refused) {
        return refused.status() == 407 ? refused
                : new IOException("The proxy " + Target.authority(proxy.getHostString(), proxy.getPort())
                        + " refused to connect to " + target.display() + ": " + refused.status() + " "
                        + refused.reason() + ".", refused);
    }

    private Socket direct(String host, int port, String what) throws IOException {
        IOException failure = null;
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("The host name " + host + " cannot be resolved.", e);
        }
        for (InetAddress address : addresses) {
            try {
                return connect(new Socket(Proxy.NO_PROXY), new InetSocketAddress(address, port),
                        what + Target.authority(host, port));
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private Socket connect(Socket socket, InetSocketAddress address, String what) throws IOException {
        try {
            watched(socket);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(address, timeouts.connectSeconds() * 1000);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException(describe(e, what), e);
        }
    }

    private synchronized String describe(IOException error, String what) {
        if (cancelled) {
            return "Connecting was cancelled.";
        }
        if (error instanceof SocketTimeoutException) {
            return "No answer from " + what + " within " + timeouts.connectSeconds() + " seconds.";
        }
        if (error instanceof NoRouteToHostException) {
            return "There is no way to " + what + " from here.";
        }
        if (error instanceof ConnectException) {
            return "Nothing listens at " + what + " (connection refused).";
        }
        return "Connecting to " + what + " failed: " + error.getMessage() + ".";
    }
}
