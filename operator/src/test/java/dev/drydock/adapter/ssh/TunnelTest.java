package dev.drydock.adapter.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;
import dev.drydock.port.HostShell.Tunnel;
import dev.drydock.port.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ways through a host, by a real sshd. */
class TunnelTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @SuppressWarnings("NullAway.Init")
  private static Sshd sshd;

  @SuppressWarnings("NullAway.Init")
  private static ServerSocket greeter;

  private final SshHostShell shell = new SshHostShell();

  @BeforeAll
  static void start() throws IOException {
    sshd = Sshd.start();
    greeter = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (!greeter.isClosed()) {
                try (Socket socket = greeter.accept()) {
                  socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                  // The next one.
                }
              }
            });
  }

  @AfterAll
  static void stop() throws IOException {
    greeter.close();
    sshd.close();
  }

  @AfterEach
  void close() {
    shell.close();
  }

  private static String read(int port) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private Tunnel open() {
    return (Tunnel) shell.forward(sshd.access(), "localhost", greeter.getLocalPort(), LONG);
  }

  @Test
  void leadsToWhatTheHostReaches() throws IOException {
    try (Tunnel one = open();
        Tunnel other = open()) {
      assertThat(one.port()).isNotEqualTo(other.port());
      assertThat(read(one.port())).isEqualTo("hello");
      assertThat(read(other.port())).isEqualTo("hello");
      assertThat(read(one.port())).as("again").isEqualTo("hello");
    }
  }

  @Test
  void endsWhenItIsClosed() {
    Tunnel tunnel = open();
    tunnel.close();
    tunnel.close();
    assertThatThrownBy(() -> read(tunnel.port())).isInstanceOf(IOException.class);
  }

  @Test
  void endsWithTheSession() {
    Tunnel tunnel = open();
    shell.forget(sshd.access().name());
    await()
        .untilAsserted(
            () -> assertThatThrownBy(() -> read(tunnel.port())).isInstanceOf(IOException.class));
    tunnel.close();
  }

  @Test
  void isOpenedWhileAScriptRuns() throws Exception {
    assertThat(shell.look(sshd.access(), Script.of("true", List.of()), LONG))
        .isInstanceOf(Completed.class);
    var script =
        CompletableFuture.supplyAsync(
            () -> shell.look(sshd.access(), Script.of("sleep 4", List.of()), LONG),
            command -> Thread.ofVirtual().start(command));
    try (Tunnel tunnel = open()) {
      assertThat(read(tunnel.port())).isEqualTo("hello");
      assertThat(script).as("nobody waited for its end").isNotDone();
    }
    assertThat(script.get()).isInstanceOf(Completed.class);
  }

  @Test
  void closesAtOnceWhereNobodyListens() throws IOException {
    int free = Sshd.freePort();
    try (var tunnel = (Tunnel) shell.forward(sshd.access(), "localhost", free, LONG)) {
      assertThat(read(tunnel.port())).isEmpty();
      assertThat(read(tunnel.port())).as("and goes on doing so").isEmpty();
    }
    try (Tunnel tunnel = open()) {
      assertThat(read(tunnel.port())).as("the session is none the worse").isEqualTo("hello");
    }
  }

  @Test
  void saysThatTheHostDoesNotAnswer() {
    HostAccess gone =
        new HostAccess(
            "test/gone",
            "127.0.0.1",
            Sshd.freePort(),
            Sshd.USER,
            sshd.access().identity(),
            sshd.access().hostKeys(),
            null);
    assertThat(shell.forward(gone, "localhost", 1, Duration.ofSeconds(2)))
        .isInstanceOfSatisfying(
            Failed.class, failed -> assertThat(failed.failure()).isEqualTo(Failure.UNREACHABLE));
  }
}
