package dev.drydock.app;

import com.sun.net.httpserver.HttpServer;
import dev.drydock.adapter.http.JdkNetwork;
import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.adapter.ssh.SshHostShell;
import dev.drydock.kube.ClusterClient;
import dev.drydock.port.DatabaseAccess;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import dev.drydock.probe.HostFacts;
import dev.drydock.task.LookTask;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * Goes through a start and a stop, so that a JVM which records an AOT cache (JEP 514) sees the
 * classes that both entry points load. The API server that it meets has nothing in it.
 */
final class Rehearsal {
  private static final Duration WHILE = Duration.ofSeconds(3);

  private Rehearsal() {}

  static void run() throws InterruptedException {
    HttpServer server = emptyApiServer();
    try {
      var client =
          ClusterClient.create(
              new ConfigBuilder()
                  .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                  .withNamespace("rehearsal")
                  .build());
      var settings =
          Settings.of(Map.of("DRYDOCK_HTTP_PORT", "0", "DRYDOCK_LEADER_ELECTION", "false"));
      try (var process = new OperatorProcess(client, settings, Clock.systemUTC(), () -> {})) {
        process.start();
        look();
        Thread.sleep(WHILE);
      }
    } finally {
      server.stop(0);
    }
  }

  /** A look that gets no further than the key. */
  private static void look() throws InterruptedException {
    try (var shell = new SshHostShell();
        var network = new JdkNetwork()) {
      var nobody =
          new HostAccess(
              "rehearsal/host",
              "127.0.0.1",
              1,
              "nobody",
              new Identity("no key", null, null),
              List.of(),
              null);
      var _ = shell.look(nobody, HostFacts.script(), WHILE);
      var database = new PgDatabase();
      var _ =
          database.examine(
              new DatabaseAccess("127.0.0.1", 1, "none", "nobody", "none", "prefer"), true, WHILE);
      var _ =
          new LookTask(
                  shell,
                  network,
                  database,
                  Clock.systemUTC(),
                  Path.of("/nonexistent"),
                  Path.of("/dev/null"),
                  null)
              .run();
    }
  }

  private static HttpServer emptyApiServer() {
    try {
      var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext(
          "/",
          exchange -> {
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            byte[] body =
                (query.contains("watch=true")
                        ? ""
                        : "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":"
                            + "{\"resourceVersion\":\"1\"},\"items\":[]}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
