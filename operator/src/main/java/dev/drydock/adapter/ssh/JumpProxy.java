package dev.drydock.adapter.ssh;

import com.jcraft.jsch.ChannelDirectTCPIP;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Proxy;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Connects through another host's SSH server, as ssh's {@code -J} does (RFC 4254, 7.2). */
final class JumpProxy implements Proxy {
  private final Session jump;
  private @Nullable ChannelDirectTCPIP channel;
  private @Nullable InputStream in;
  private @Nullable OutputStream out;

  JumpProxy(Session jump) {
    this.jump = jump;
  }

  @Override
  public void connect(@Nullable SocketFactory unused, String host, int port, int timeout)
      throws JSchException, IOException {
    var direct = (ChannelDirectTCPIP) jump.openChannel("direct-tcpip");
    direct.setHost(host);
    direct.setPort(port);
    in = direct.getInputStream();
    out = direct.getOutputStream();
    channel = direct;
    direct.connect(timeout);
    if (!direct.isConnected()) {
      throw new JSchException("the jump host can't reach it");
    }
  }

  @Override
  public InputStream getInputStream() {
    return Objects.requireNonNull(in);
  }

  @Override
  public OutputStream getOutputStream() {
    return Objects.requireNonNull(out);
  }

  @Override
  public @Nullable Socket getSocket() {
    return null;
  }

  @Override
  public void close() {
    if (channel != null) {
      channel.disconnect();
    }
  }
}
