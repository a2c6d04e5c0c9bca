package dev.drydock.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** {@code /livez}, {@code /readyz} and {@code /metrics}. */
final class Endpoints implements AutoCloseable {
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;

  /**
   * Starts to serve.
   *
   * @param live whether the process is worth keeping
   * @param ready whether it has seen what is declared
   */
  Endpoints(
      int port, BooleanSupplier live, BooleanSupplier ready, PrometheusMeterRegistry registry) {
    try {
      server = HttpServer.create(new InetSocketAddress(port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port + " can't be served: DRYDOCK_HTTP_PORT", e);
    }
    server.setExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory()));
    server.createContext(
        "/",
        exchange -> {
          switch (exchange.getRequestURI().getPath()) {
            case "/livez" -> health(exchange, live.getAsBoolean());
            case "/readyz" -> health(exchange, ready.getAsBoolean());
            case "/metrics" -> answer(exchange, 200, PROMETHEUS, registry.scrape());
            default -> answer(exchange, 404, "text/plain", "not found\n");
          }
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private static void health(HttpExchange exchange, boolean good) throws IOException {
    answer(exchange, good ? 200 : 503, "text/plain", good ? "ok\n" : "not ok\n");
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
