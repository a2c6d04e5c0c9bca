package dev.drydock.adapter.ssh;

import dev.drydock.port.HostAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A network between the operator and a host, which can be cut and can swallow. */
final class Wire implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> ends = new CopyOnWriteArrayList<>();
  private volatile boolean stalled;
  private final AtomicInteger bytesLeft = new AtomicInteger(Integer.MAX_VALUE);

  Wire(int port) throws IOException {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  Socket near = server.accept();
                  var far = new Socket();
                  far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                  ends.addAll(List.of(near, far));
                  Thread.ofPlatform().daemon().start(() -> pump(near, far, true));
                  Thread.ofPlatform().daemon().start(() -> pump(far, near, false));
                }
              } catch (IOException e) {
                // Closed.
              }
            });
  }

  private void pump(Socket from, Socket to, boolean counted) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        int most = counted ? Math.clamp(bytesLeft.get(), 0, n) : n;
        if (!stalled) {
          to.getOutputStream().write(buffer, 0, most);
        }
        if (counted && bytesLeft.addAndGet(-n) <= 0) {
          hangUp();
          return;
        }
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // Cut.
    }
  }

  HostAccess access(Sshd host) {
    HostAccess access = host.access();
    return new HostAccess(
        "test/wire",
        "127.0.0.1",
        server.getLocalPort(),
        access.user(),
        access.identity(),
        access.hostKeys(),
        null);
  }

  void stall() {
    stalled = true;
  }

  /** Ends each connection in good order once the operator has sent so much. */
  void hangUpAfter(int bytes) {
    bytesLeft.set(bytes);
  }

  private void hangUp() {
    for (Socket end : ends) {
      try {
        end.close();
      } catch (IOException e) {
        // Closed already.
      }
    }
  }

  void cut() {
    for (Socket end : ends) {
      try {
        end.setSoLinger(true, 0);
        end.close();
      } catch (SocketException e) {
        // Closed already.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
