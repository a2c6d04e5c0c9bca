package dev.drydock.adapter.postgres;

import dev.drydock.port.DatabaseAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real PostgreSQL server on a free port of localhost, with the database {@code shop}. It runs as
 * user postgres where the test runs as root, whom it refuses.
 */
public final class Postgres implements AutoCloseable {
  /** Owns nothing, and may log in. */
  public static final String GUEST = "guest";

  public static final String PASSWORD = "t0p/s:e@cret%";

  private static final String ADMIN = "drydock";
  private static final boolean ROOT = System.getProperty("user.name").equals("root");

  private final Path directory;
  private final int port;
  private final Process process;

  private Postgres(Path directory, int port, Process process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  /** Starts a server with {@code options} of postgresql.conf besides its own. */
  public static Postgres start(String... options) {
    try {
      Path directory = Files.createTempDirectory("postgres");
      Path password = Files.writeString(directory.resolve("password"), PASSWORD + "\n");
      if (ROOT) {
        execute(List.of("chown", "-R", "postgres:postgres", directory.toString()));
      }
      execute(
          asPostgres(
              binary("initdb"),
              "--no-sync",
              "--username=" + ADMIN,
              "--auth=scram-sha-256",
              "--pwfile=" + password,
              "--encoding=UTF8",
              "--locale=C",
              "-D",
              directory.resolve("data").toString()));
      Postgres postgres = launch(directory, options);
      postgres.run("postgres", "CREATE DATABASE shop");
      postgres.run("shop", "CREATE ROLE " + GUEST + " LOGIN PASSWORD '" + PASSWORD + "'");
      return postgres;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Postgres launch(Path directory, String... options) throws IOException {
    int port = freePort();
    var command =
        new ArrayList<>(
            asPostgres(binary("postgres"), "-D", directory.resolve("data").toString(), "-F"));
    Stream.concat(
            Stream.of(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "autovacuum=off",
                "max_connections=20"),
            Stream.of(options))
        .forEach(option -> command.addAll(List.of("-c", option)));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    var postgres = new Postgres(directory, port, process);
    postgres.awaitReady();
    return postgres;
  }

  /** Starts a replica of this server. */
  Postgres startStandby() {
    try {
      Path standby = Files.createTempDirectory("standby");
      Path secret =
          Files.writeString(
              standby.resolve("pgpass"),
              "*:*:*:*:" + PASSWORD.replace("\\", "\\\\").replace(":", "\\:") + "\n");
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
      if (ROOT) {
        execute(List.of("chown", "-R", "postgres:postgres", standby.toString()));
      }
      execute(
          asPostgres(
              binary("pg_basebackup"),
              "--write-recovery-conf",
              "--checkpoint=fast",
              "--no-sync",
              "-D",
              standby.resolve("data").toString(),
              "-d",
              "host=127.0.0.1 port=" + port + " user=" + ADMIN + " passfile=" + secret));
      return launch(standby);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a PgBouncer before this server, which hands its sessions around by transactions. */
  Postgres startPooler() {
    try {
      Path pooler = Files.createTempDirectory("pooler");
      int listening = freePort();
      Files.writeString(pooler.resolve("users"), "\"%s\" \"%s\"\n".formatted(ADMIN, PASSWORD));
      Files.writeString(
          pooler.resolve("config"),
          """
          [databases]
          * = host=127.0.0.1 port=%d
          [pgbouncer]
          listen_addr = 127.0.0.1
          listen_port = %d
          unix_socket_dir =
          auth_type = scram-sha-256
          auth_file = %s
          pool_mode = transaction
          ignore_startup_parameters = extra_float_digits,options
          """
              .formatted(port, listening, pooler.resolve("users")));
      if (ROOT) {
        execute(List.of("chown", "-R", "postgres:postgres", pooler.toString()));
      }
      Process process =
          new ProcessBuilder(asPostgres("pgbouncer", pooler.resolve("config").toString()))
              .redirectErrorStream(true)
              .redirectOutput(pooler.resolve("log").toFile())
              .start();
      var postgres = new Postgres(pooler, listening, process);
      postgres.awaitReady();
      return postgres;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> asPostgres(String... command) {
    var words = new ArrayList<String>();
    if (ROOT) {
      words.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    words.addAll(List.of(command));
    return words;
  }

  private static String binary(String name) throws IOException {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .map(version -> version.resolve("bin").resolve(name))
          .filter(Files::isExecutable)
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new IllegalStateException("install postgresql"))
          .toString();
    }
  }

  private static void execute(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (Connection connection = connect("postgres")) {
        connection.getMetaData();
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > end || !process.isAlive()) {
          throw new IllegalStateException(
              "postgres did not start: " + Files.readString(directory.resolve("log")), e);
        }
        Thread.onSpinWait();
      }
    }
  }

  public int port() {
    return port;
  }

  /** The server's superuser, in the database {@code shop}. */
  public DatabaseAccess access() {
    return access(ADMIN, PASSWORD);
  }

  public DatabaseAccess access(String user, String password) {
    return new DatabaseAccess("127.0.0.1", port, "shop", user, password, "prefer");
  }

  /** A connection of the superuser's. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, ADMIN, PASSWORD);
  }

  Connection connect() throws SQLException {
    return connect("shop");
  }

  /** Runs SQL in the database {@code shop}. */
  public void execute(String... sql) {
    for (String one : sql) {
      run("shop", one);
    }
  }

  void run(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The first column of the only row. */
  String ask(String sql) {
    return ask("shop", sql);
  }

  String ask(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Ends the server at once, as a crash would. */
  void stop() {
    try {
      execute(List.of("kill", "-QUIT", Long.toString(process.pid())));
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
