package dev.fanfare.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Between a client and its server, on loopback: forwards connections, refuses them, or swallows what they say. */
public final class TcpProxy implements AutoCloseable {
    private static final int BUFFER = 16 << 10;

    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final int port;
    private volatile int target;
    private volatile boolean swallowing;
    private ServerSocket listener;

    private TcpProxy(int target) throws IOException {
        this.target = target;
        this.listener = listen(0);
        this.port = listener.getLocalPort();
    }

    /** Listens on a free port and forwards to that one of this machine. */
    public static TcpProxy to(int target) throws IOException {
        return new TcpProxy(target);
    }

    public int port() {
        return port;
    }

    /** Connections that have come so far. */
    public int connections() {
        return accepted.get();
    }

    /** From now on new connections are forwarded to that port. */
    public synchronized void forward(int to) throws IOException {
        target = to;
        swallowing = false;
        if (listener.isClosed()) {
            listener = listen(port);
        }
    }

    /** Closes all connections; new ones are refused. */
    public synchronized void refuse() throws IOException {
        listener.close();
        links.forEach(Link::close);
    }

    /** All connections, and new ones, stay open, and nothing comes through them any more. */
    public void swallow() {
        swallowing = true;
        links.forEach(link -> link.silent = true);
    }

    @Override
    public void close() throws IOException {
        refuse();
    }

    private ServerSocket listen(int on) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), 256);
        start(() -> acceptAll(socket));
        return socket;
    }

    private void acceptAll(ServerSocket from) {
        try {
            while (true) {
                Link link = new Link(from.accept());
                accepted.incrementAndGet();
                links.add(link);
                link.open();
                if (from.isClosed()) {
                    link.close();
                }
            }
        } catch (IOException closed) {
            // no more
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "tcp-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** One client's connection and the one to the server that it is forwarded to. */
    private final class Link {
        private final Socket client;
        private volatile @Nullable Socket server;
        private volatile boolean silent;

        Link(Socket client) {
            this.client = client;
        }

        void open() {
            silent = swallowing;
            try {
                client.setTcpNoDelay(true);
                Socket opened = new Socket(InetAddress.getLoopbackAddress(), target);
                opened.setTcpNoDelay(true);
                server = opened;
                start(() -> pump(client, opened));
                start(() -> pump(opened, client));
            } catch (IOException refused) {
                close();
            }
        }

        private void pump(Socket from, Socket to) {
            byte[] bytes = new byte[BUFFER];
            try {
                for (int read = 0; read >= 0; read = from.getInputStream().read(bytes)) {
                    if (!silent) {
                        to.getOutputStream().write(bytes, 0, read);
                    }
                }
            } catch (IOException broken) {
                // the end as well
            }
            // a client that hears nothing any more does not hear of the server's end either
            if (!silent || from == client) {
                close();
            }
        }

        void close() {
            links.remove(this);
            closeQuietly(client);
            closeQuietly(server);
        }

        private static void closeQuietly(@Nullable Socket socket) {
            try {
                if (socket != null) {
                    socket.close();
                }
            } catch (IOException ignored) {
                // it is not used again
            }
        }
    }
}
