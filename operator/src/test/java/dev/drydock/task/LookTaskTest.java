package dev.drydock.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.adapter.http.JdkNetwork;
import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.adapter.postgres.Postgres;
import dev.drydock.adapter.ssh.SshHostShell;
import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.port.HostShell;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Demand.Logs.Extent;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Unknown;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.LookAssignment.Target;
import dev.drydock.probe.LookResult;
import dev.drydock.probe.LookResult.HostResult;
import dev.drydock.probe.Metric;
import dev.drydock.probe.RedisServer;
import dev.drydock.work.FakeHosts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod's whole look at a database and a Redis server that ask for passwords. */
class LookTaskTest {
  private static final String REDIS_PASSWORD = "o'dd \"p@ss $HOME\\";

  @SuppressWarnings("NullAway.Init")
  private static Sshd sshd;

  @SuppressWarnings("NullAway.Init")
  private static Postgres postgres;

  @SuppressWarnings("NullAway.Init")
  private static RedisServer redis;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @BeforeAll
  static void start() {
    sshd = Sshd.start();
    postgres = Postgres.start();
    postgres.execute("CREATE TABLE bare (id int)");
    redis = RedisServer.start("--requirepass", REDIS_PASSWORD);
  }

  @AfterAll
  static void stop() {
    redis.close();
    postgres.close();
    sshd.close();
  }

  private void secret(String kind, String name, Map<String, String> values) throws IOException {
    Path secret = Files.createDirectories(directory.resolve(kind).resolve(name));
    // As the kubelet lays them out.
    Path data = Files.createDirectory(secret.resolve("..data"));
    for (Map.Entry<String, String> value : values.entrySet()) {
      Files.writeString(data.resolve(value.getKey()), value.getValue());
      Files.createSymbolicLink(secret.resolve(value.getKey()), Path.of("..data", value.getKey()));
    }
  }

  private HostResult look(Map<String, Demand> demands) throws Exception {
    try (var shell = new SshHostShell()) {
      return look(shell, demands);
    }
  }

  private HostResult look(HostShell shell, Map<String, Demand> demands) throws Exception {
    return look(shell, demands, Clock.systemUTC(), null);
  }

  private HostResult look(
      HostShell shell, Map<String, Demand> demands, Clock clock, @Nullable String job)
      throws Exception {
    secret("identities", "key", Map.of("ssh-privatekey", sshd.text("user")));
    secret(
        "credentials",
        "db",
        Map.of(
            "host",
            "localhost",
            "port",
            "" + postgres.port(),
            "dbname",
            "shop",
            "username",
            postgres.access().user(),
            "password",
            Postgres.PASSWORD + "\n"));
    secret(
        "credentials",
        "db-wrong",
        Map.of("uri", "postgresql://drydock:wr0ng@127.0.0.1:" + postgres.port() + "/shop"));
    secret("credentials", "redis", Map.of("password", REDIS_PASSWORD + "\n"));
    secret("credentials", "redis-wrong", Map.of("password", "wr0ng", "username", "default"));
    secret("credentials", "empty", Map.of("user", "x"));
    var assignment =
        new LookAssignment(
            "0 * * * *",
            "Etc/UTC",
            List.of(
                new Target(
                    "a",
                    new Reach(
                        "n/a",
                        "127.0.0.1",
                        sshd.port(),
                        Sshd.USER,
                        "key",
                        List.of(sshd.publicKey("host_ed25519")),
                        null),
                    15_000,
                    demands)));
    Files.createDirectories(directory.resolve("assignment"));
    Files.writeString(directory.resolve("assignment/assignment.json"), assignment.toJson());
    Path message = directory.resolve("message");
    try (var network = new JdkNetwork()) {
      int status =
          new LookTask(shell, network, new PgDatabase(), clock, directory, message, job).run();
      assertThat(status).isZero();
    }
    String text = Files.readString(message);
    assertThat(text).doesNotContain("wr0ng", Postgres.PASSWORD, "o'dd");
    return LookResult.decode(text).orElseThrow().hosts().getFirst();
  }

  private static Demand database(String secret, boolean viaHost) {
    return new Demand.Postgresql(secret, viaHost, 80, 0, 20, 50, 60_000L);
  }

  private static Demand redis(String secret, boolean viaHost, int limit) {
    return new Demand.Redis("127.0.0.1", redis.port(), false, viaHost, limit, secret);
  }

  @Test
  void asksDirectlyAndThroughTheHost() throws Exception {
    HostResult result =
        look(
            Map.of(
                "db", database("db", false),
                "db-via", database("db", true),
                "redis", redis("redis", false, 50),
                "redis-via", redis("redis", true, 50),
                "memory", new Demand.Memory(1L, null)));
    assertThat(result.unseen()).isNull();
    for (String check : List.of("db", "db-via")) {
      assertThat(result.finding(check))
          .isEqualTo(
              new Bad(
                  "1 table without key",
                  "database shop at localhost:"
                      + postgres.port()
                      + ": 1 table has no primary key: public.bare; the limit is 0"));
      assertThat(result.measured())
          .filteredOn(figure -> figure.metric() == Metric.DATABASE_SIZE)
          .filteredOn(figure -> figure.check().equals(check))
          .singleElement()
          .satisfies(figure -> assertThat(figure.value()).isGreaterThan(1_000_000));
    }
    assertThat(result.finding("redis")).isInstanceOf(Finding.Fine.class);
    assertThat(result.finding("redis-via")).isInstanceOf(Finding.Fine.class);
    assertThat(result.vitals()).isNotEmpty();
  }

  @Test
  void readsLogsFromTheLastDueTimeOnThoughItIsLateItself() throws Exception {
    var scripts = new ArrayList<String>();
    var shell =
        new FakeHosts(
            (_, script) -> {
              scripts.add(script);
              return FakeHosts.ended(0, "");
            });
    Instant due = Instant.parse("2026-11-23T13:00:00Z");
    look(
        shell,
        Map.of("e", new Demand.Logs(null, null, "/a.log", "ERROR", 3600, 0, Extent.LAST_LOOK)),
        Clock.fixed(due.plusSeconds(30), ZoneOffset.UTC),
        "fleet-look-" + due.getEpochSecond() / 60);
    assertThat(scripts).singleElement().asString().contains("'ERROR' '3635'");
  }

  @Test
  void takesNoHostForHealthyThatItFailedToLookAt() throws Exception {
    var shell =
        new FakeHosts(
            (_, _) -> {
              throw new NoClassDefFoundError("dev/drydock/probe/Gone");
            });
    HostResult result = look(shell, Map.of("memory", new Demand.Memory(1L, null)));
    assertThat(result.unseen()).isEqualTo("the pod could not look: NoClassDefFoundError");
  }

  @Test
  void saysWhichPasswordIsWrong() throws Exception {
    HostResult result =
        look(
            Map.of(
                "db", database("db-wrong", true),
                "redis", redis("redis-wrong", false, 50),
                "redis-via", redis("redis-wrong", true, 50)));
    assertThat(result.finding("db"))
        .isInstanceOfSatisfying(
            Bad.class,
            bad ->
                assertThat(bad.message())
                    .contains("refuses the login: password authentication failed"));
    for (String check : List.of("redis", "redis-via")) {
      assertThat(result.finding(check))
          .isEqualTo(
              new Bad(
                  "login refused",
                  "Redis at 127.0.0.1:"
                      + redis.port()
                      + " refuses the user or password of the Secret redis-wrong: correct it"));
    }
  }

  @Test
  void saysWhichSecretIsMissing() throws Exception {
    HostResult result =
        look(
            Map.of(
                "db", database("none", true),
                "redis", redis("empty", false, 50),
                "redis-via", redis("none", true, 50)));
    assertThat(result.finding("db"))
        .isEqualTo(new Unknown("the Secret none was not there when the pod started: create it"));
    assertThat(result.finding("redis").message()).startsWith("the Secret empty has no password");
    assertThat(result.finding("redis-via")).isInstanceOf(Unknown.class);
  }

  @Test
  void waitsNoLongerThanItMayForADatabaseThatIsSilent() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      secret(
          "credentials",
          "silent",
          Map.of("uri", "postgresql://u:p@127.0.0.1:" + silent.getLocalPort() + "/shop"));
      long start = System.nanoTime();
      HostResult result =
          look(
              Map.of(
                  "db", database("silent", true),
                  "direct", database("silent", false),
                  "memory", new Demand.Memory(1L, null)));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(17));
      assertThat(result.finding("db").message()).endsWith("does not answer: no answer in time");
      assertThat(result.finding("direct")).isInstanceOf(Bad.class);
      assertThat(result.mentions("memory")).isFalse();
    }
  }
}
