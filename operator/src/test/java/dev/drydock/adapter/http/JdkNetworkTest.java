package dev.drydock.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Kind;
import dev.drydock.port.Network.Page;
import dev.drydock.port.Network.Unanswered;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdkNetworkTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofSeconds(10);

  private final JdkNetwork network = new JdkNetwork();

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] posted = exchange.getRequestBody().readAllBytes();
          String path = exchange.getRequestURI().getPath();
          byte[] body =
              switch (path) {
                case "/long" -> "x".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
                case "/echo" -> posted;
                default -> "{\"ok\":true}".getBytes(StandardCharsets.UTF_8);
              };
          if (path.equals("/away")) {
            exchange.getResponseHeaders().add("Location", "/ok");
          }
          if (path.equals("/slow")) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(body);
            exchange.getResponseBody().flush();
            // And never ends.
            return;
          }
          exchange.sendResponseHeaders(path.equals("/away") ? 302 : 200, body.length);
          try (exchange;
              var output = exchange.getResponseBody()) {
            output.write(body);
          } catch (IOException e) {
            // The client has had enough.
          }
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    network.close();
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  @Test
  void fetchesAndPosts() {
    assertThat(network.fetch(url("/ok"), null, 100, LONG))
        .isEqualTo(new Answered<>(new Page(200, "{\"ok\":true}", false)));
    assertThat(network.fetch(url("/echo"), "[\"1\"]", 100, LONG))
        .isEqualTo(new Answered<>(new Page(200, "[\"1\"]", false)));
  }

  @Test
  void keepsTheBeginningOfALongAnswer() {
    assertThat(network.fetch(url("/long"), null, 1000, LONG))
        .isEqualTo(new Answered<>(new Page(200, "x".repeat(1000), true)));
  }

  @Test
  void followsNoRedirect() {
    assertThat(network.fetch(url("/away"), null, 100, LONG))
        .isInstanceOfSatisfying(
            Answered.class, answer -> assertThat(((Page) answer.value()).status()).isEqualTo(302));
  }

  @Test
  void givesUpABodyThatDoesNotEnd() {
    assertThat(network.fetch(url("/slow"), null, 100, SECOND))
        .isEqualTo(new Unanswered<Page>(Kind.FAILED, "no answer in time"));
  }

  @Test
  void saysWhyNothingAnswers() throws IOException {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertThat(network.fetch("http://localhost:" + free + "/", null, 100, LONG))
        .isEqualTo(new Unanswered<Page>(Kind.REFUSED, "connection refused"));
    assertThat(network.converse("localhost", free, false, "x", 10, LONG))
        .isEqualTo(new Unanswered<String>(Kind.REFUSED, "connection refused"));
    assertThat(network.fetch("http://no-such-name.invalid/", null, 100, LONG))
        .isEqualTo(new Unanswered<Page>(Kind.FAILED, "no such host name"));
    assertThat(network.fetch("http://[/", null, 100, LONG))
        .isEqualTo(new Unanswered<Page>(Kind.NOT_ASKED, "the URL can't be used: correct it"));
  }

  @Test
  void conversesUntilTheOtherSideCloses() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (var socket = listener.accept()) {
                  byte[] asked = socket.getInputStream().readNBytes(4);
                  socket.getOutputStream().write(asked);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(network.converse("localhost", listener.getLocalPort(), false, "PING", 100, LONG))
          .isEqualTo(new Answered<>("PING"));
    }
  }

  @Test
  void givesUpAServerThatSaysNothing() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(network.converse("localhost", listener.getLocalPort(), false, "PING", 100, SECOND))
          .isEqualTo(new Unanswered<String>(Kind.FAILED, "no answer in time"));
      assertThat(network.certificateEnd("localhost", listener.getLocalPort(), SECOND))
          .isEqualTo(new Unanswered<Instant>(Kind.FAILED, "no answer in time"));
    }
  }

  @Test
  void readsTheEndOfACertificateThatNobodyTrusts(@TempDir Path directory) throws Exception {
    Path store = directory.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=somebody else",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    var keys = KeyStore.getInstance("PKCS12");
    try (var input = Files.newInputStream(store)) {
      keys.load(input, "secret".toCharArray());
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "secret".toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    try (var listener =
        context
            .getServerSocketFactory()
            .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                while (true) {
                  try (var socket = listener.accept()) {
                    var _ = socket.getInputStream().read();
                  } catch (IOException e) {
                    if (listener.isClosed()) {
                      return;
                    }
                  }
                }
              });
      assertThat(network.certificateEnd("localhost", listener.getLocalPort(), LONG))
          .isInstanceOfSatisfying(
              Answered.class,
              answer ->
                  assertThat((Instant) answer.value())
                      .isBetween(
                          Instant.now().plus(29, ChronoUnit.DAYS),
                          Instant.now().plus(31, ChronoUnit.DAYS)));
      // But a conversation does trust.
      assertThat(network.converse("localhost", listener.getLocalPort(), true, "PING", 100, LONG))
          .isInstanceOfSatisfying(
              Unanswered.class, answer -> assertThat(answer.message()).startsWith("TLS: "));
    }
  }
}
